import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PHASES } from '../../functions/failover/core/phases.ts';
import { lengthOf } from '../counts.ts';
import { RARE } from './simulation/rare.ts';
import { live } from './simulation/run.ts';
import { anyReplicated, anyScenario } from './simulation/scenario.ts';

const LENGTH = lengthOf(2_000, 20_000);
const REPLICATED = lengthOf(500, 6_000);

const taken = new Set<string>();

describe('any world', () => {
  test(`${LENGTH.numRuns} disasters: never two primaries, epochs only go up, DNS names only what was verified`, async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const { world, reports } = await live(scenario);
        for (const { decision } of reports) taken.add(`${decision.row.from}: ${decision.row.when}`);
        expect(world.violations).toEqual([]);
      }),
      LENGTH,
    );
  }, 3_600_000);

  test(`${REPLICATED.numRuns} disasters of MySQL and MariaDB: the same, and what is received and not applied is never lost unseen`, async () => {
    await fc.assert(
      fc.asyncProperty(anyReplicated, async (scenario) => {
        expect((await live(scenario)).world.violations).toEqual([]);
      }),
      REPLICATED,
    );
  }, 3_600_000);
});

test.each(RARE)('%s: nothing is broken', async (_name, scenario, planted = {}) => {
  const { world, reports } = await live(scenario, planted);
  for (const { decision } of reports) taken.add(`${decision.row.from}: ${decision.row.when}`);
  expect(world.violations).toEqual([]);
});

test('the worlds above went through every row of the phase table', () => {
  const rows = PHASES.map(({ from, when }) => `${from}: ${when}`);
  const missing = rows.filter((row) => !taken.has(row));
  process.stdout.write(
    `transitions taken by the simulated worlds: ${rows.length - missing.length} of ${rows.length}\n`,
  );
  expect(missing).toEqual([]);
});
