import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Timer, TimerQueue } from './timer-queue.ts';

test('timers come out by due time, then in the order in which they were added, without the cancelled ones', () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean(), fc.boolean()));
  fc.assert(
    fc.property(entries, (wanted) => {
      const queue = new TimerQueue();
      const taken: Timer[] = [];
      const left: Timer[] = [];
      wanted.forEach(([dueMs, isCancelled, isTaken], order) => {
        const timer = { dueMs, order, fire: () => {} };
        queue.add(timer);
        if (isCancelled) queue.cancel(timer);
        else left.push(timer);
        left.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
        expect(queue.first()).toBe(left[0]);
        if (isTaken) expect(queue.take()).toBe(left.shift());
      });
      for (let next = queue.take(); next; next = queue.take()) taken.push(next);
      expect(taken).toEqual(left);
    }),
  );
});
