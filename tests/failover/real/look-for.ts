import { loop } from '../../../functions/failover/run/loop.ts';
import type { StepReport } from '../../../functions/failover/run/reconcile.ts';
import { type openPair, policy } from './pair.ts';

/** Runs the reconciler's loop on a real pair for so long, or until something is so; what it says is kept. An error is the test's. */
export const lookingAt =
  (pair: () => Awaited<ReturnType<typeof openPair>>, reports: StepReport[]) =>
  async (ms: number, until: () => boolean): Promise<void> => {
    const endMs = Date.now() + ms;
    while (Date.now() < endMs && !until()) {
      await loop(pair().ports, policy, {
        remainingMs: () => (until() ? 0 : Math.min(endMs - Date.now(), 9_500)),
        said: (report) => reports.push(report),
        failed: (_pair, error) => {
          throw error;
        },
      });
    }
  };
