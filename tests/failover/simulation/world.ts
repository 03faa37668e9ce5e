import type { InstanceView, NamesReport } from '../../../functions/failover/core/evidence.ts';
import { epochOf, type NameRecord } from '../../../functions/failover/core/names.ts';
import type { ReadersReport } from '../../../functions/failover/core/names-reader.ts';
import type { Swapped } from '../../../functions/failover/run/ports.ts';
import type { Scenario } from './scenario.ts';
import { VirtualTime } from './virtual-time.ts';

export const GROUP = 'sg-app';
export const FENCED = 'sg-fenced';
export const PRIMARY_HOST = 'old.eu-west-1.rds.amazonaws.com';
export const REPLICA_HOST = 'new.eu-central-1.rds.amazonaws.com';

const READER = { weight: 1, ttlSeconds: 5 };

const ROUTE53_CALLS: readonly string[] = ['read-names', 'swap-names', 'read-readers'];

type Engine = 'up' | 'dead' | 'frozen';

/** Two databases, three regions, one name: only facts. What anybody sees of them is in ports.ts. */
export class World {
  readonly time = new VirtualTime();
  readonly violations: string[] = [];
  engine: Engine = 'up';
  primaryStatus = 'available';
  statusSinceMs = 0;
  groups = [{ id: GROUP, activeAtMs: 0 }];
  roleMayLogin = true;
  /** Sessions that were open before a security group changed go on (connection tracking). */
  trackedSessions = true;
  link = true;
  guardReachable = { recovery: true, witness: true };
  storeUp = true;
  /** Whether the primary region reaches a store that is one over three regions, and since when. */
  storeFromPrimary = true;
  storeSinceMs = 0;
  /** The primary's tag: its lease was kept once. */
  isMarked = false;
  /** Since when both take writes, in a leased pair. */
  bothSinceMs: number | undefined;
  dnsUp = true;
  guardRefused = false;
  replicaStatus = 'available';
  replicaSource: string | undefined = 'arn:aws:rds:eu-west-1:111122223333:db:old';
  replicaResource = 'db-NEW';
  /** Since when the replica is not the standby that was watched. */
  replicaChangedMs = Number.POSITIVE_INFINITY;
  /** Since when somebody else's value is in the name. */
  namesMovedMs = Number.POSITIVE_INFINITY;
  replicaStandby = true;
  promotedAtMs: number | undefined;
  opened = 0;
  salvaged = false;
  /** When a person asked to switch over. */
  switchoverAtMs: number | undefined;
  replicaEngineVersion = '16.4';
  lastCommitMs: number;
  /** The last commit of an application on the old primary: the guard's own beats are no loss. */
  lastRowMs = 0;
  replayedCommitMs: number;
  heardMs: number;
  /** Since when the replica has heard its source without a break. */
  hearsSinceMs: number | undefined;
  heartbeatMs: number;
  primaryHeartbeatMs: number;
  /** The epoch that the guard wrote with it, and as far as the replica has it. */
  primaryHeartbeatEpoch = 0;
  heartbeatEpoch = 0;
  names: NamesReport = { value: PRIMARY_HOST, ttlSeconds: 5 };
  namesChangedMs = 0;
  readers: ReadersReport = { records: [{ ...READER, identifier: 'new', value: REPLICA_HOST }], healthChecks: {} };
  secretHost = PRIMARY_HOST;
  downSinceMs: number | undefined;
  upSinceMs: number | undefined = 0;
  /** Earlier times without an engine that answers, oldest first. */
  readonly downs: { fromMs: number; toMs: number }[] = [];
  statusNotAvailableMs = Number.NEGATIVE_INFINITY;
  calls: Record<string, number> = {};
  /** Since when a person accepts everything that can be accepted. */
  forcedAtMs: number | undefined;
  /** When a person called the incident off. */
  vetoedAtMs: number | undefined;
  readonly pages: string[] = [];
  /** The most calls of Route 53's API in one second. */
  busiestRoute53Second = 0;
  private route53 = { second: 0, count: 0 };
  private lastTickMs: number;
  readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const now = this.time.nowMs;
    this.lastCommitMs = this.heardMs = this.primaryHeartbeatMs = now;
    // As far behind as it has always been: whatever is committed from now on moves it.
    this.replayedCommitMs = this.heartbeatMs = now - scenario.lagMs;
    this.lastTickMs = now;
  }

  get now(): number {
    return this.time.nowMs;
  }

  fenced(): boolean {
    return this.groups.length === 1 && this.groups[0]?.id === FENCED && this.groups[0].activeAtMs <= this.now;
  }

  /** Whether a client's commit on the old primary would be acknowledged now. */
  primaryAccepts(): boolean {
    return this.engine === 'up' && this.roleMayLogin && (!this.fenced() || this.trackedSessions);
  }

  replicaAccepts(): boolean {
    return !this.replicaStandby && this.replicaSource === undefined && this.opened > 0;
  }

  /** Whether nobody accepted that two primaries take writes. */
  mustBeFenced(): boolean {
    return this.scenario.fence === 'confirmed' && this.forcedAtMs === undefined;
  }

  setStore(fromPrimary: boolean): void {
    if (fromPrimary && !this.storeFromPrimary) this.storeSinceMs = this.now;
    this.storeFromPrimary = fromPrimary;
  }

  /** For how long the store has answered the primary region. */
  storeUpMs(): number {
    return this.storeFromPrimary ? this.now - this.storeSinceMs : 0;
  }

  die(engine: Engine, status: string): void {
    this.engine = engine;
    this.primaryStatus = status;
    this.statusSinceMs = this.now;
    if (engine === 'dead') this.trackedSessions = false;
    this.downSinceMs ??= this.now;
    this.upSinceMs = undefined;
  }

  revive(): void {
    this.engine = 'up';
    this.primaryStatus = 'available';
    this.statusSinceMs = this.now;
    if (this.downSinceMs !== undefined) this.downs.push({ fromMs: this.downSinceMs, toMs: this.now });
    this.downSinceMs = undefined;
    this.upSinceMs = this.now;
  }

  swapGroups(ids: readonly string[]): void {
    if (this.scenario.failedRefusesGroups && this.primaryStatus === 'failed') {
      throw new Error('InvalidDBInstanceState: Database instance old is not in available state.');
    }
    const same = ids.length === this.groups.length && ids.every((id, at) => this.groups[at]?.id === id);
    if (!same) this.groups = ids.map((id) => ({ id, activeAtMs: this.now + this.scenario.groupsActiveAfterMs }));
  }

  promote(): void {
    this.promotedAtMs ??= this.now + this.scenario.promoteMs;
    this.replicaStatus = 'modifying';
  }

  /** Runs whenever time moves: data flows, promotions end, and what must never be is looked for. */
  tick(): void {
    const { now } = this;
    for (const fault of this.scenario.faults) {
      const startMs = START_MS + fault.atMs;
      if (startMs > this.lastTickMs && startMs <= now) FAULTS[fault.kind].start(this);
      const endMs = startMs + fault.forMs;
      if (endMs > this.lastTickMs && endMs <= now) FAULTS[fault.kind].end(this);
    }
    if (this.primaryStatus !== 'available') this.statusNotAvailableMs = now;
    if (this.primaryAccepts()) {
      if (!this.scenario.idle) this.lastCommitMs = this.lastRowMs = now;
      if (!this.fenced()) this.trackedSessions = true;
    }
    if (this.link && this.engine === 'up' && this.promotedAtMs === undefined) {
      this.heardMs = now;
      this.hearsSinceMs ??= now;
      this.replayedCommitMs = Math.max(this.replayedCommitMs, Math.min(this.lastCommitMs, now - this.scenario.lagMs));
      if (this.primaryHeartbeatMs <= this.replayedCommitMs) {
        this.heartbeatMs = this.primaryHeartbeatMs;
        this.heartbeatEpoch = this.primaryHeartbeatEpoch;
      }
    }
    if (this.heardMs !== now) this.hearsSinceMs = undefined;
    if (this.promotedAtMs !== undefined && now >= this.promotedAtMs && this.replicaSource !== undefined) {
      this.replicaSource = undefined;
      this.replicaStandby = false;
      this.replicaStatus = 'available';
    }
    this.lastTickMs = now;
    if (this.primaryAccepts() && this.replicaAccepts() && this.mustBeFenced()) {
      this.violate('two primaries take writes');
    }
    if (this.names.value === REPLICA_HOST && !this.replicaAccepts())
      this.violate('DNS names an instance that was not verified');
  }

  violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  count(call: string): void {
    this.calls[call] = (this.calls[call] ?? 0) + 1;
    if (!ROUTE53_CALLS.includes(call)) return;
    const second = Math.floor(this.now / 1000);
    this.route53 = { second, count: this.route53.second === second ? this.route53.count + 1 : 1 };
    this.busiestRoute53Second = Math.max(this.busiestRoute53Second, this.route53.count);
  }

  setNames(names: NamesReport): void {
    if (epochOf(names.epochText) < epochOf(this.names.epochText)) this.violate('the epoch in DNS went down');
    if (this.names.value !== PRIMARY_HOST && this.names.value !== REPLICA_HOST) {
      this.violate('overwrote a name that somebody else had moved');
    }
    this.names = names;
    this.namesChangedMs = this.now;
  }

  /** One batch for the readers' name: refused whole when what it deletes is not there. */
  setReaders(deletes: readonly NameRecord[], creates: readonly NameRecord[]): Swapped {
    const cnames = deletes.filter(({ type }) => type === 'CNAME');
    const text = (records: readonly NameRecord[]) => records.find(({ type }) => type === 'TXT')?.value;
    const { records, epochText } = this.readers;
    const there = cnames.every((gone) => records.some((one) => one.value === gone.value && one.weight === gone.weight));
    if (!there || text(deletes) !== epochText) return { kind: 'conflict' };
    if (cnames.some(({ value }) => value !== PRIMARY_HOST && value !== REPLICA_HOST))
      this.violate("took a reader that is somebody else's");
    if (epochOf(text(creates)) < epochOf(epochText)) this.violate('the epoch in DNS went down');
    if (creates.some(({ value }) => value === PRIMARY_HOST)) this.violate('the old primary is read from');
    const kept = records.filter((one) => !cnames.some(({ value }) => value === one.value));
    this.readers = {
      ...this.readers,
      records: [...kept, ...creates.filter(({ type }) => type === 'CNAME')],
      epochText: text(creates),
    };
    return { kind: 'accepted' };
  }

  /** Mode stop: the number is in the minute that it is of; the health check sees it after a while, when it is a recent one. */
  flip(standby: boolean, atMs: number): void {
    if (this.now - atMs > 120_000) return;
    void this.time.sleep(this.scenario.dnsDelayMs ?? 30_000).then(() => {
      const value = standby ? REPLICA_HOST : PRIMARY_HOST;
      if (![PRIMARY_HOST, REPLICA_HOST].includes(this.names.value ?? '') || this.names.value === value) return;
      this.names = { ...this.names, value };
      this.namesChangedMs = this.now;
    });
  }

  primaryView(): InstanceView {
    return {
      instance: 'old',
      resourceId: 'db-OLD',
      status: this.primaryStatus,
      endpoint: { host: PRIMARY_HOST, port: 5432 },
      engineVersion: '16.4',
      securityGroups: this.groups.map(({ id, activeAtMs }) => ({ id, active: activeAtMs <= this.now })),
      backupRetentionDays: 7,
      ...(this.isMarked && { isLeased: true as const }),
    };
  }

  replicaView(): InstanceView {
    return {
      instance: 'new',
      resourceId: this.replicaResource,
      status: this.replicaStatus,
      endpoint: { host: REPLICA_HOST, port: 5432 },
      engineVersion: this.replicaEngineVersion,
      source: this.replicaSource,
      securityGroups: [{ id: 'sg-replica', active: true }],
      backupRetentionDays: 7,
    };
  }
}

export const START_MS = 1_000_000;

export type FaultKind = keyof typeof FAULTS;

interface Fault {
  start: (world: World) => void;
  end: (world: World) => void;
}

const nothing = () => {};
const flag = (set: (world: World, on: boolean) => void): Fault => ({
  start: (world) => set(world, true),
  end: (world) => set(world, false),
});
const downAs = (engine: Engine, status: string): Fault => ({
  start: (world) => world.die(engine, status),
  end: (world) => world.revive(),
});

/** What can happen. `end` is when it heals; a fault that outlasts the world never does. */
export const FAULTS = {
  'host-lost': downAs('dead', 'failed'),
  'host-lost-rds-slow': downAs('dead', 'rebooting'),
  'process-killed': downAs('dead', 'available'),
  frozen: downAs('frozen', 'available'),
  maintenance: downAs('dead', 'maintenance'),
  stopped: downAs('dead', 'stopped'),
  'storage-full': downAs('dead', 'storage-full'),
  'guard-login-broken': flag((world, on) => {
    world.guardRefused = on;
  }),
  'link-cut': flag((world, on) => {
    world.link = !on;
  }),
  'observer-cut': flag((world, on) => {
    world.guardReachable.recovery = !on;
  }),
  'witness-cut': flag((world, on) => {
    world.guardReachable.witness = !on;
  }),
  'region-cut': flag((world, on) => {
    world.guardReachable = { recovery: !on, witness: !on };
    world.link = !on;
    world.setStore(!on);
  }),
  'lease-cut': flag((world, on) => world.setStore(!on)),
  'store-outage': flag((world, on) => {
    world.storeUp = !on;
  }),
  'dns-outage': flag((world, on) => {
    world.dnsUp = !on;
  }),
  'replica-backing-up': flag((world, on) => {
    if (world.promotedAtMs === undefined) world.replicaStatus = on ? 'backing-up' : 'available';
  }),
  'replica-replaced': {
    start: (world) => {
      world.replicaResource = 'db-OTHER';
      world.replicaChangedMs = Math.min(world.replicaChangedMs, world.now);
    },
    end: nothing,
  },
  'replica-writes': {
    start: (world) => {
      world.replicaStandby = false;
      world.replicaChangedMs = Math.min(world.replicaChangedMs, world.now);
    },
    end: nothing,
  },
  /** Somebody takes every record out of the readers' name and puts his own there. */
  'readers-taken': {
    start: (world) => {
      world.readers = { ...world.readers, records: [{ ...READER, identifier: 'theirs', value: 'else.example.com' }] };
    },
    end: nothing,
  },
  'name-moved': {
    start: (world) => {
      world.names = { ...world.names, value: 'somewhere.else.example.com' };
      world.namesMovedMs = Math.min(world.namesMovedMs, world.now);
    },
    end: nothing,
  },
} satisfies Record<string, Fault>;
