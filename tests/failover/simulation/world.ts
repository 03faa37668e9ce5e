import type { NamesReport } from '../../../functions/failover/core/evidence.ts';
import { epochOf, type NameRecord } from '../../../functions/failover/core/names.ts';
import type { ReadersReport } from '../../../functions/failover/core/names-reader.ts';
import type { Target } from '../../../functions/failover/core/policy.ts';
import type { Swapped } from '../../../functions/failover/run/ports.ts';
import { Aurora } from './aurora.ts';
import { Binlog } from './binlog.ts';
import { Database } from './database.ts';
import { FAULTS, type Hit } from './faults.ts';
import type { Scenario } from './scenario.ts';
import { VirtualTime } from './virtual-time.ts';

/** The region that the reconciler is not in. */
export const FAR = 'eu-west-1';
export const NEAR = 'eu-central-1';
export const PRIMARY: Target = { instance: 'old', region: FAR };
export const REPLICA: Target = { instance: 'new', region: NEAR };
export const REPLICA_HOST = 'new.eu-central-1.rds.amazonaws.com';
const PRIMARY_HOST = 'old.eu-west-1.rds.amazonaws.com';

export const READER = { weight: 1, ttlSeconds: 5 };
export const START_MS = 1_000_000;

const ROUTE53_CALLS: readonly string[] = ['read-names', 'swap-names', 'read-readers'];

/** Two regions with databases by name, three with functions, one name: only facts. What anybody sees of them is in ports.ts. */
export class World {
  readonly time = new VirtualTime();
  readonly violations: string[] = [];
  /** Everything that RDS knows now. */
  readonly databases: Database[];
  /** Who led first, and what became of it. */
  readonly old: Database;
  link = true;
  /** Whether the far region answers the recovery region, and whether the witness reaches anybody. */
  farReachable = { recovery: true, witness: true };
  storeUp = true;
  /** Whether the primary region reaches a store that is one over three regions, and since when. */
  storeFromPrimary = true;
  storeSinceMs = 0;
  dnsUp = true;
  guardRefused = false;
  /** Since when somebody else's value is in the name. */
  namesMovedMs = Number.POSITIVE_INFINITY;
  /** When a person asked to switch over, and acknowledged. */
  switchoverAtMs: number | undefined;
  ackedAtMs: number | undefined;
  /** When a person first deleted an instance that had led. */
  deletedAtMs: number | undefined;
  names: NamesReport = { value: PRIMARY_HOST, ttlSeconds: 5 };
  namesChangedMs = 0;
  readers: ReadersReport = { records: [{ ...READER, identifier: 'new', value: REPLICA_HOST }], healthChecks: {} };
  secretHost = PRIMARY_HOST;
  calls: Record<string, number> = {};
  /** In which epochs a person accepted everything that can be accepted. */
  readonly forcedEpochs = new Set<number>();
  /** When a person called the incident off. */
  vetoedAtMs: number | undefined;
  readonly pages: string[] = [];
  /** The most calls of Route 53's API in one second. */
  busiestRoute53Second = 0;
  private route53 = { second: 0, count: 0 };
  private readonly hits = new Map<object, Hit>();
  private made = 0;
  private lastTickMs: number;
  readonly scenario: Scenario;
  /** Of a pair of clusters. */
  readonly aurora: Aurora | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.aurora = scenario.kind && new Aurora(this);
    const { nowMs } = this.time;
    this.old = new Database(PRIMARY.instance, PRIMARY.region, 'db-OLD', nowMs, 0);
    this.old.opened = 0;
    const replica = new Database(REPLICA.instance, REPLICA.region, 'db-NEW', nowMs, scenario.lagMs);
    replica.source = arnOf(this.old);
    replica.standby = true;
    this.databases = [this.old, replica];
    this.databases.forEach((one, at) => {
      one.binlog = this.binlogOf(at + 1);
    });
    this.lastTickMs = nowMs;
  }

  get now(): number {
    return this.time.nowMs;
  }

  private binlogOf(id: number): Binlog | undefined {
    const { replication } = this.scenario;
    return replication && new Binlog(replication, id, this.now);
  }

  /** Who leads in fact: opened last. */
  get leading(): Database {
    return this.databases.reduce((best, one) => ((one.opened ?? -1) > (best.opened ?? -1) ? one : best), this.old);
  }

  find({ instance, region }: Target): Database | undefined {
    return this.databases.find((one) => one.instance === instance && one.region === region);
  }

  byHost(host: string | undefined): Database | undefined {
    return this.databases.find((one) => one.host === host);
  }

  followerOf(leader: Database): Database | undefined {
    return this.databases.find(({ source }) => source === arnOf(leader));
  }

  /** The first primary's, for worlds of one incident. */
  fenced(): boolean {
    return this.old.fenced(this.now);
  }

  get roleMayLogin(): boolean {
    return this.old.roleMayLogin;
  }

  get primaryStatus(): string {
    return this.old.status;
  }

  /** Whether nobody accepted that two primaries take writes. */
  mustBeFenced(): boolean {
    return this.scenario.fence === 'confirmed' && this.forcedEpochs.size === 0;
  }

  /** Whether a person forced the incident of this epoch, before or after it was committed. */
  isForced(epoch: number): boolean {
    return this.forcedEpochs.has(epoch) || this.forcedEpochs.has(epoch - 1);
  }

  setStore(fromPrimary: boolean): void {
    if (fromPrimary && !this.storeFromPrimary) this.storeSinceMs = this.now;
    this.storeFromPrimary = fromPrimary;
  }

  /** For how long the store has answered the primary region. */
  storeUpMs(): number {
    return this.storeFromPrimary ? this.now - this.storeSinceMs : 0;
  }

  /** RDS begins to make a replica: an instance with a name, and nothing in it yet. */
  build(target: Target, source: Database, groups: readonly string[]): Database {
    if (this.find(target) !== undefined) throw new Error('DBInstanceAlreadyExists');
    if (source.engine !== 'up') throw new Error('InvalidDBInstanceState');
    this.made += 1;
    const one = new Database(target.instance, target.region, `db-MADE-${this.made}`, this.now, this.scenario.lagMs);
    one.die('dead', 'creating', this.now);
    one.madeAtMs = this.now + this.scenario.buildMs;
    one.source = arnOf(source);
    one.standby = true;
    one.roleMayLogin = source.roleMayLogin;
    one.groups = groups.map((id) => ({ id, activeAtMs: this.now }));
    one.binlog = this.binlogOf(2 + this.made);
    this.databases.push(one);
    return one;
  }

  delete(one: Database): void {
    this.databases.splice(this.databases.indexOf(one), 1);
  }

  /** Runs whenever time moves: data flows, promotions end, and what must never be is looked for. */
  tick(): void {
    const { now, scenario } = this;
    for (const fault of scenario.faults) this.befall(fault);
    for (const one of this.databases) one.live(now, scenario.idle ?? false);
    for (const one of this.databases) {
      if (one.source === undefined) continue;
      const source = this.databases.find((other) => arnOf(other) === one.source);
      one.follow(source, this.link, now, scenario.lagMs);
    }
    this.aurora?.tick();
    this.lastTickMs = now;
    const takingWrites = this.databases.filter((one) => !one.isReopened && one.accepts(now));
    if (this.mustBeFenced() && takingWrites.length > 1) this.violate('two primaries take writes');
    if (this.byHost(this.names.value) !== undefined && this.byHost(this.names.value)?.opened === undefined)
      this.violate('DNS names an instance that was not verified');
  }

  private befall(fault: Scenario['faults'][number]): void {
    const { now } = this;
    const [startMs, endMs] = [START_MS + fault.atMs, START_MS + fault.atMs + fault.forMs];
    if (startMs > this.lastTickMs && startMs <= now) {
      const leader = this.databases.find(({ instance }) => instance === fault.on) ?? this.leading;
      const hit = { leader, follower: this.followerOf(leader) };
      this.hits.set(fault, hit);
      FAULTS[fault.kind].start(this, hit);
    }
    const hit = this.hits.get(fault);
    if (hit !== undefined && endMs > this.lastTickMs && endMs <= now) FAULTS[fault.kind].end(this, hit);
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
    if (!isOurs(this.names.value)) this.violate('overwrote a name that somebody else had moved');
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
    if (cnames.some(({ value }) => !isOurs(value))) this.violate("took a reader that is somebody else's");
    if (epochOf(text(creates)) < epochOf(epochText)) this.violate('the epoch in DNS went down');
    const { leading } = this;
    const ledBefore = ({ value }: NameRecord) =>
      this.byHost(value)?.opened !== undefined && this.byHost(value) !== leading;
    if (creates.some(ledBefore)) this.violate('the old primary is read from');
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
      if (!isOurs(this.names.value) || this.names.value === value) return;
      this.names = { ...this.names, value };
      this.namesChangedMs = this.now;
    });
  }
}

/** An instance as the source of a replica in another region. */
export const arnOf = ({ instance, region }: Target): string => `arn:aws:rds:${region}:111122223333:db:${instance}`;

const isOurs = (host: string | undefined): boolean => /^(old|new)(-e\d+)?\.eu-/.test(host ?? '');
