// The world with servers: PostgreSQL and, where it is installed, MariaDB run, so that what is said of them is true of data.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Zones } from '../dns/zone.ts';
import { mariadbBinaries, missingMariadb } from '../engines/mariadb-binaries.ts';
import { postgresBinaries } from '../engines/postgres-binaries.ts';
import type { Run } from '../engines/run.ts';
import { portsOf } from './addresses.ts';
import { openAuthority } from './authority.ts';
import { instanceOf, publishEndpoints } from './context.ts';
import { healProcess, loseHost, returnHost } from './faults.ts';
import { openProvision } from './provision.ts';
import { composeWorld, type RdsRecords, type RecordsAdmin, type WorldOptions } from './records-world.ts';
import { mariadbServer } from './servers/mariadb-server.ts';
import { postgresServer } from './servers/postgres-server.ts';
import type { InstanceStatus } from './types.ts';

export type RdsWorldOptions = WorldOptions & {
  readonly run: Run;
  readonly dns: { readonly zones: Pick<Zones, 'publish'> };
};

/** What can be known of an instance from outside its API. */
export type InstanceView = {
  readonly status: InstanceStatus;
  readonly endpointName: string;
  readonly address: string;
  readonly port: number;
  readonly caFile: string;
  readonly logFile: string;
  readonly resourceId: string;
  /** Client connections that are carried at this moment. */
  readonly sessions: number;
  /** A superuser's query on the server itself, past the network and its faults. */
  query(sql: string, values?: unknown[], database?: string): Promise<Record<string, unknown>[]>;
};

export type RdsWorld = RdsRecords & {
  /** The local certificate authority, PEM: what clients verify databases with. */
  readonly caFile: string;
  readonly admin: RecordsAdmin & {
    instance(region: string, id: string): InstanceView;
    /** The machine is gone; RDS does not bring it back. */
    hostLost(region: string, id: string): void;
    /** kill -9 of the postmaster; RDS restarts it. */
    killProcess(region: string, id: string): void;
    freeze(region: string, id: string): void;
    thaw(region: string, id: string): void;
    /** A lost host comes back, with its data and its server. */
    return_(region: string, id: string): void;
    /** Pulls the cable between a replica and its source; the id is the replica's. */
    cutLink(region: string, replicaId: string): void;
    healLink(region: string, replicaId: string): void;
  };
};

/** Opens an empty world whose PostgreSQL and MariaDB instances have servers; fetches PostgreSQL, and runs nothing until one is created. */
export const openRdsWorld = async (options: RdsWorldOptions): Promise<RdsWorld> => {
  const { run } = options;
  const kinds = [postgresServer({ run, binaries: await postgresBinaries() })];
  // Not installed, its instances are records, as those of every other engine.
  if ((await missingMariadb()) === undefined) kinds.push(mariadbServer({ run, binaries: await mariadbBinaries() }));
  const authority = await openAuthority();
  const caFile = join(run.dir, 'rds-ca.pem');
  await writeFile(caFile, authority.certificate, { mode: 0o644 });
  const { context, regionOf, service, admin, isStopped, stop } = composeWorld(options, options.dns.zones, (admit) =>
    openProvision(kinds, authority, {
      admit,
      onDeath: (instance) => {
        if (!isStopped()) healProcess(context, instance);
      },
    }),
  );
  const serverOf = (region: string, id: string) => {
    const instance = instanceOf(regionOf(region), id);
    if (instance.host === undefined) throw new Error(`${id} in ${region} has no server (status ${instance.status}).`);
    return { instance, host: instance.host };
  };
  publishEndpoints(context);

  return {
    service,
    caFile,
    stop,
    admin: {
      ...admin,
      instance: (region, id) => {
        const { instance, host } = serverOf(region, id);
        return {
          status: instance.status,
          endpointName: instance.endpointName,
          address: host.address,
          port: portsOf(instance.settings.engine).client,
          caFile,
          logFile: host.kind.logFile(host.cluster),
          resourceId: instance.resourceId,
          sessions: host.sessions(),
          query: (sql, values = [], database) => host.kind.query(host.cluster, sql, values, database),
        };
      },
      hostLost: (region, id) => loseHost(context, serverOf(region, id).instance),
      return_: (region, id) => returnHost(context, serverOf(region, id).instance),
      killProcess: (region, id) => serverOf(region, id).host.killProcess(),
      freeze: (region, id) => serverOf(region, id).host.freeze(),
      thaw: (region, id) => serverOf(region, id).host.thaw(),
      cutLink: (region, id) => serverOf(region, id).host.setLink(false),
      healLink: (region, id) => serverOf(region, id).host.setLink(true),
    },
  };
};
