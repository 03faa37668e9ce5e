// What an instance's states mean for real servers and files: made empty, restored, made a replica, copied.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type ClusterSecrets, dataDirOf, replicationUser } from '../engines/postgres.ts';
import { drawAddress, portsOf } from './addresses.ts';
import type { Authority } from './authority.ts';
import { createHost, type Host } from './host.ts';
import type { Cluster, ServerKind, Upstream } from './servers/server-kind.ts';
import type { Instance, SnapshotFiles } from './types.ts';

/** Makes and copies servers; every method resolves when it is done and throws an EngineError when it can't be. */
export type Provision = {
  /** Whether a database of that engine has a server here; the others are records. */
  serves(instance: Instance): boolean;
  empty(instance: Instance, password: string): Promise<Host>;
  restored(instance: Instance, files: SnapshotFiles): Promise<Host>;
  replica(instance: Instance, source: Instance): Promise<Host>;
  /** Ends the replica's recovery, so that it takes writes. */
  promote(replica: Instance): Promise<void>;
  resetPassword(instance: Instance, password: string): Promise<void>;
  /** A consistent copy of the instance's data, which outlives it. */
  snapshot(instance: Instance, name: string): Promise<SnapshotFiles>;
  copy(files: SnapshotFiles, name: string): Promise<SnapshotFiles>;
  /** Takes the replica off its source, and its slot off the source, if that can be reached. */
  detach(replica: Instance, source: Instance | undefined): Promise<void>;
  /** Removes a snapshot's files. */
  forget(files: SnapshotFiles): Promise<void>;
};

/** `admit` and `onDeath` are what the world knows about an instance. */
export const openProvision = (
  kinds: readonly ServerKind[],
  authority: Authority,
  world: { admit: (instance: Instance, address: string) => boolean; onDeath: (instance: Instance) => void },
): Provision => {
  const find = (engine: string): ServerKind | undefined => kinds.find((kind) => kind.engine === engine);
  const kindOf = (engine: string): ServerKind => {
    const kind = find(engine);
    if (kind === undefined) throw new Error(`no servers of the engine ${engine} here`);
    return kind;
  };

  const hostFor = async (instance: Instance, secrets: ClusterSecrets): Promise<Host> => {
    const name = `${instance.region}-${instance.id}`;
    const kind = kindOf(instance.settings.engine);
    const ports = portsOf(kind.engine);
    const cluster: Cluster = {
      name,
      dir: await kind.run.temp(`rds-${name}`, kind.owner),
      host: await drawAddress(ports),
      port: ports.server,
      identity: await authority.issue(instance.endpointName),
      secrets,
    };
    return createHost(kind, cluster, {
      admit: (address) => world.admit(instance, address),
      onDeath: () => world.onDeath(instance),
    });
  };

  const filesFor = async (
    kind: ServerKind,
    name: string,
    secrets: ClusterSecrets,
    fill: (dir: string) => Promise<void>,
  ): Promise<SnapshotFiles> => {
    const dir = await kind.run.temp(`rds-snapshot-${name}`, kind.owner);
    try {
      await fill(dir);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
    return { engine: kind.engine, dir, secrets };
  };

  return {
    serves: ({ settings, clusterId }) => find(settings.engine) !== undefined && clusterId === undefined,
    empty: async (instance, password) => {
      const host = await hostFor(instance, { admin: secret(), replication: secret() });
      await host.kind.init(host.cluster);
      await host.start();
      const { masterUsername, databaseName } = instance.settings;
      await host.kind.giveRoles(host.cluster, { username: masterUsername, password, databaseName });
      return host;
    },
    restored: async (instance, files) => {
      const host = await hostFor(instance, files.secrets);
      await host.kind.copyFiles(files.dir, dataDirOf(host.cluster));
      await host.start();
      return host;
    },
    replica: async (instance, source) => {
      const origin = runningHost(source);
      const host = await hostFor(instance, origin.cluster.secrets);
      const slot = slotOf(instance);
      await host.kind.reserve(origin.cluster, slot);
      await host.kind.copyLive(origin.cluster, dataDirOf(host.cluster));
      await host.kind.markReplica(host.cluster);
      await host.replicateFrom(upstreamOf(host, origin, instance, slot), origin);
      await host.start();
      return host;
    },
    promote: async (replica) => {
      const host = runningHost(replica);
      await host.kind.promote(host.cluster);
    },
    resetPassword: (instance, password) => {
      const { kind, cluster } = runningHost(instance);
      return kind.resetPassword(cluster, instance.settings.masterUsername, password);
    },
    snapshot: (instance, name) => {
      const { kind, cluster } = runningHost(instance);
      return filesFor(kind, name, cluster.secrets, (dir) => kind.copyLive(cluster, dir));
    },
    copy: (files, name) => {
      const kind = kindOf(files.engine);
      return filesFor(kind, name, files.secrets, (dir) => kind.copyFiles(files.dir, dir));
    },
    detach: async (replica, source) => {
      await replica.host?.replicateFrom(undefined, undefined);
      const origin = source?.host;
      if (origin?.state() === 'up') await origin.kind.release(origin.cluster, slotOf(replica)).catch(() => {});
    },
    forget: (files) => rm(files.dir, { recursive: true, force: true }),
  };
};

/** A world of records: no database has a server, whatever its engine. */
export const recordsOnly = (): Provision => {
  const none = async (): Promise<never> => {
    throw new Error('a world of records has no servers');
  };
  return {
    serves: () => false,
    ...{ empty: none, restored: none, replica: none, promote: none, resetPassword: none, snapshot: none, copy: none },
    detach: async () => {},
    forget: async () => {},
  };
};

const secret = (): string => randomBytes(18).toString('base64url');

const runningHost = (instance: Instance): Host => {
  if (instance.host === undefined) throw new Error(`${instance.id} has no server`);
  return instance.host;
};

/** RDS makes a physical slot for each cross-region replica (User Guide, USER_PostgreSQL.Replication.ReadReplicas). */
const slotOf = (replica: Instance): string =>
  `rds_${replica.region}_${replica.resourceId}`.toLowerCase().replace(/[^a-z0-9_]/g, '_');

const upstreamOf = (host: Host, origin: Host, replica: Instance, slot: string): Upstream => ({
  certifiedName: origin.cluster.identity.name,
  host: host.address,
  port: portsOf(host.kind.engine).replication,
  user: replicationUser,
  password: origin.cluster.secrets.replication,
  slot,
  applicationName: replica.id,
});
