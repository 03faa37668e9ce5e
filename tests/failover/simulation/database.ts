import type { InstanceView } from '../../../functions/failover/core/evidence.ts';
import type { Binlog } from './binlog.ts';

export const GROUP = 'sg-app';
/** The empty security group of each region. */
export const EMPTY: Readonly<Record<string, string>> = { 'eu-west-1': 'sg-fenced', 'eu-central-1': 'sg-fenced-there' };

export type Engine = 'up' | 'dead' | 'frozen';

/** One DB instance: only facts. It may lead, follow, have led, or be built. */
export class Database {
  engine: Engine = 'up';
  status = 'available';
  statusSinceMs = 0;
  statusNotAvailableMs = Number.NEGATIVE_INFINITY;
  groups = [{ id: GROUP, activeAtMs: 0 }];
  /** Those in force until the last ones ordered are active. */
  groupsBefore: readonly { id: string }[] = this.groups;
  roleMayLogin = true;
  /** Sessions that were open before a security group changed go on (connection tracking). */
  trackedSessions = true;
  /** Faults that keep its engine down now. */
  troubles = 0;
  downSinceMs: number | undefined;
  upSinceMs: number | undefined = 0;
  /** Earlier times without an engine that answers, oldest first. */
  readonly downs: { fromMs: number; toMs: number }[] = [];
  /** The instance that it replicates, as RDS says it. */
  source: string | undefined;
  standby = false;
  promotedAtMs: number | undefined;
  /** The epoch in which it was opened; undefined until it was. */
  opened: number | undefined;
  salvaged = false;
  engineVersion = '16.4';
  /** A person opened it again: what it takes from then on is his. */
  isReopened = false;
  /** Its tag: its lease was kept once. */
  isLeased = false;
  /** Of a cluster: its storage takes no writes; a word of Aurora's that hides its own; why it cannot lead, and since when. */
  blocked = false;
  word: string | undefined;
  unfit: string | undefined;
  unfitSinceMs: number | undefined;
  /** When it is made; until then it is `creating`. */
  madeAtMs = 0;
  /** Since when it is not the standby that was watched. */
  changedMs = Number.POSITIVE_INFINITY;
  /** Since when it has a transaction that it took from nobody. */
  errantSinceMs: number | undefined;
  /** Of MySQL and MariaDB: its log, and how it follows another's. */
  binlog: Binlog | undefined;
  /** As a leader: its last commit, and the last one of an application (the guard's own beats are no loss). */
  lastCommitMs: number;
  lastRowMs = 0;
  beat: { atMs: number; epoch: number };
  /** As a replica: what it has, and when it last heard its source. */
  replayedCommitMs: number;
  heartbeat: { atMs: number; epoch: number };
  heardMs: number;
  /** Since when it has heard its source without a break. */
  hearsSinceMs: number | undefined;
  readonly instance: string;
  readonly region: string;
  readonly host: string;
  resourceId: string;

  constructor(instance: string, region: string, resourceId: string, nowMs: number, lagMs: number) {
    this.instance = instance;
    this.region = region;
    this.resourceId = resourceId;
    this.host = `${instance}.${region}.rds.amazonaws.com`;
    this.lastCommitMs = this.heardMs = nowMs;
    this.beat = { atMs: nowMs, epoch: 0 };
    // As far behind as it has always been: whatever is committed from now on moves it.
    this.replayedCommitMs = nowMs - lagMs;
    this.heartbeat = { atMs: nowMs - lagMs, epoch: 0 };
  }

  fenced(nowMs: number): boolean {
    const [only, ...others] = this.groupsInForce(nowMs);
    return others.length === 0 && only !== undefined && only.id === EMPTY[this.region];
  }

  get groupsActiveAtMs(): number {
    return Math.max(...this.groups.map(({ activeAtMs }) => activeAtMs));
  }

  /** A group takes effect a while after it was ordered, when a door is opened as when it is shut. */
  private groupsInForce(nowMs: number): readonly { id: string }[] {
    return this.groups.every(({ activeAtMs }) => activeAtMs <= nowMs) ? this.groups : this.groupsBefore;
  }

  /** Whether a client's commit would be acknowledged now. */
  accepts(nowMs: number): boolean {
    const leads = !this.standby && this.source === undefined && this.opened !== undefined;
    return (
      leads &&
      !this.blocked &&
      this.engine === 'up' &&
      this.roleMayLogin &&
      (!this.fenced(nowMs) || this.trackedSessions)
    );
  }

  die(engine: Engine, status: string, nowMs: number): void {
    this.engine = engine;
    this.status = status;
    this.statusSinceMs = nowMs;
    if (engine === 'dead') this.trackedSessions = false;
    this.downSinceMs ??= nowMs;
    this.upSinceMs = undefined;
  }

  revive(nowMs: number): void {
    this.engine = 'up';
    this.status = 'available';
    this.statusSinceMs = nowMs;
    if (this.downSinceMs !== undefined) this.downs.push({ fromMs: this.downSinceMs, toMs: nowMs });
    this.downSinceMs = undefined;
    this.upSinceMs = nowMs;
  }

  swapGroups(ids: readonly string[], nowMs: number, activeAtMs: number): void {
    const same = ids.length === this.groups.length && ids.every((id, at) => this.groups[at]?.id === id);
    if (same) return;
    this.groupsBefore = this.groupsInForce(nowMs);
    this.groups = ids.map((id) => ({ id, activeAtMs }));
  }

  /** The guard's heartbeat is written on it. */
  takeBeat(atMs: number, epoch: number, nowMs: number): void {
    this.lastCommitMs = nowMs;
    this.beat = { atMs, epoch };
    this.binlog?.beats.push({ ...this.beat, committedMs: nowMs });
  }

  promote(doneAtMs: number): void {
    this.promotedAtMs ??= doneAtMs;
    this.status = 'modifying';
  }

  /** Time has moved: it is made, promoted, writes what its clients write. */
  live(nowMs: number, idle: boolean): void {
    if (this.status === 'creating' && nowMs >= this.madeAtMs) this.revive(nowMs);
    if (this.status !== 'available') this.statusNotAvailableMs = nowMs;
    if (this.accepts(nowMs)) {
      if (!idle) this.lastCommitMs = this.lastRowMs = nowMs;
      if (!this.fenced(nowMs)) this.trackedSessions = true;
    }
    if (this.promotedAtMs !== undefined && nowMs >= this.promotedAtMs && this.source !== undefined) {
      this.source = undefined;
      this.standby = false;
      this.status = 'available';
      this.binlog?.lead(this.replayedCommitMs);
    }
  }

  /** Data flows from its source, when it is reached. */
  follow(source: Database | undefined, isLinked: boolean, nowMs: number, lagMs: number): void {
    if (this.binlog !== undefined) {
      this.binlog.follow(this, source, isLinked, nowMs, lagMs);
      return;
    }
    const hears = isLinked && source?.engine === 'up' && this.engine === 'up' && this.promotedAtMs === undefined;
    if (!hears || source === undefined) {
      this.hearsSinceMs = undefined;
      return;
    }
    this.heardMs = nowMs;
    this.hearsSinceMs ??= nowMs;
    this.replayedCommitMs = Math.max(this.replayedCommitMs, Math.min(source.lastCommitMs, nowMs - lagMs));
    if (source.beat.atMs <= this.replayedCommitMs) this.heartbeat = source.beat;
  }

  view(nowMs: number): InstanceView {
    return {
      instance: this.instance,
      resourceId: this.resourceId,
      status: this.word ?? this.status,
      endpoint: this.status === 'creating' ? undefined : { host: this.host, port: 5432 },
      engineVersion: this.engineVersion,
      source: this.source,
      securityGroups: this.groups.map(({ id, activeAtMs }) => ({ id, active: activeAtMs <= nowMs })),
      backupRetentionDays: 7,
      ...(this.unfit !== undefined && { unfit: this.unfit }),
      ...(this.isLeased && { isLeased: true as const }),
    };
  }
}
