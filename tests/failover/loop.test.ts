import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { LONGEST_LOOP_MS, loop, staggerMs } from '../../functions/failover/run/loop.ts';
import { live, TIMEOUT_MS } from './simulation/run.ts';
import { FOR_EVER, lostHost, type Scenario } from './simulation/scenario.ts';
import { START_MS } from './simulation/world.ts';

// How long a run of the reconciler looks, and how one hands over to the next.

/** With windows that no single minute holds. */
const slow = (change: Partial<Scenario> = {}): Scenario =>
  lostHost({ confirmSeconds: 60, maxLossSeconds: 30, hints: 0, ...change });

test('the function lives for as long as the loop wants to, as the simulation has it', () => {
  const { functions } = parse(readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8'), {
    logLevel: 'error',
  });
  expect(functions.reconciler.timeout * 1000).toBe(TIMEOUT_MS);
  expect(TIMEOUT_MS).toBeGreaterThan(LONGEST_LOOP_MS);
});

describe('a tick that comes at the end of its minute', () => {
  const late = slow({ tickOffset: 49 });

  test('finds an incident that was looked at all the time: its windows go on, and nothing is held for the gap', async () => {
    const { world, record } = await live(late);
    expect(record).toMatchObject({ phase: 'degraded', leader: { instance: 'new' } });
    expect((record?.passed.promoting ?? FOR_EVER) - START_MS).toBeLessThan(125_000);
    expect(world.violations).toEqual([]);
  });

  test('leaves no gap on a quiet pair, either: a host lost at its beginning is found as soon as at any time', async () => {
    const { world, record } = await live(
      slow({ tickOffset: 49, faults: [{ kind: 'host-lost', atMs: 62_000, forMs: FOR_EVER }] }),
    );
    expect(record).toMatchObject({ phase: 'degraded', leader: { instance: 'new' } });
    expect((record?.passed.promoting ?? FOR_EVER) - START_MS).toBeLessThan(160_000);
    expect(world.violations).toEqual([]);
  });

  test('nor does a hint, which looks once, end the run that goes on', async () => {
    // The first hint comes as the tick's minute ends, the second 35 s after the loss: too late for a bound of 30 s.
    const faults = [
      { kind: 'witness-cut' as const, atMs: 20_000, forMs: 1_000 },
      { kind: 'host-lost' as const, atMs: 62_000, forMs: FOR_EVER },
    ];
    const { record } = await live(slow({ tickOffset: 49, faults, hints: 1, hintDelayMs: 35_000 }));
    expect(record).toMatchObject({ phase: 'degraded', leader: { instance: 'new' } });
  });
});

test.each([0, 5, 10, 20, 30, 40, 45, 50, 55, 58])(
  'a record out of reach does not blind the run: a host lost %i s into a minute is found lost since then',
  async (second) => {
    const atMs = 120_000 + second * 1_000;
    const faults = [
      { kind: 'store-outage' as const, atMs, forMs: 40_000 },
      { kind: 'host-lost' as const, atMs, forMs: FOR_EVER },
    ];
    for (const hints of [0, 1, 2]) {
      const { world, record } = await live(slow({ faults, confirmSeconds: 10, hints, hintDelayMs: 20_000 }));
      expect(record).toMatchObject({ phase: 'degraded', leader: { instance: 'new' } });
      expect(world.violations).toEqual([]);
    }
  },
);

test('the older of two runs leaves a quiet pair to the younger', async () => {
  const { world } = await live(lostHost({ hints: 0, faults: [] }));
  const looks = (world.calls.guard ?? 0) / (480_000 / 10_000);
  expect(looks).toBeLessThan(1.4);
});

test('the older of two runs leaves an incident to the younger, so that it is looked at once a step, not twice', async () => {
  // A disaster that nothing ends: held in fencing for a person.
  const held = lostHost({ hints: 0, failedRefusesGroups: true });
  const { world } = await live(held);
  const looks = (world.calls.guard ?? 0) / ((480_000 - 30_000) / 3_000);
  expect(looks).toBeLessThan(1.3);
});

test('the pairs of a tick are asked one shortly after the other, and no order of theirs is a minute late', async () => {
  const looked: number[] = [];
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const load = async () => {
    looked.push(now);
    throw new Error('out of reach');
  };
  const ports = { clock: { now: () => now, sleep }, records: { load } } as never;
  const policy = { pair: 'ledger', stepSeconds: 5, maxLossSeconds: 30 } as never;
  const quietly = { remainingMs: () => 9_000 - now, said: () => {}, failed: () => {}, watchQuiet: true };
  await loop(ports, policy, { ...quietly, delayMs: staggerMs(3) });
  expect(looked[0]).toBe(15);
  expect(staggerMs(1_000)).toBeLessThan(10_000);
});
