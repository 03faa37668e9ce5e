import { errorText } from '../../../shared/aws/errors.ts';
import { type Left, type Remaining, waitOf } from '../core/remaining.ts';
import type { HandedOn } from '../core/remaining-sentences.ts';
import type { Ports } from './ports.ts';

/** So many characters of them fit in one item of the state table: some 6,000 databases. The rest is the next hour's. */
const MOST_CHARACTERS = 350_000;

const fitting = (left: readonly Left[]): Left[] => {
  let room = MOST_CHARACTERS;
  return left.filter((one) => {
    room -= [one.kind, one.because, one.resourceId, ...(one.tried ?? [])].join(' ').length + 1;
    return room >= 0;
  });
};

/**
 * Writes down what is left and sends the message that goes on with it. First the writing: a message that finds nothing does
 * nothing, so a crash in between costs the slot's rest, never a wrong deed, and the next run heals it. What was written down
 * before stays; its message is sent again, for the one before may have died without sending it.
 */
export const handOn = async (
  { remaining, continuations }: Pick<Ports, 'remaining' | 'continuations'>,
  rest: Remaining,
  nowMs: number,
): Promise<HandedOn> => {
  const { slotMs, part, expiry } = rest;
  const left = fitting(rest.left);
  if (left.length === 0 && expiry === 'done') return { kind: 'nothing' };
  const waitMs = waitOf(rest, slotMs, nowMs);
  if (waitMs === 'closed') return { kind: 'closed', left, expiry };
  try {
    await remaining.put({ ...rest, left });
    await continuations.send({ slotMs, part }, waitMs / 1000);
    return { kind: 'handed-on', left, expiry, waitMs };
  } catch (error) {
    return { kind: 'failed', left, expiry, detail: errorText(error) };
  }
};
