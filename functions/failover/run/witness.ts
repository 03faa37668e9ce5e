import type { GuardReport, WitnessReport } from '../core/evidence.ts';
import { ask } from './look.ts';

export interface WitnessPorts {
  guard(pair: string, epoch: number): Promise<GuardReport>;
  now: () => number;
}

/** Whether the guard can be reached from a third region, and what it said. It has no SQL and no peering of its own. */
export const witnessPair = async (ports: WitnessPorts, pair: string, epoch: number): Promise<WitnessReport> => ({
  atMs: ports.now(),
  guard: await ask(() => ports.guard(pair, epoch)),
});
