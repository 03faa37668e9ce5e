import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../functions/snapshots/run/ports.ts';
import { live } from './soak/live.ts';
import { scenarioOf } from './soak/scenario.ts';

// Days of an estate in virtual time, with the real AWS adapters against the local RDS in this process.

const isLong = process.env.MAINSTAY_SOAK === '1';
const seed = Number(process.env.MAINSTAY_SEED ?? 20_261_121);
const size = isLong ? { days: 30, databases: 200 } : { days: 7, databases: 40 };
const say = (line: string) => void process.stdout.write(`${line}\n`);

test(`${size.days} days of ${size.databases} databases, seed ${seed}: no slot twice, no wrong deletion, no miss that nothing explains`, async () => {
  const started = performance.now();
  const figures = await live(scenarioOf(seed, size), isLong ? { said: (line) => say(`  ${line}`) } : {});
  const { violations, ...rest } = figures;
  say(
    `soak of snapshots, seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s: ${JSON.stringify(rest)}`,
  );
  expect(violations.slice(0, 20)).toEqual([]);
  expect(figures.overdue).toBe(0);
  expect(figures.created).toBeGreaterThan(size.days * 24 * size.databases * 0.8);
  expect(figures.deleted).toBeGreaterThan(figures.created * 0.6);
}, 3_600_000);

describe('the judge notices', () => {
  const small = scenarioOf(7, { days: 1, databases: 6 });
  const judged = async (change: (ports: Ports) => Partial<Ports['snapshots']>) => {
    const wrap = (ports: Ports): Ports => ({ ...ports, snapshots: { ...ports.snapshots, ...change(ports) } });
    return (await live(small, { wrap })).violations.join('\n');
  };

  test('nothing where nothing is wrong', async () => {
    expect(await judged(() => ({}))).toBe('');
  });

  test('a slot that is taken twice', async () => {
    const twice = await judged(({ snapshots }) => ({
      create: async (request) => {
        await snapshots.create({ ...request, name: `${request.name}-again` });
        return snapshots.create(request);
      },
    }));
    expect(twice).toContain('a slot twice');
  });

  test("a deletion of somebody else's, of the newest good one, and of what a rule keeps", async () => {
    const careless = await judged(({ snapshots }) => ({
      delete: async (kind, name) => {
        for (const { id } of await snapshots.list(kind)) await snapshots.delete(kind, id);
        return snapshots.delete(kind, name);
      },
    }));
    expect(careless).toContain("somebody else's");
    expect(careless).toContain('the newest good one');
    expect(careless).toContain('a rule keeps it');
    expect(careless).toContain('would be left');
  });

  test('an hour that nobody took, and nothing explains', async () => {
    const lazy = await judged(() => ({ create: async () => ({ kind: 'created' }) }));
    expect(lazy).toContain('nothing explains why');
  });
});
