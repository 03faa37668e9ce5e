import type { Endpoint, GuardReport, Heard, ReplicaReport } from '../../../functions/failover/core/evidence.ts';
import type { Target } from '../../../functions/failover/core/policy.ts';
import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import {
  fencePrimary,
  type GuardPorts,
  observePrimary,
  quiescePrimary,
  unfencePrimary,
} from '../../../functions/failover/run/guard.ts';
import type { LeaseStore, RecordStore } from '../../../functions/failover/run/ports.ts';
import type { ReconcilerPorts } from '../../../functions/failover/run/reconcile.ts';
import { witnessPair } from '../../../functions/failover/run/witness.ts';
import type { Binlog } from './binlog.ts';
import { type Database, EMPTY } from './database.ts';
import { judgeAftermath, judgeBuild, judgeFence, judgePromotion, judgeSave } from './judge.ts';
import { memoryLeases, reached } from './leases.ts';
import { memoryRecords } from './memory-records.ts';
import { policyOfScenario } from './policy.ts';
import { positionOfLeader, viewOfVolume } from './volumes.ts';
import { FAR, NEAR, type World } from './world.ts';

const never = () => new Promise<never>(() => {});

/** Everything a reconciler talks to, with the world behind it: latency, crashes, frozen workers, outages. */
export const openPorts = (world: World, memory = memoryRecords(), leases = memoryLeases()) => {
  const policy = policyOfScenario(world.scenario);
  const isGlobal = world.scenario.kind === 'aurora-global';
  let calls = 0;

  /** One call of one worker: time passes, it may freeze before its effect or die on either side of it. */
  const call = async <Result>(
    name: string,
    latencyMs: number,
    effect: () => Result | Promise<Result>,
  ): Promise<Result> => {
    calls += 1;
    const mine = calls;
    world.count(name);
    const { crash, freeze } = world.scenario;
    if (crash?.call === mine) told.clear();
    if (crash?.call === mine && !crash.after) return never();
    if (freeze?.call === mine) await world.time.sleep(freeze.forMs);
    await world.time.sleep(latencyMs);
    const result = await effect();
    if (crash?.call === mine && crash.after) return never();
    return result;
  };

  /** An instance that a region's functions can reach by SQL, or the error that they get. */
  const sqlAt = ({ host }: Endpoint): Database => {
    const one = world.byHost(host);
    if (one === undefined || one.engine !== 'up' || one.fenced(world.now)) throw new Error('connect ECONNREFUSED');
    return one;
  };
  /** A connection that is asked for just before a group is active gets through: the first packet is sent again after a second. */
  const sqlSoonAt = async (at: Endpoint): Promise<Database> => {
    const waitMs = (world.byHost(at.host)?.groupsActiveAtMs ?? 0) - world.now;
    if (waitMs > 0 && waitMs <= 1_000) await world.time.sleep(waitMs);
    return sqlAt(at);
  };
  const guardOf = (region: string): GuardPorts => ({
    region,
    now: () => world.now,
    instances: {
      describe: async (instance) => world.find({ instance, region })?.view(world.now),
      setSecurityGroups: async (instance, ids) => {
        const one = world.find({ instance, region });
        if (one === undefined) throw new Error('DBInstanceNotFound');
        if (world.scenario.failedRefusesGroups && one.status === 'failed')
          throw new Error(`InvalidDBInstanceState: Database instance ${instance} is not in available state.`);
        one.swapGroups(ids, world.now, world.now + world.scenario.groupsActiveAfterMs);
        world.aurora?.judgeDoor(one, ids.includes(EMPTY[region] ?? ''), await memory.load('ledger'));
        if (!ids.includes(EMPTY[region] ?? '')) return;
        world.count('fenced');
        judgeFence(world, one, await memory.load('ledger'));
      },
      leased: async () =>
        world.databases.filter((one) => one.region === region && one.isLeased).map((one) => one.view(world.now)),
      markLeased: async (instance) => {
        const one = world.find({ instance, region });
        if (one !== undefined) one.isLeased = true;
      },
    },
    sql: {
      beat: async (at, atMs, epoch) => {
        let one: Database;
        try {
          one = sqlAt(at);
        } catch (error) {
          return { kind: 'unreachable', because: String(error) };
        }
        if (world.guardRefused) return { kind: 'answered', because: 'password authentication failed' };
        if (one.standby || one.blocked)
          return { kind: 'answered', because: 'cannot execute UPDATE in a read-only transaction' };
        one.takeBeat(atMs, epoch, world.now);
        const own = isGlobal ? positionOfLeader(one, world.now) : lsnAt(world.now);
        return { kind: 'wrote', lsn: one.binlog?.position(world.now) ?? own, epoch, latencyMs: 2 };
      },
      fence: async (at) => {
        const one = sqlAt(at);
        one.roleMayLogin = false;
        one.trackedSessions = false;
        return 0;
      },
      open: async (at) => {
        (await sqlSoonAt(at)).roleMayLogin = true;
      },
    },
  });
  // What the observer's process and the reconciler's remember of how each was heard (aws/mysql.ts, aws/functions.ts).
  const [observed, told] = [new Map<string, Heard>(), new Map<string, Heard>()];
  const hearing = (one: Database, binlog: Binlog): ReplicaReport => {
    const report = binlog.view(one, observed, told.get(one.host), world.now);
    if (report.heard) told.set(one.host, report.heard);
    return report;
  };
  const hearingVolume = (one: Database): ReplicaReport => {
    const report = viewOfVolume(one, told.get(one.host), world.now, world.scenario.lagMs > 500);
    if (report.heard) told.set(one.host, report.heard);
    return report;
  };
  const guards: Readonly<Record<string, GuardPorts>> = { [FAR]: guardOf(FAR), [NEAR]: guardOf(NEAR) };

  const reach = (from: 'recovery' | 'witness', region: string) => {
    const isSilent = from === 'witness' ? !world.farReachable.witness : !world.farReachable.recovery && region === FAR;
    if (isSilent) throw new Error('timeout');
  };
  const guardFrom = (from: 'recovery' | 'witness', { region }: Target): GuardPorts => {
    reach(from, region);
    return guards[region] as GuardPorts;
  };
  const observe = (from: 'recovery' | 'witness', target: Target, epoch: number): Promise<GuardReport> =>
    observePrimary(guardFrom(from, target), policy, target, epoch);
  const answered = () =>
    world.now - world.namesChangedMs > (world.scenario.dnsDelayMs ?? 2_000) ? world.names.value : undefined;
  const known = (target: Target): Database => {
    reach('recovery', target.region);
    const one = world.find(target);
    if (one === undefined) throw new Error('DBInstanceNotFound');
    return one;
  };

  const records: RecordStore = {
    ...memory,
    load: (pair) => call('load', 10, () => upOr(world.storeUp, () => memory.load(pair))),
    save: (record, expected) =>
      call('save', 10, () =>
        upOr(world.storeUp, async () => {
          const before: FailoverRecord | undefined = await memory.load(record.pair);
          const outcome = await memory.save(record, expected);
          if (outcome === 'saved') judgeSave(world, before, record);
          return outcome;
        }),
      ),
  };

  const leasesFromHere = (): LeaseStore => {
    const { load, save } = reached(world, leases, () => world.storeUp);
    return {
      unfit: leases.unfit,
      load: (pair) => call('load-lease', 10, () => load(pair)),
      save: (lease, seq) => call('save-lease', 10, () => save(lease, seq)),
    };
  };

  const ports: ReconcilerPorts = {
    records,
    clock: { now: () => world.now, sleep: (ms) => world.time.sleep(ms) },
    leases: leasesFromHere(),
    observers: {
      guard: (target, _pair, epoch) => call('guard', 200, () => observe('recovery', target, epoch)),
      witness: (target, pair, epoch) =>
        call('witness', 300, () =>
          witnessPair(
            { guard: async () => observe('witness', target, epoch), now: () => world.now },
            target,
            pair,
            epoch,
          ),
        ),
      replica: (region, _pair, at) =>
        call('replica', 100, () => {
          reach('recovery', region);
          const one = sqlAt(at);
          if (one.binlog !== undefined) return hearing(one, one.binlog);
          if (isGlobal) return hearingVolume(one);
          return {
            atMs: world.now,
            inRecovery: one.standby,
            lastMessageAgeMs: one.promotedAtMs === undefined && world.link ? world.now - one.heardMs : undefined,
            receivedLsn: lsnAt(one.replayedCommitMs),
            replayedLsn: lsnAt(one.replayedCommitMs),
            lastReplayedCommitMs: one.replayedCommitMs,
            heartbeat: { atMs: one.heartbeat.atMs, epoch: Math.max(one.opened ?? 0, one.heartbeat.epoch) },
          };
        }),
      resolve: (region) =>
        call('resolve', 60, () => {
          reach('recovery', region);
          return answered();
        }),
    },
    fencing: {
      fence: (order) =>
        call('fence', 400, () => fencePrimary(guardFrom('recovery', order.target), policy, order).then(() => {})),
      quiesce: (order) =>
        call('quiesce', 400, () => quiescePrimary(guardFrom('recovery', order.target), policy, order)),
      unfence: (order) =>
        call('unfence', 400, () => unfencePrimary(guardFrom('recovery', order.target), policy, order)),
    },
    instances: {
      describe: (region, instance) =>
        call('describe', 50, () => {
          reach('recovery', region);
          return world.find({ instance, region })?.view(world.now);
        }),
      promote: (region, instance, { planned }) =>
        call('promote', 100, async () => {
          const one = known({ region, instance });
          if (one.source === undefined || one.promotedAtMs !== undefined) throw new Error('InvalidDBInstanceState');
          judgePromotion(world, one, await memory.load('ledger'));
          if (one.status !== 'available') throw new Error('InvalidDBInstanceState');
          if (world.aurora) world.aurora.promote(one, planned ?? false);
          else one.promote(world.now + world.scenario.promoteMs);
        }),
    },
    building: {
      replica: ({ target, source, like, securityGroupIds }) =>
        call('build', 150, async () => {
          reach('recovery', target.region);
          judgeBuild(world, target, await memory.load('ledger'));
          known({ instance: like, region: target.region });
          world.build(target, known(source), securityGroupIds);
        }),
    },
    storage: world.aurora && {
      block: (region, of, sinceMs) =>
        call('storage-events', 50, () => {
          reach('recovery', region);
          return world.aurora?.blockIn(region, of, sinceMs) ?? 'not-told';
        }),
    },
    old: {
      describe: async (region, instance) => {
        reach('recovery', region);
        return world.find({ instance, region })?.view(world.now);
      },
      snapshot: (region, { instance }) =>
        call('salvage', 100, async () => {
          const one = known({ region, instance });
          if (one.status !== 'available') throw new Error('InvalidDBInstanceState');
          judgeAftermath(world, one, await memory.load('ledger'));
          one.salvaged = true;
        }),
      stop: (region, instance) =>
        call('stop', 100, async () => {
          const one = known({ region, instance });
          if (one.status !== 'available') throw new Error('InvalidDBInstanceState');
          // docs: USER_StopInstance, limitations.
          if (one.source !== undefined) throw new Error('InvalidDBInstanceState: it is a read replica');
          judgeAftermath(world, one, await memory.load('ledger'));
          if (!one.salvaged) world.violate('stopped the old primary without a snapshot of it');
          one.die('dead', 'stopped', world.now);
        }),
    },
    opening: {
      open: (region, _pair, at, epoch) =>
        call('open', 100, () => {
          reach('recovery', region);
          const one = sqlAt(at);
          if (one.standby) throw new Error('cannot execute UPDATE in a read-only transaction');
          one.roleMayLogin = true;
          one.opened = Math.max(one.opened ?? 0, epoch);
          one.takeBeat(world.now, epoch, world.now);
        }),
    },
    names: {
      read: () => call('read-names', 60, () => upOr(world.dnsUp, () => ({ ...world.names }))),
      swap: (_zone, { deletes, creates }) =>
        call('swap-names', 100, () =>
          upOr(world.dnsUp, () => {
            const reader = creates.find(({ weight }) => weight !== undefined);
            if (reader !== undefined) return world.setReaders(deletes, creates);
            if (world.scenario.stop) world.violate("used Route 53's API for the writer in mode stop");
            const [name, text] = ['CNAME', 'TXT'].map((type) => deletes.find((one) => one.type === type)?.value);
            if (name !== world.names.value || text !== world.names.epochText) return { kind: 'conflict' } as const;
            const ours = (type: string) => creates.find((one) => one.type === type);
            world.setNames({
              value: ours('CNAME')?.value,
              ttlSeconds: 5,
              epochText: ours('TXT')?.value,
              epochTtlSeconds: 5,
            });
            return { kind: 'accepted' } as const;
          }),
        ),
      readers: () => call('read-readers', 60, () => upOr(world.dnsUp, () => world.readers)),
      inSync: async () => undefined,
      flip: ({ standby, atMs }) => call('flip', 50, () => world.flip(standby, atMs)),
      answered: () => call('ask-servers', 40, answered),
    },
    secondChannel: {
      publish: ({ at }) =>
        call('second-channel', 80, () => {
          reach('recovery', FAR);
          world.secretHost = at.host;
        }),
    },
    announce: {
      leaderChanged: () => call('announce', 50, () => {}),
      page: async (_pair, _subject, sentence) => void world.pages.push(sentence),
    },
  };
  return { ports, policy, memory, guards: Object.values(guards), leases };
};

/** The log of this world grows by one byte a millisecond. */
const lsnAt = (ms: number): string => `0/${Math.floor(ms).toString(16).toUpperCase()}`;

const upOr = <Result>(up: boolean, then: () => Result): Result => {
  if (!up) throw new Error('503');
  return then();
};
