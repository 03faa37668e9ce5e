import { type DriftReport, isEqualNow } from '../core/drift.ts';
import { fillProgress, isFilled } from '../core/fill.ts';
import { checkDrift, type DriftOptions } from './drift.ts';
import type { Generations, Written } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { DriftPorts, Fills } from './upkeep-ports.ts';

export interface CutOverPorts extends DriftPorts {
  generations: Generations;
  fills: Fills;
  /** What is searched and what is not change places, in one step; false when they are not these any more. */
  swap(alias: string, written: Written): Promise<boolean>;
}

export type CutOver =
  | { kind: 'refused'; reason: 'no-shadow' | 'not-filled' | 'moved'; alias: string }
  | { kind: 'refused'; reason: 'drift'; alias: string; drift: DriftReport }
  /** It would be done: nothing was changed, for it was not confirmed. */
  | { kind: 'ready'; alias: string; written: Written; drift: DriftReport }
  | { kind: 'done'; alias: string; written: Written; drift: DriftReport };

/**
 * Lets searches go to the shadow. Only when it was filled to its end and equals the table: a shadow that missed one write is
 * none any more (sync lets go of it), so from here on it can only be behind by what sync has not acknowledged. The other
 * index goes on taking every write, so that the way back is the same step. `target.index` is the alias.
 */
export const cutOver = async (
  ports: CutOverPorts,
  target: SyncTarget,
  confirmed: boolean,
  options: DriftOptions,
): Promise<CutOver> => {
  const alias = target.index;
  const written = await ports.generations.of(alias);
  if (written.shadow === undefined) return { kind: 'refused', reason: 'no-shadow', alias };
  // One that was searched before has no backfill of its own; whether it is whole is for the drift check to say, as for any.
  const progress = fillProgress(await ports.fills.parts(written.shadow));
  if (progress !== undefined && !isFilled(progress)) return { kind: 'refused', reason: 'not-filled', alias };
  const drift = await checkDrift(ports, { ...target, index: written.shadow }, options);
  if (!isEqualNow(drift)) return { kind: 'refused', reason: 'drift', alias, drift };
  if (!confirmed) return { kind: 'ready', alias, written, drift };
  return (await ports.swap(alias, written))
    ? { kind: 'done', alias, written, drift }
    : { kind: 'refused', reason: 'moved', alias };
};
