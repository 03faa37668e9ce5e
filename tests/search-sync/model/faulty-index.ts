import type { Operation } from '../../../functions/search-sync/core/operation.ts';
import type { Generations, SearchIndex } from '../../../functions/search-sync/run/ports.ts';
import type { Chance } from './chance.ts';

/** The process died in the middle of an invocation: nothing was reported. */
export class Crash extends Error {}

export interface FaultOptions {
  throttles: boolean;
  timeouts: boolean;
  /** A request that was given up lands later all the same. */
  zombies: boolean;
  crashes: boolean;
  /** For some seconds nothing is answered at all, longer than an invocation is patient. */
  outages: boolean;
}

/** An index behind a bad network: throttled items, lost answers, late copies, and a process that dies. */
export const faultyIndex = (inner: SearchIndex, chance: Chance, nowMs: () => number, options: FaultOptions) => {
  const late: { atMs: number; operations: readonly Operation[] }[] = [];
  let calm = false;
  let outUntilMs = 0;

  const land = async (untilMs: number): Promise<void> => {
    for (const zombie of late.filter(({ atMs }) => atMs <= untilMs)) {
      late.splice(late.indexOf(zombie), 1);
      await inner.bulk(zombie.operations);
    }
  };
  const crashMaybe = (): void => {
    if (!calm && options.crashes && chance.hit(0.04)) throw new Crash('killed');
  };

  const index: SearchIndex = {
    ...inner,
    stamps: async (...asked) => {
      await land(nowMs());
      if (!calm && options.timeouts && chance.hit(0.05)) throw new Error('timed out');
      return inner.stamps(...asked);
    },
    reads: async (...asked) => {
      await land(nowMs());
      crashMaybe();
      return inner.reads(...asked);
    },
    bulk: async (operations) => {
      await land(nowMs());
      if (!calm && options.outages && chance.hit(0.03)) outUntilMs = nowMs() + chance.whole(1_000, 30_000);
      if (!calm && nowMs() < outUntilMs) return { kind: 'none', reason: 'connection refused' };
      crashMaybe();
      if (!calm && options.timeouts && chance.hit(0.12)) {
        const fate = chance.pick(options.zombies ? ['lost', 'applied', 'late'] : ['lost', 'applied']);
        if (fate === 'applied') await inner.bulk(operations);
        if (fate === 'late') late.push({ atMs: nowMs() + chance.whole(50, 10_000), operations });
        return { kind: 'none', reason: 'timed out' };
      }
      if (!calm && options.throttles && chance.hit(0.05)) {
        return {
          kind: 'refused',
          status: chance.pick([429, 503]),
          type: 'rejected_execution_exception',
          reason: 'full',
        };
      }
      if (calm || !options.throttles) {
        const answer = await inner.bulk(operations);
        crashMaybe();
        return answer;
      }
      const through = operations.map(() => !chance.hit(0.2));
      const answer = await inner.bulk(operations.filter((_, i) => through[i]));
      crashMaybe();
      if (answer.kind !== 'items') return answer;
      let next = 0;
      const throttled = { status: 429, error: { type: 'rejected_execution_exception', reason: 'queue is full' } };
      return { kind: 'items', items: through.map((went) => (went ? (answer.items[next++] ?? throttled) : throttled)) };
    },
  };
  /** The aliases of the same cluster: asked for now and then without an answer. */
  const generations = (inner: Generations): Generations => {
    const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (!calm && options.timeouts && chance.hit(0.05)) throw new Error('timed out');
      const answer = await ask();
      if (!calm && options.timeouts && chance.hit(0.05)) throw new Error('timed out after it took effect');
      return answer;
    };
    return {
      of: (alias) => answered(() => inner.of(alias)),
      abandon: (alias, shadow) => answered(() => inner.abandon(alias, shadow)),
    };
  };

  return {
    index,
    generations,
    /** No more faults. */
    calmDown: () => {
      calm = true;
    },
    /** All that is still under way lands. */
    landAll: () => land(Number.POSITIVE_INFINITY),
  };
};
