import { afterEach, describe, expect, test } from '@jest/globals';
import { type Clock, openClock } from './clock.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2030, 0, 1);

describe('the local clock', () => {
  const opened: Clock[] = [];
  const open = (options: Parameters<typeof openClock>[0] = { startMs: START_MS }) => {
    const clock = openClock(options);
    opened.push(clock);
    return clock;
  };
  afterEach(() => {
    for (const clock of opened.splice(0)) clock.stop();
  });

  test('is wall time when nothing was advanced', () => {
    const before = Date.now();
    const seen = open({}).now();
    expect(seen).toBeGreaterThanOrEqual(before);
    expect(seen).toBeLessThanOrEqual(Date.now());
  });

  test('fires in order of due time, then of scheduling, and shows each its own time', async () => {
    const clock = open();
    const seen: [string, number][] = [];
    const note = (name: string) => () => seen.push([name, Math.round((clock.now() - START_MS) / HOUR_MS)]);
    clock.at(START_MS + 3 * HOUR_MS, note('c'));
    clock.at(START_MS + HOUR_MS, note('a1'));
    clock.at(START_MS + 2 * HOUR_MS, note('b'));
    clock.at(START_MS + HOUR_MS, note('a2'));
    clock.at(START_MS + 9 * HOUR_MS, note('too late'));
    await clock.advance(4 * HOUR_MS);
    expect(seen).toEqual([
      ['a1', 1],
      ['a2', 1],
      ['b', 2],
      ['c', 3],
    ]);
    expect(clock.now()).toBeGreaterThanOrEqual(START_MS + 4 * HOUR_MS);
  });

  test('fires what callbacks schedule inside the window, and leaves what lies beyond it', async () => {
    const clock = open();
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.at(clock.now() + HOUR_MS, tick);
    };
    clock.at(START_MS + HOUR_MS, tick);
    await clock.advance(24.5 * HOUR_MS);
    expect(ticks).toBe(24);
  });

  test('awaits a callback before it jumps to the next', async () => {
    const clock = open();
    const seen: string[] = [];
    clock.at(START_MS + HOUR_MS, async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      seen.push('slow');
    });
    clock.at(START_MS + 2 * HOUR_MS, () => seen.push('next'));
    await clock.advance(3 * HOUR_MS);
    expect(seen).toEqual(['slow', 'next']);
  });

  test('a callback that sleeps on the clock is carried through the window, and not waited for beyond it', async () => {
    const clock = open();
    const seen: string[] = [];
    clock.at(START_MS + HOUR_MS, async () => {
      await clock.sleep(HOUR_MS);
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push('woken');
      await clock.sleep(100 * HOUR_MS);
      seen.push('much later');
    });
    clock.at(START_MS + 3 * HOUR_MS, () => seen.push('at three'));
    await clock.advance(4 * HOUR_MS);
    expect(seen).toEqual(['woken', 'at three']);
    await clock.advance(100 * HOUR_MS);
    expect(seen).toEqual(['woken', 'at three', 'much later']);
  });

  test('a callback that waits for another which wall time brings is not a deadlock', async () => {
    const clock = open();
    let arrived = false;
    clock.at(START_MS + HOUR_MS, async () => {
      const until = clock.now() + 60;
      clock.at(until, () => {
        arrived = true;
      });
      while (!arrived) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await clock.advance(HOUR_MS + 10);
    expect(arrived).toBe(true);
  });

  test('fires by wall time without any advance', async () => {
    const clock = open();
    const startedMs = clock.now();
    await clock.sleep(30);
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(30);
  });

  test('a cancelled callback never fires', async () => {
    const clock = open();
    let fired = false;
    const cancel = clock.at(START_MS + HOUR_MS, () => {
      fired = true;
    });
    cancel();
    await clock.advance(2 * HOUR_MS);
    expect(fired).toBe(false);
  });

  test('an aborted sleep rejects with the reason and leaves nothing behind', async () => {
    const clock = open();
    const stop = new AbortController();
    const sleeping = clock.sleep(HOUR_MS, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough');
  });

  test('advances asked for at once run one after the other, and none goes back', async () => {
    const clock = open();
    const seen: string[] = [];
    clock.at(START_MS + HOUR_MS, () => seen.push('one'));
    clock.at(START_MS + 3 * HOUR_MS, () => seen.push('three'));
    await Promise.all([clock.advance(2 * HOUR_MS), clock.advance(2 * HOUR_MS)]);
    expect(seen).toEqual(['one', 'three']);
    expect(clock.now()).toBeGreaterThanOrEqual(START_MS + 4 * HOUR_MS);
    await expect(clock.advance(-1)).rejects.toThrow('only moves forward');
  });

  test('a failing callback is reported and does not stop the others', async () => {
    const errors: unknown[] = [];
    const clock = open({ startMs: START_MS, onError: (error) => errors.push(error) });
    let fired = false;
    clock.at(START_MS + 1, () => {
      throw new Error('broken');
    });
    clock.at(START_MS + HOUR_MS, () => {
      fired = true;
    });
    await clock.advance(2 * HOUR_MS);
    expect(errors).toEqual([new Error('broken')]);
    expect(fired).toBe(true);
  });

  test('after stop nothing fires', async () => {
    const clock = open();
    let fired = false;
    clock.at(clock.now() + 5, () => {
      fired = true;
    });
    clock.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(fired).toBe(false);
  });
});
