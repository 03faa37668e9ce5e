import type { GuardReport } from '../../../functions/failover/core/evidence.ts';
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
import { judgeAftermath, judgeFence, judgePromotion, judgeSave } from './judge.ts';
import { memoryLeases, reached } from './leases.ts';
import { memoryRecords } from './memory-records.ts';
import { policyOfScenario } from './policy.ts';
import { FENCED, REPLICA_HOST, type World } from './world.ts';

const never = () => new Promise<never>(() => {});

/** Everything a reconciler talks to, with the world behind it: latency, crashes, frozen workers, outages. */
export const openPorts = (world: World, memory = memoryRecords(), leases = memoryLeases()) => {
  const policy = policyOfScenario(world.scenario);
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
    if (crash?.call === mine && !crash.after) return never();
    if (freeze?.call === mine) await world.time.sleep(freeze.forMs);
    await world.time.sleep(latencyMs);
    const result = await effect();
    if (crash?.call === mine && crash.after) return never();
    return result;
  };

  const guardPorts: GuardPorts = {
    region: policy.primary.region,
    now: () => world.now,
    instances: {
      describe: async () => world.primaryView(),
      setSecurityGroups: async (_instance, ids) => {
        world.swapGroups(ids);
        if (!ids.includes(FENCED)) return;
        world.count('fenced');
        judgeFence(world, await memory.load('ledger'));
      },
      markLeased: async () => {
        world.isMarked = true;
      },
    },
    sql: {
      beat: async (_at, atMs, epoch) => {
        if (world.engine !== 'up' || world.fenced()) return { kind: 'unreachable', because: 'connect ECONNREFUSED' };
        if (world.guardRefused) return { kind: 'answered', because: 'password authentication failed' };
        world.lastCommitMs = world.now;
        world.primaryHeartbeatMs = atMs;
        world.primaryHeartbeatEpoch = epoch;
        return { kind: 'wrote', lsn: lsnAt(world.now), epoch, latencyMs: 2 };
      },
      fence: async () => {
        if (world.engine !== 'up' || world.fenced()) throw new Error('connect ECONNREFUSED');
        world.roleMayLogin = false;
        world.trackedSessions = false;
        return 0;
      },
      open: async () => {
        if (world.engine !== 'up' || world.fenced()) throw new Error('connect ECONNREFUSED');
        world.roleMayLogin = true;
      },
    },
  };

  const reach = (from: 'recovery' | 'witness') => {
    if (!world.guardReachable[from]) throw new Error('timeout');
  };
  const observe = (from: 'recovery' | 'witness', epoch: number): Promise<GuardReport> => {
    reach(from);
    return observePrimary(guardPorts, policy, policy.primary, epoch);
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
      guard: (_target, _pair, epoch) => call('guard', 200, () => observe('recovery', epoch)),
      witness: (target, pair, epoch) =>
        call('witness', 300, () =>
          witnessPair({ guard: async () => observe('witness', epoch), now: () => world.now }, target, pair, epoch),
        ),
      replica: () =>
        call('replica', 100, () => ({
          atMs: world.now,
          inRecovery: world.replicaStandby,
          lastMessageAgeMs: world.promotedAtMs === undefined && world.link ? world.now - world.heardMs : undefined,
          receivedLsn: lsnAt(world.replayedCommitMs),
          replayedLsn: lsnAt(world.replayedCommitMs),
          lastReplayedCommitMs: world.replayedCommitMs,
          heartbeat: { atMs: world.heartbeatMs, epoch: Math.max(world.opened, world.heartbeatEpoch) },
        })),
      resolve: () =>
        call('resolve', 60, () =>
          world.now - world.namesChangedMs > (world.scenario.dnsDelayMs ?? 2_000) ? world.names.value : undefined,
        ),
    },
    fencing: {
      fence: (order) =>
        call('fence', 400, () => {
          reach('recovery');
          return fencePrimary(guardPorts, policy, order).then(() => {});
        }),
      quiesce: (order) =>
        call('quiesce', 400, () => {
          reach('recovery');
          return quiescePrimary(guardPorts, policy, order);
        }),
      unfence: (order) =>
        call('unfence', 400, () => {
          reach('recovery');
          return unfencePrimary(guardPorts, policy, order);
        }),
    },
    instances: {
      describe: () => call('describe', 50, () => world.replicaView()),
      promote: () =>
        call('promote', 100, async () => {
          if (world.replicaSource === undefined || world.promotedAtMs !== undefined)
            throw new Error('InvalidDBInstanceState');
          judgePromotion(world, await memory.load('ledger'));
          if (world.replicaStatus !== 'available') throw new Error('InvalidDBInstanceState');
          world.promote();
        }),
    },
    old: {
      describe: async () => {
        reach('recovery');
        return world.primaryView();
      },
      snapshot: () =>
        call('salvage', 100, async () => {
          if (world.primaryStatus !== 'available') throw new Error('InvalidDBInstanceState');
          judgeAftermath(world, await memory.load('ledger'));
          world.salvaged = true;
        }),
      stop: () =>
        call('stop', 100, async () => {
          if (world.primaryStatus !== 'available') throw new Error('InvalidDBInstanceState');
          judgeAftermath(world, await memory.load('ledger'));
          if (!world.salvaged) world.violate('stopped the old primary without a snapshot of it');
          world.die('dead', 'stopped');
        }),
    },
    opening: {
      open: (_region, _pair, _at, epoch) =>
        call('open', 100, () => {
          if (world.replicaStandby) throw new Error('cannot execute UPDATE in a read-only transaction');
          world.opened = Math.max(world.opened, epoch);
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
      answered: () =>
        call('ask-servers', 40, () =>
          world.now - world.namesChangedMs > (world.scenario.dnsDelayMs ?? 2_000) ? world.names.value : undefined,
        ),
    },
    secondChannel: {
      publish: () =>
        call('second-channel', 80, () => {
          reach('recovery');
          world.secretHost = REPLICA_HOST;
        }),
    },
    announce: {
      leaderChanged: () => call('announce', 50, () => {}),
      page: async (_pair, _subject, sentence) => void world.pages.push(sentence),
    },
  };
  return { ports, policy, memory, guardPorts, leases };
};

/** The log of this world grows by one byte a millisecond. */
const lsnAt = (ms: number): string => `0/${Math.floor(ms).toString(16).toUpperCase()}`;

const upOr = <Result>(up: boolean, then: () => Result): Result => {
  if (!up) throw new Error('503');
  return then();
};
