// The RDS world: every instance and snapshot of an account in some regions, its API, and what a test or an operator of the
// local AWS does to it from outside.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Zones } from '../dns/zone.ts';
import { connectAdmin, logFileOf } from '../engines/postgres.ts';
import { postgresBinaries } from '../engines/postgres-binaries.ts';
import type { Run } from '../engines/run.ts';
import type { LocalService } from '../gateway/service.ts';
import { ports } from './addresses.ts';
import { openAuthority } from './authority.ts';
import { type Assumptions, type Context, instanceOf, publishEndpoints } from './context.ts';
import { openAnnouncements, type RdsEnvelope } from './events.ts';
import { healProcess, loseHost, returnHost } from './faults.ts';
import { type PlantedSnapshot, plantSnapshot } from './plant.ts';
import { openProvision } from './provision.ts';
import { type Ingress, openSecurityGroups } from './security-groups.ts';
import { rdsService } from './service.ts';
import { type Durations, defaultDurations, type Instance, type InstanceStatus, type RegionState } from './types.ts';

export type RdsWorldOptions = {
  readonly run: Run;
  readonly clock: Clock;
  readonly dns: { readonly zones: Pick<Zones, 'publish'> };
  readonly account: string;
  readonly regions: readonly string[];
  /** Gets every RDS event as EventBridge would. */
  readonly emit: (event: RdsEnvelope) => void;
  /** VPC security groups to begin with, beside `sg-open` (everybody) and `sg-fenced` (nobody). */
  readonly securityGroups?: Readonly<Record<string, Ingress>>;
  readonly quotas?: { readonly manualSnapshots?: number; readonly instances?: number };
  readonly durations?: Partial<Durations>;
  /** Hears what went wrong behind an action that had been accepted; by default it is printed. */
  readonly onError?: (error: unknown) => void;
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

export type RdsWorld = {
  readonly service: LocalService;
  /** The local certificate authority, PEM: what clients verify databases with. */
  readonly caFile: string;
  readonly admin: {
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
    plantSnapshot(region: string, snapshot: PlantedSnapshot): void;
    setQuota(region: string, quotas: { manualSnapshots?: number; instances?: number }): void;
    /** Changes what the world assumes where AWS's pages are silent. */
    assume(assumptions: Partial<Assumptions>): void;
    /** Adds a security group or replaces its rules. */
    securityGroup(id: string, ingress: Ingress): void;
  };
  stop(): Promise<void>;
};

/** AWS's defaults per account and region (User Guide, CHAP_Limits). */
const defaultQuotas = { manualSnapshots: 100, instances: 40 };

/** Opens an empty world; nothing runs until an instance is created. */
export const openRdsWorld = async (options: RdsWorldOptions): Promise<RdsWorld> => {
  const { run, clock, account } = options;
  const binaries = await postgresBinaries();
  const authority = await openAuthority();
  const caFile = join(run.dir, 'rds-ca.pem');
  await writeFile(caFile, authority.certificate, { mode: 0o644 });
  const regions = new Map<string, RegionState>(
    options.regions.map((name) => [
      name,
      { name, instances: new Map(), snapshots: new Map(), events: [], quotas: { ...defaultQuotas, ...options.quotas } },
    ]),
  );
  const regionOf = (name: string): RegionState => {
    const region = regions.get(name);
    if (region === undefined)
      throw new Error(`The RDS world has no region ${name}: it has ${[...regions.keys()].join(', ')}.`);
    return region;
  };
  const securityGroups = openSecurityGroups({ 'sg-open': 'all', 'sg-fenced': 'none', ...options.securityGroups });
  const onError =
    options.onError ?? ((error) => console.error('the RDS world failed behind an answered request:', error));
  let isStopped = false;

  const context: Context = {
    account,
    clock,
    regions,
    securityGroups,
    durations: { ...defaultDurations, ...options.durations },
    assumptions: { failedTakesSecurityGroups: true },
    announce: openAnnouncements(account, () => clock.now(), regionOf, options.emit),
    zones: options.dns.zones,
    provision: openProvision({ run, binaries }, authority, {
      // Until a change of groups is through, the old ones decide.
      admit: (instance, address) =>
        securityGroups.allows(
          instance.securityGroups.filter((group) => group.status !== 'adding').map((group) => group.id),
          address,
        ),
      onDeath: (instance) => {
        if (!isStopped) healProcess(context, instance);
      },
    }),
    begin: (task, onFailure) => {
      clock.at(clock.now(), async () => {
        try {
          await task();
        } catch (error) {
          if (isStopped) return;
          onFailure?.();
          onError(error);
        }
      });
    },
  };
  const all = (): Instance[] => [...regions.values()].flatMap((region) => [...region.instances.values()]);
  securityGroups.onChange(() => {
    for (const instance of all()) instance.host?.recheck();
  });
  const serverOf = (region: string, id: string) => {
    const instance = instanceOf(regionOf(region), id);
    if (instance.host === undefined) throw new Error(`${id} in ${region} has no server (status ${instance.status}).`);
    return { instance, host: instance.host };
  };
  publishEndpoints(context);

  return {
    service: rdsService(context),
    caFile,
    admin: {
      instance: (region, id) => {
        const { instance, host } = serverOf(region, id);
        return {
          status: instance.status,
          endpointName: instance.endpointName,
          address: host.address,
          port: ports.client,
          caFile,
          logFile: logFileOf(host.cluster),
          resourceId: instance.resourceId,
          sessions: host.sessions(),
          query: async (sql, values = [], database = 'postgres') => {
            const client = await connectAdmin(host.cluster, database);
            try {
              return (await client.query<Record<string, unknown>>(sql, values)).rows;
            } finally {
              await client.end();
            }
          },
        };
      },
      hostLost: (region, id) => loseHost(context, serverOf(region, id).instance),
      return_: (region, id) => returnHost(context, serverOf(region, id).instance),
      killProcess: (region, id) => serverOf(region, id).host.killProcess(),
      freeze: (region, id) => serverOf(region, id).host.freeze(),
      thaw: (region, id) => serverOf(region, id).host.thaw(),
      cutLink: (region, id) => serverOf(region, id).host.setLink(false),
      healLink: (region, id) => serverOf(region, id).host.setLink(true),
      plantSnapshot: (region, snapshot) => plantSnapshot(context, regionOf(region), snapshot),
      setQuota: (region, quotas) => {
        regionOf(region).quotas = { ...regionOf(region).quotas, ...quotas };
      },
      assume: (assumptions) => {
        Object.assign(context.assumptions, assumptions);
      },
      securityGroup: securityGroups.set,
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(all().map((instance) => instance.host?.discard()));
    },
  };
};
