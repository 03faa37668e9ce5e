import { type NamesReport, sameHost } from './evidence.ts';
import type { NamesPlan } from './names.ts';

/** The name of a pair whose records are made beforehand: a primary and a secondary, chosen by a health check that we drive. */
export interface FlipGoal {
  writer: string;
  target: string;
  from: string | undefined;
  /** Whether the target is the secondary record's: the replica's of the config. */
  standby: boolean;
}

/**
 * Standby takes over primary: no record is changed, one number in a metric makes Route 53 answer the other record. An unseen
 * name does not stop it, for nobody's record is overwritten; a name that leads to neither leader does: the records are not ours.
 */
export const planFlip = (seen: NamesReport | undefined, { writer, target, from, standby }: FlipGoal): NamesPlan => {
  if (sameHost(seen?.value, target)) return { kind: 'ours' };
  if (seen?.value !== undefined && !sameHost(seen.value, from)) {
    return { kind: 'conflict', because: `${writer} is answered with ${seen.value}, which is neither leader of ours` };
  }
  return { kind: 'flip', standby };
};
