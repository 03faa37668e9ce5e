import { errorText } from '../../../shared/aws/errors.ts';
import type { Part } from '../core/inventory.ts';
import { pauseOf, pauseText } from '../core/orders.ts';
import type { Control } from './ports.ts';

/** Why nothing more is deleted. */
export interface Stopped {
  because: 'paused' | 'orders-unseen';
  detail: string;
}

/** At most so many deletions, and so much time, between two looks at what people ordered. */
export const MOST_UNWATCHED = 50;
const UNWATCHED_MS = 60_000;

/**
 * Asked before each deletion whether one of these parts is paused. A run lasts for minutes: a pause of now stops it, not
 * only the next one. Once stopped it stays so, and what nobody can say stops it, too. `leftMs` is the time that the run has left.
 */
export const watchOrders = (
  control: Pick<Control, 'orders'>,
  parts: readonly Part[],
): ((leftMs?: number) => Promise<Stopped | undefined>) => {
  let answer: Promise<Stopped | undefined> | undefined;
  let lookedMs: number | undefined;
  let unwatched = 0;
  const look = async (): Promise<Stopped | undefined> => {
    try {
      const orders = await control.orders();
      const [pause] = parts.flatMap((part) => pauseOf(orders, part) ?? []);
      return pause && { because: 'paused', detail: pauseText(pause) };
    } catch (error) {
      return { because: 'orders-unseen', detail: errorText(error) };
    }
  };
  return async (leftMs) => {
    const before = await answer;
    if (before !== undefined) return before;
    if (leftMs !== undefined) {
      lookedMs ??= leftMs;
      unwatched += 1;
    }
    const isLong = lookedMs !== undefined && leftMs !== undefined && lookedMs - leftMs >= UNWATCHED_MS;
    if (answer === undefined || unwatched > MOST_UNWATCHED || isLong) {
      unwatched = leftMs === undefined ? 0 : 1;
      lookedMs = leftMs;
      answer = look();
    }
    return answer;
  };
};
