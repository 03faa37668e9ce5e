// A world of records: every database and snapshot of an account in some regions, its API, and what a test or an operator of the
// local AWS does to it from outside. `world.ts` adds servers.
import type { Clock } from '../clock.ts';
import type { Zones } from '../dns/zone.ts';
import type { LocalService } from '../gateway/service.ts';
import { taggedAt } from './actions/tags.ts';
import { beginAutomatedBackups } from './automated-backups.ts';
import { type Assumptions, type Context, clusterOf, instanceOf } from './context.ts';
import { Directory } from './directory.ts';
import { type FaultRates, openDisturbances, type RateLimit } from './disturbances.ts';
import { openAnnouncements, type RdsEnvelope } from './events.ts';
import { clusterAt, globalOf, takesWrites } from './global-clusters.ts';
import { type KeyLookup, type KeyState, openKeys } from './keys.ts';
import { parseArn } from './names.ts';
import { type PlantedSnapshot, plantSnapshot } from './plant.ts';
import { type Provision, recordsOnly } from './provision.ts';
import { seededRandom } from './random.ts';
import { clusterHost } from './render-cluster.ts';
import { type Ingress, openSecurityGroups } from './security-groups.ts';
import { rdsService } from './service.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import type { Notification } from './subscriptions.ts';
import { type Durations, defaultDurations, type Instance, type Quotas, type RegionState, type Tag } from './types.ts';
import { retag } from './views.ts';

export type WorldOptions = {
  readonly clock: Clock;
  readonly account: string;
  readonly regions: readonly string[];
  /** Gets every RDS event as EventBridge would. */
  readonly emit: (event: RdsEnvelope) => void;
  /** Gets what event subscriptions send to SNS topics. */
  readonly publish?: (notification: Notification) => void;
  /** VPC security groups to begin with, beside `sg-open` (everybody) and `sg-fenced` (nobody). */
  readonly securityGroups?: Readonly<Record<string, Ingress>>;
  readonly quotas?: Partial<Quotas>;
  readonly durations?: Partial<Durations>;
  /** The account's KMS; without it every key is there and enabled, until `admin.setKey`. */
  readonly findKey?: KeyLookup;
  /** Decides resource ids and drawn durations; by chance unless said. */
  readonly seed?: number;
  /** How far Describe lists lag behind, in milliseconds; 0 unless said. What is asked for by name is always as it is. */
  readonly staleReadMs?: number;
  /** Whether RDS takes its own daily snapshots; not unless said. */
  readonly automatedBackups?: boolean;
  /** Hears what went wrong behind an action that had been accepted; by default it is printed. */
  readonly onError?: (error: unknown) => void;
};

export type RecordsAdmin = {
  plantSnapshot(region: string, snapshot: PlantedSnapshot): void;
  setQuota(region: string, quotas: Partial<Quotas>): void;
  /** Changes what the world assumes where AWS's pages are silent. */
  assume(assumptions: Partial<Assumptions>): void;
  /** Adds a security group or replaces its rules. */
  securityGroup(id: string, ingress: Ingress): void;
  /** Adds an option group by name, with the names of its options. */
  optionGroup(region: string, name: string, options: readonly string[]): void;
  /** What a KMS key is from now on, whatever the account's KMS says; without a key, RDS's own. */
  setKey(region: string, key: string | undefined, state: KeyState): void;
  /** Gives whatever has this ARN these tags, past the rules: AWS's own tags, for one. */
  setTags(arn: string, tags: readonly Tag[]): void;
  /** Shows a status until something changes it: maintenance, storage-full and so on. */
  setStatus(region: string, instanceId: string, status: string): void;
  /** Whether a cluster would take a client's commit now. Its members are instances: their status is set as theirs. */
  clusterTakesWrites(region: string, id: string): boolean;
  /** Somebody upgrades one cluster by itself: its version drifts from those of its global database or its replicas. */
  setClusterVersion(region: string, id: string, engineVersion: string): void;
  /** Which cluster's endpoint a global database's writer endpoint leads to. */
  globalEndpoint(id: string): string | undefined;
  /** Faults of the API and of snapshots, the same for the same seed and calls; `undefined` ends them. */
  faults(seed: number, rates: FaultRates | undefined): void;
  throttle(region: string, limit: RateLimit | undefined): void;
  /** Cuts a region's API off for its clients. What it has begun goes on. */
  outage(region: string, isOut: boolean): void;
  /** Describe lists lag behind by this much from now on. */
  staleReads(ms: number): void;
};

/** A world of records: the API, states and events of RDS, without servers. */
export type RdsRecords = {
  readonly service: LocalService;
  readonly admin: RecordsAdmin;
  stop(): Promise<void>;
};

/** AWS's defaults per account and region (User Guide, CHAP_Limits). */
const defaultQuotas: Quotas = { manualSnapshots: 100, manualClusterSnapshots: 100, instances: 40, clusters: 40 };

/** Opens a world whose databases are records, whatever their engine. It starts nothing and fetches nothing. */
export const openRdsRecords = (options: WorldOptions): RdsRecords => {
  const { service, admin, stop } = composeWorld(options, { publish: () => {} }, recordsOnly);
  return { service, admin, stop };
};

/** The world around whatever runs its servers; for the openers of worlds. */
export const composeWorld = (
  options: WorldOptions,
  zones: Pick<Zones, 'publish'>,
  provisionFor: (admit: (instance: Instance, address: string) => boolean) => Provision,
) => {
  const { clock, account } = options;
  const regions = new Map(options.regions.map((name) => [name, emptyRegion(name, options.quotas)]));
  const regionOf = (name: string): RegionState => {
    const region = regions.get(name);
    if (region === undefined)
      throw new Error(`The RDS world has no region ${name}: it has ${[...regions.keys()].join(', ')}.`);
    return region;
  };
  const securityGroups = openSecurityGroups({ 'sg-open': 'all', 'sg-fenced': 'none', ...options.securityGroups });
  const onError =
    options.onError ?? ((error) => console.error('the RDS world failed behind an answered request:', error));
  const random = options.seed === undefined ? Math.random : seededRandom(options.seed);
  const disturbances = openDisturbances(clock);
  const publish = options.publish ?? (() => {});
  let isStopped = false;

  const context: Context = {
    account,
    clock,
    regions,
    globals: new Directory(),
    isOut: disturbances.isOut,
    securityGroups,
    zones,
    random,
    publish,
    durations: { ...defaultDurations, ...options.durations },
    assumptions: { failedTakesSecurityGroups: true, clusterQuotaIsListed: true },
    keys: openKeys(account, options.findKey),
    reads: { staleMs: options.staleReadMs ?? 0, ghosts: new WeakMap() },
    comesToNothing: disturbances.comesToNothing,
    pageRepeats: disturbances.pageRepeats,
    announce: openAnnouncements(
      account,
      () => clock.now(),
      () => crypto.randomUUID(),
      regionOf,
      {
        emit: options.emit,
        publish,
      },
    ),
    // Until a change of groups is through, the old ones decide.
    provision: provisionFor((instance, address) =>
      securityGroups.allows(
        instance.securityGroups.filter((group) => group.status !== 'adding').map((group) => group.id),
        address,
      ),
    ),
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
  if (options.automatedBackups) beginAutomatedBackups(context);
  const all = (): Instance[] => [...regions.values()].flatMap((region) => [...region.instances.values()]);
  securityGroups.onChange(() => {
    for (const instance of all()) instance.host?.recheck();
  });

  const admin: RecordsAdmin = {
    plantSnapshot: (region, snapshot) => plantSnapshot(context, regionOf(region), snapshot),
    setQuota: (region, quotas) => {
      regionOf(region).quotas = { ...regionOf(region).quotas, ...quotas };
    },
    assume: (assumptions) => {
      Object.assign(context.assumptions, assumptions);
    },
    securityGroup: securityGroups.set,
    optionGroup: (region, name, groupOptions) => {
      regionOf(region).optionGroups.set(name, groupOptions);
    },
    setKey: context.keys.set,
    setTags: (arn, tags) => {
      const parts = parseArn(arn);
      const tagged = parts && taggedAt(regionOf(parts.region), parts.kind, parts.id);
      if (tagged === undefined) throw new Error(`The RDS world has nothing with tags at ${arn}.`);
      retag(context, tagged, tags);
    },
    setStatus: (region, id, status) => {
      instanceOf(regionOf(region), id).status = status as Instance['status'];
    },
    clusterTakesWrites: (region, id) => takesWrites(context, clusterOf(regionOf(region), id)),
    setClusterVersion: (region, id, engineVersion) => {
      clusterOf(regionOf(region), id).settings.engineVersion = engineVersion;
    },
    globalEndpoint: (id) => {
      const cluster = clusterAt(context, globalOf(context, id).resolvesTo);
      return cluster && clusterHost(cluster);
    },
    faults: (seed, rates) => (rates === undefined ? disturbances.clear() : disturbances.set(seed, rates)),
    throttle: disturbances.throttle,
    outage: disturbances.outage,
    staleReads: (ms) => {
      context.reads.staleMs = ms;
    },
  };
  return {
    context,
    regionOf,
    admin,
    service: rdsService(context, disturbances),
    isStopped: () => isStopped,
    stop: async (): Promise<void> => {
      isStopped = true;
      await Promise.all(all().map((instance) => instance.host?.discard()));
    },
  };
};

const emptyRegion = (name: string, quotas: Partial<Quotas> | undefined): RegionState => ({
  name,
  instances: new Directory(),
  clusters: new Directory(),
  snapshots: { instance: new SnapshotShelf(), cluster: new SnapshotShelf() },
  copies: new Set(),
  optionGroups: new Map(),
  parameterGroups: new Map(),
  subscriptions: new Directory(),
  events: [],
  quotas: { ...defaultQuotas, ...quotas },
});
