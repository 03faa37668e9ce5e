import { afterEach, expect, jest, test } from '@jest/globals';
import type { Clock } from './clock.ts';
import { openVirtualClock } from './virtual-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
let clock: Clock | undefined;
afterEach(() => {
  clock?.stop();
  jest.restoreAllMocks();
});
const open = (onError?: (error: unknown) => void) => {
  clock = openVirtualClock({ startMs: START_MS, ...(onError && { onError }) });
  return clock;
};

test('a virtual clock stands still while the wall moves, and sets no timer', async () => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  const virtual = open();
  let fired = 0;
  virtual.at(START_MS + 1, () => (fired += 1));
  virtual.at(START_MS - HOUR_MS, () => (fired += 1));
  const set = timers.mock.calls.length;
  timers.mockRestore();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([virtual.now(), fired, set]).toEqual([START_MS, 0, 0]);
});

test('what a callback schedules and sleeps is lived through in order, each at exactly its time', async () => {
  const virtual = open();
  const seen: [string, number][] = [];
  const note = (name: string) => seen.push([name, virtual.now() - START_MS]);
  virtual.at(START_MS + 10, async () => {
    note('a');
    virtual.at(START_MS + 15, () => note('b'));
    await virtual.sleep(10);
    note('a woke');
    await virtual.sleep(HOUR_MS);
    note('too late');
  });
  virtual.at(START_MS + 20, () => note('c'));
  await virtual.advance(30);
  expect(seen).toEqual([
    ['a', 10],
    ['b', 15],
    ['c', 20],
    ['a woke', 20],
  ]);
  expect(virtual.now()).toBe(START_MS + 30);
});

test('a callback that throws is heard of and stops no other', async () => {
  const errors: unknown[] = [];
  const virtual = open((error) => errors.push(error));
  let fired = 0;
  virtual.at(START_MS, () => {
    throw new Error('broken');
  });
  virtual.at(START_MS, () => (fired += 1));
  await virtual.advance(0);
  expect([String(errors[0]), fired]).toEqual(['Error: broken', 1]);
});

test('100,000 callbacks of a month are lived through in seconds', async () => {
  const virtual = open();
  let fired = 0;
  for (let hour = 0; hour < 720; hour += 1) {
    for (let i = 0; i < 139; i += 1) virtual.at(START_MS + hour * HOUR_MS + i, () => (fired += 1));
  }
  const began = performance.now();
  await virtual.advance(720 * HOUR_MS);
  expect(fired).toBe(720 * 139);
  expect(performance.now() - began).toBeLessThan(30_000);
});
