import { setTimeout as sleep } from 'node:timers/promises';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { primaryOf } from '../aws/engine-sql.ts';
import { guardedIn } from '../aws/guarded.ts';
import { configuredLeases, noLeases } from '../aws/lease-store.ts';
import { pairOf } from '../core/drills/drill.ts';
import { fencePrimary, type GuardEvent, observePrimary, quiescePrimary, unfencePrimary } from '../run/guard.ts';
import { guardTick } from '../run/guard-tick.ts';
import type { LeasePorts } from '../run/lease.ts';
import { pairNamed, policyNamed, policyOf } from '../run/settings.ts';

/** In each region of a pair and its VPC: looks at the instance that leads there, fences it when told; on the minute tick beats its heart and keeps its lease. */
export const handler = lambda<GuardEvent, unknown>({
  function: 'guard',
  run: async (event, { config, region, logger, deadline }) => {
    const guarded = guardedIn(region);
    const leases = configuredLeases(config, region) ?? noLeases;
    const clock = { now: Date.now, sleep: (ms: number) => sleep(ms).then(() => {}) };
    const of = (name: string) => {
      const sql = primaryOf(pairNamed(config, pairOf(name)), region);
      const policy = policyNamed(config, name);
      const ports: LeasePorts = { region, instances: guarded(policy.kind), sql, leases, clock, now: clock.now };
      return [ports, policy] as const;
    };
    /** This region's instance by the config: what the tick is about, and an order of a release that knew no other. */
    const own = (name: string) => {
      const { primary, replica } = policyOf(config, pairNamed(config, name));
      return primary.region === region ? primary : replica;
    };
    switch (event.kind) {
      case 'observe':
        return observePrimary(...of(event.pair), event.target ?? own(event.pair), event.epoch);
      case 'fence':
        return fencePrimary(...of(event.pair), event);
      case 'quiesce':
        return quiescePrimary(...of(event.pair), event);
      case 'unfence':
        return unfencePrimary(...of(event.pair), event);
      default:
        return guardTick(
          config.failover.pairs.map(({ name }) => [...of(name), own(name)] as const),
          {
            all: (kind) => guarded(kind).all(),
            remainingMs: deadline.remainingMs,
            said: (sentence, isTrouble) => say(logger, sentence, {}, isTrouble ? 'warn' : 'info'),
          },
        );
    }
  },
});
