import { expect, test } from '@jest/globals';
import type { Change } from '../../functions/search-sync/core/change.ts';
import type { SyncRules } from '../../functions/search-sync/run/sync.ts';
import { syncGenerations } from '../../functions/search-sync/run/sync-generations.ts';
import { runs } from '../counts.ts';
import { allRules, type HistoryOptions, optionsOf, runHistory } from './model/history.ts';
import type { RebuildRules } from './model/rebuild.ts';

const HISTORIES = runs(Number(process.env.HISTORIES ?? 2_000), 15_000);
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
  rebuilds: false,
  view: 'NEW_IMAGE',
};
const clockStepsAndThrottles = { ...quiet, throttles: true, clockSteps: true };
const lateCopies = { ...quiet, timeouts: true, zombies: true };
const outages = { ...quiet, throttles: true, outages: true };
const rebuilds = { ...quiet, rebuilds: true };
const firstOfKey = (changes: readonly Change[]) => [
  ...new Map([...changes].reverse().map((change) => [change.id, change])).values(),
];

// Each rule taken out: were none of these histories to end wrong, then nothing would show that the rule is kept.
const planted: [string, Partial<SyncRules & RebuildRules>, HistoryOptions][] = [
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
  [
    'the index that is built anew gets no changes',
    {
      sync: (ports, ...rest) => {
        const of = async (alias: string) => ({ serving: (await ports.generations.of(alias)).serving });
        return syncGenerations({ ...ports, generations: { ...ports.generations, of } }, ...rest);
      },
    },
    rebuilds,
  ],
  [
    'an index that is gone is waited for',
    {
      sync: (ports, ...rest) =>
        syncGenerations({ ...ports, generations: { ...ports.generations, abandon: async () => false } }, ...rest),
    },
    rebuilds,
  ],
  [
    'a page counts as written before it is',
    {
      fill: async ({ fills, ...ports }, target, segment) => {
        const part = await fills.part(target.index, segment);
        if (part === undefined || part.done) return { kind: 'overtaken' };
        const page = await ports.scan.page({ ...part, consistent: true });
        await fills.save({ ...part, after: page.next, done: page.next === undefined });
        return { kind: 'done', fill: part };
      },
    },
    rebuilds,
  ],
  [
    'searches go over without a look at what they will find',
    {
      cutOver: async (ports, target) => {
        const written = await ports.generations.of(target.index);
        await ports.swap(target.index, written);
        return { kind: 'refused', reason: 'moved', alias: target.index };
      },
      fill: async (ports, target, segment) => {
        const part = await ports.fills.part(target.index, segment);
        if (part !== undefined) await ports.fills.save({ ...part, done: true });
        return { kind: 'overtaken' };
      },
    },
    rebuilds,
  ],
];

test.each(planted)('the index goes wrong when %s', async (_, rule, options) => {
  const rules = { ...allRules, ...rule };
  let seed = 1;
  while (seed <= 2_000 && (await runHistory(seed, options, rules)).length === 0) seed++;
  expect(seed).toBeLessThanOrEqual(2_000);
  expect(await runHistory(seed, options)).toEqual([]);
});
