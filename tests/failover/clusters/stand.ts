import { readFileSync } from 'node:fs';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClustersCommand,
} from '@aws-sdk/client-rds';
import { parse } from 'yaml';
import { reconcilerPorts } from '../../../functions/failover/aws/compose.ts';
import { guardedIn } from '../../../functions/failover/aws/guarded.ts';
import { applyCommand, type CommandOrder } from '../../../functions/failover/core/command.ts';
import type { Endpoint } from '../../../functions/failover/core/evidence.ts';
import type { Policy } from '../../../functions/failover/core/policy.ts';
import { recordOf } from '../../../functions/failover/core/record.ts';
import {
  fencePrimary,
  type GuardPorts,
  observePrimary,
  type PrimarySql,
  quiescePrimary,
  unfencePrimary,
} from '../../../functions/failover/run/guard.ts';
import { guardTick } from '../../../functions/failover/run/guard-tick.ts';
import type { LeasePorts } from '../../../functions/failover/run/lease.ts';
import { observeReplica, type ReplicaSql } from '../../../functions/failover/run/observer.ts';
import { type ReconcilerPorts, type StepReport, step } from '../../../functions/failover/run/reconcile.ts';
import { policyOf } from '../../../functions/failover/run/settings.ts';
import { witnessPair } from '../../../functions/failover/run/witness.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { serve } from '../../local-rds/aws-server.ts';
import { elsewhere, minuteMs, Records, region } from '../../local-rds/records.ts';
import { memoryRecords } from '../simulation/memory-records.ts';

type Kind = NonNullable<Policy['kind']>;

export const OLD = { instance: 'old', region };
export const NEW = { instance: 'new', region: elsewhere };
const EMPTY: Readonly<Record<string, string>> = { [region]: 'sg-fenced', [elsewhere]: 'sg-fenced-there' };

const configOf = (kind: Kind) => {
  const config = parse(readFileSync(new URL('../../../config/local.yml', import.meta.url), 'utf8'));
  Object.assign(config.failover.pairs[0], {
    ...{ engine: kind === 'aurora-global' ? 'aurora-postgresql' : 'aurora-mysql', kind },
    primary: { instance: OLD.instance },
    replica: { instance: NEW.instance, fencedSecurityGroupId: EMPTY[elsewhere] },
    fencedSecurityGroupId: EMPTY[region],
  });
  return parseConfig(config);
};

/**
 * A pair of Aurora clusters as a config names it: the ports that the handlers compose for its kind, by the SDK against the local RDS
 * on a clock that only the test moves. No server speaks Aurora's SQL, so that it is in memory, as are the record and the name.
 */
export class Stand {
  readonly aws = new Records({
    seed: 1,
    securityGroups: { 'sg-fenced-there': 'none' },
    durations: { modifyMs: 500, createMs: 1_000, snapshotMs: minuteMs, globalResyncMs: 20_000 },
  });
  readonly policy: Policy;
  readonly names: { value?: string | undefined; epochText?: string | undefined } = {};
  readonly pages: string[] = [];
  readonly calls: string[] = [];
  readonly said: StepReport[] = [];
  private readonly records = memoryRecords();
  private readonly kind: Kind;
  private server: Awaited<ReturnType<typeof serve>> | undefined;
  private readonly env = { ...process.env };
  private guards: Readonly<Record<string, GuardPorts>> = {};
  private ports: ReconcilerPorts | undefined;
  /** What has been committed, which whoever follows has as long as its source lives. */
  private log = { atMs: 0, epoch: 0, heardMs: 0 };

  constructor(kind: Kind) {
    this.kind = kind;
    const config = configOf(kind);
    this.policy = policyOf(config, config.failover.pairs[0]!);
  }

  get nowMs(): number {
    return this.aws.clock.now();
  }

  /** Both clusters with a DB instance each, the second following the first, and the name on the first. */
  async open(): Promise<void> {
    const { aws, kind } = this;
    this.server = await serve({
      handle: (request) => {
        const action = new URLSearchParams(request.body.toString()).get('Action') ?? '';
        if (!action.startsWith('Describe')) this.calls.push(action);
        return aws.world.service.handle(request);
      },
    });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: this.server.endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    const Engine = kind === 'aurora-global' ? 'aurora-postgresql' : 'aurora-mysql';
    await aws.aurora(OLD.instance, { Engine, EngineVersion: '16.6' });
    await this.member(OLD, Engine);
    const source = `arn:aws:rds:${region}:111122223333:cluster:${OLD.instance}`;
    const GlobalClusterIdentifier = 'ledger';
    if (kind === 'aurora-global')
      await aws
        .rds()
        .send(new CreateGlobalClusterCommand({ GlobalClusterIdentifier, SourceDBClusterIdentifier: source }));
    const follows = kind === 'aurora-global' ? { GlobalClusterIdentifier } : { ReplicationSourceIdentifier: source };
    await aws
      .rds(elsewhere)
      .send(new CreateDBClusterCommand({ DBClusterIdentifier: NEW.instance, Engine, ...follows }));
    await aws.advance(minuteMs);
    await this.member(NEW, Engine);
    this.guards = Object.fromEntries([region, elsewhere].map((one) => [one, this.guardOf(one)]));
    this.ports = this.portsOf();
    this.names.value = (await this.guards[region]?.instances.describe(OLD.instance))?.endpoint?.host;
    this.calls.length = 0;
  }

  async stop(): Promise<void> {
    process.env = this.env;
    await this.server?.stop();
    await this.aws.stop();
  }

  private async member({ instance, region: where }: typeof OLD, Engine: string): Promise<void> {
    await this.aws.rds(where).send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: `${instance}-1`, DBClusterIdentifier: instance },
        ...{ DBInstanceClass: 'db.r8g.large', Engine },
      }),
    );
    await this.aws.advance(minuteMs);
  }

  /** Looks once a second until it is so; throws with what was said last when it is not in time. */
  async until(isSo: (report: StepReport) => boolean, seconds: number): Promise<StepReport> {
    const { ports, policy } = this;
    if (ports === undefined) throw new Error('open() first');
    for (let second = 0; second < seconds; second += 1) {
      const report = await step(ports, policy);
      this.said.push(report);
      if (isSo(report)) return report;
      await this.aws.advance(1_000);
    }
    throw new Error(`not within ${seconds} s: ${this.said.at(-1)?.sentence}`);
  }

  async say(verb: CommandOrder['verb']): Promise<void> {
    const record = recordOf(await this.records.load(this.policy.pair), this.policy, this.nowMs);
    const order = { verb, by: 'alex', why: 'a test', epoch: record.epoch };
    const outcome = applyCommand(record, order, this.nowMs);
    if (outcome.kind === 'refused') throw new Error(outcome.sentence);
    await this.records.save(outcome.record, record.version);
  }

  /** The guard's minute in a region, as its handler puts it together: where a heartbeat was taken. */
  async minute(where: string): Promise<string[]> {
    const guard = this.guards[where] as GuardPorts;
    const beaten: string[] = [];
    const sql: PrimarySql = {
      ...guard.sql,
      beat: async (...asked) => {
        const probe = await guard.sql.beat(...asked);
        if (probe.kind === 'wrote') beaten.push(asked[0].host.split('.')[0] ?? '');
        return probe;
      },
    };
    const ports = { ...guard, sql } as LeasePorts;
    await guardTick([[ports, this.policy, where === region ? OLD : NEW]], {
      all: (kind) => guardedIn(where)(kind).all(),
      remainingMs: () => 60_000,
      said: () => {},
    });
    return beaten;
  }

  /** What RDS says of a cluster, in the words of the pair. */
  async describe({ instance, region: where }: { instance: string; region: string }) {
    return this.guards[where]?.instances.describe(instance);
  }

  /** The cluster whose engine answers here, or the error of a connection. A secondary answers at its readers' endpoint alone. */
  private async reach(where: string, { host }: Endpoint): Promise<string> {
    const { DBClusters = [] } = await this.aws.rds(where).send(new DescribeDBClustersCommand({}));
    for (const { DBClusterIdentifier = '', Endpoint, ReaderEndpoint, VpcSecurityGroups = [] } of DBClusters) {
      const isFollower = this.kind === 'aurora-global' && !this.takesWrites(where, DBClusterIdentifier);
      const isAsked = host === ReaderEndpoint || (host === Endpoint && !isFollower);
      const isShut = VpcSecurityGroups.some(({ VpcSecurityGroupId }) => VpcSecurityGroupId === EMPTY[where]);
      const { DBInstanceStatus } = await this.aws.describe(`${DBClusterIdentifier}-1`, where);
      if (isAsked && !isShut && DBInstanceStatus === 'available') return DBClusterIdentifier;
    }
    throw new Error(`connect ECONNREFUSED ${host}`);
  }

  private takesWrites(where: string, cluster: string): boolean {
    return this.aws.world.admin.clusterTakesWrites(where, cluster);
  }

  private position(): string {
    const { atMs } = this.log;
    return [Math.floor(atMs / 2 ** 32), atMs % 2 ** 32].map((part) => part.toString(16).toUpperCase()).join('/');
  }

  private primarySql(where: string): PrimarySql {
    return {
      beat: async (at, atMs, epoch) => {
        const cluster = await this.reach(where, at).catch((error: unknown) => String(error));
        if (cluster.startsWith('Error')) return { kind: 'unreachable', because: cluster };
        if (!this.takesWrites(where, cluster)) return { kind: 'answered', because: 'read-only transaction' };
        this.log = { atMs, epoch: Math.max(epoch, this.log.epoch), heardMs: atMs };
        return { kind: 'wrote', lsn: this.position(), epoch: this.log.epoch, latencyMs: 2 };
      },
      fence: async (at) => {
        await this.reach(where, at);
        return 0;
      },
      open: async (at) => {
        await this.reach(where, at);
      },
    };
  }

  private replicaSql(where: string): ReplicaSql {
    return {
      view: async (at) => {
        const cluster = await this.reach(where, at);
        const inRecovery = !this.takesWrites(where, cluster);
        const { atMs, epoch, heardMs } = this.log;
        const [lsn, heard] = [this.position(), inRecovery ? this.nowMs - heardMs : undefined];
        return {
          ...{ inRecovery, lastMessageAgeMs: heard, receivedLsn: lsn, replayedLsn: lsn, lastReplayedCommitMs: atMs },
          heartbeat: { atMs, epoch },
        };
      },
      open: async (at, _roles, atMs, epoch) => {
        if (!this.takesWrites(where, await this.reach(where, at))) throw new Error('read-only transaction');
        this.log = { atMs, epoch, heardMs: atMs };
      },
    };
  }

  private guardOf(where: string): GuardPorts {
    const now = () => this.nowMs;
    return { region: where, instances: guardedIn(where)(this.policy.kind), sql: this.primarySql(where), now };
  }

  private portsOf(): ReconcilerPorts {
    const { policy, names } = this;
    const now = () => this.nowMs;
    const guard = (where: string) => this.guards[where] as GuardPorts;
    return {
      ...reconcilerPorts(configOf(this.kind), () => {})(policy.kind),
      records: this.records,
      leases: undefined,
      clock: { now, sleep: (ms) => this.aws.advance(ms) },
      observers: {
        guard: (target, _pair, epoch) => observePrimary(guard(target.region), policy, target, epoch),
        witness: (target, pair, epoch) =>
          witnessPair(
            { guard: () => observePrimary(guard(target.region), policy, target, epoch), now },
            target,
            pair,
            epoch,
          ),
        replica: (where, _pair, at) => observeReplica(this.replicaSql(where), at, now(), policy.applicationRoles),
        resolve: async () => names.value,
      },
      fencing: {
        fence: (order) => fencePrimary(guard(order.target.region), policy, order).then(() => {}),
        quiesce: (order) => quiescePrimary(guard(order.target.region), policy, order),
        unfence: (order) => unfencePrimary(guard(order.target.region), policy, order),
      },
      opening: {
        open: (where, _pair, at, epoch) => this.replicaSql(where).open(at, policy.applicationRoles, now(), epoch),
      },
      names: {
        read: async () => ({ ...names, ttlSeconds: 1, epochTtlSeconds: 1 }),
        readers: async () => ({ records: [] }) as never,
        swap: async (_zone, { deletes, creates }) => {
          const of = (list: typeof creates, type: string) => list.find((one) => one.type === type)?.value;
          if (of(deletes, 'CNAME') !== names.value || of(deletes, 'TXT') !== names.epochText)
            return { kind: 'conflict' };
          Object.assign(names, { value: of(creates, 'CNAME'), epochText: of(creates, 'TXT') });
          return { kind: 'accepted' };
        },
        answered: async () => names.value,
        inSync: async () => true,
        flip: async () => {},
      },
      secondChannel: { publish: async () => {} },
      announce: {
        leaderChanged: async () => {},
        page: async (_pair, _subject, sentence) => void this.pages.push(sentence),
      },
    };
  }
}
