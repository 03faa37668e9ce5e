import { expect, test } from '@jest/globals';
import type { Change } from '../../functions/search-sync/core/change.ts';
import { type SyncRules, syncRules } from '../../functions/search-sync/run/sync.ts';
import { runs } from '../counts.ts';
import { type HistoryOptions, optionsOf, runHistory } from './model/history.ts';

const HISTORIES = runs(1_500, 15_000);
const FIRST_SEED = Number(process.env.MAINSTAY_SEED ?? 1);

test(`index equals table at the end of ${HISTORIES} hostile histories from seed ${FIRST_SEED}`, async () => {
  const wrong: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
    const found = await runHistory(seed, optionsOf(seed));
    if (found.length > 0) wrong.push(`seed ${seed}: ${found.join(', ')}`);
  }
  expect(wrong).toEqual([]);
}, 3_600_000);

const quiet: HistoryOptions = {
  throttles: false,
  timeouts: false,
  zombies: false,
  crashes: false,
  outages: false,
  duplicates: false,
  recreations: false,
  poison: false,
  clockSteps: false,
  view: 'NEW_IMAGE',
};
const clockStepsAndThrottles = { ...quiet, throttles: true, clockSteps: true };
const lateCopies = { ...quiet, timeouts: true, zombies: true };
const outages = { ...quiet, throttles: true, outages: true };
const firstOfKey = (changes: readonly Change[]) => [
  ...new Map([...changes].reverse().map((change) => [change.id, change])).values(),
];

// Each rule taken out: were none of these histories to end wrong, then nothing would show that the rule is kept.
const planted: [string, Partial<SyncRules>, HistoryOptions][] = [
  [
    'every change of a key is written, not the last one',
    { collapse: (changes) => [...changes] },
    clockStepsAndThrottles,
  ],
  ['the first change of a key is written', { collapse: firstOfKey }, quiet],
  ['all versions are the same', { version: () => 0n }, lateCopies],
  ['the version knows only the second', { version: (seconds) => BigInt(seconds) * 10n ** 9n }, lateCopies],
  ['a conflict is taken for proof', { isStale: () => true }, clockStepsAndThrottles],
  ['nothing is reported as failed', { checkpoint: () => undefined }, outages],
  [
    'the last failure is the checkpoint',
    { checkpoint: (sequences, undone) => sequences[Math.max(...undone)] ?? undefined },
    outages,
  ],
];

test.each(planted)('the index goes wrong when %s', async (_, rule, options) => {
  const rules = { ...syncRules, ...rule };
  let seed = 1;
  while (seed <= 2_000 && (await runHistory(seed, options, rules)).length === 0) seed++;
  expect(seed).toBeLessThanOrEqual(2_000);
  expect(await runHistory(seed, options)).toEqual([]);
});
