import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../tests/counts.ts';
import { HOUR_MS } from './calendar.ts';
import { type Policy, RULES, type Rule } from './policy.ts';
import { type Dated, decideRetention } from './retention.ts';

fc.configureGlobal(lengthOf(100, 5_000));

const at = (text: string): number => Date.parse(text);
const dated = (...texts: string[]): Dated[] => texts.map((text) => ({ id: text, slotMs: at(text) }));
const kept = (snapshots: readonly Dated[], policy: Policy, nowMs = Number.MAX_SAFE_INTEGER) =>
  decideRetention(snapshots, policy, nowMs).keep.map(({ snapshot }) => snapshot.id);

describe('a rule keeps', () => {
  test('the newest of each of the newest n periods, and periods without a snapshot do not count', () => {
    const list = dated(
      '2026-08-14T10:00:00Z',
      '2026-08-14T09:00:00Z',
      '2026-08-13T23:00:00Z',
      '2026-08-13T01:00:00Z',
      '2026-08-02T05:00:00Z',
      '2026-08-01T05:00:00Z',
    );
    expect(kept(list, { keepDaily: 3 })).toEqual([
      '2026-08-14T10:00:00Z',
      '2026-08-13T23:00:00Z',
      '2026-08-02T05:00:00Z',
    ]);
  });

  test('the oldest too, while it is not used up, and says so', () => {
    const list = dated('2026-08-14T10:00:00Z', '2026-08-14T09:00:00Z', '2026-08-14T08:00:00Z');
    const { keep, remove } = decideRetention(list, { keepDaily: 2 }, at('2026-08-14T10:00:00Z'));
    expect(keep.map(({ snapshot, matches }) => [snapshot.id, matches])).toEqual([
      ['2026-08-14T10:00:00Z', [{ rule: 'daily', period: '2026-08-14', oldest: false }]],
      ['2026-08-14T08:00:00Z', [{ rule: 'daily', period: '2026-08-14', oldest: true }]],
    ]);
    expect(remove.map(({ id }) => id)).toEqual(['2026-08-14T09:00:00Z']);
  });

  test('one of the ISO week that lies across a new year, not one of each year', () => {
    const list = dated('2021-01-03T05:00:00Z', '2021-01-01T05:00:00Z', '2020-12-31T05:00:00Z', '2020-12-27T05:00:00Z');
    expect(kept(list, { keepWeekly: 2 })).toEqual(['2021-01-03T05:00:00Z', '2020-12-27T05:00:00Z']);
  });

  test('the leap day as a day of its own', () => {
    const list = dated('2024-03-01T00:00:00Z', '2024-02-29T23:00:00Z', '2024-02-28T23:00:00Z');
    expect(kept(list, { keepDaily: 3 })).toHaveLength(3);
  });

  test('all within hours of the newest one, not of now: a stopped schedule empties nothing', () => {
    const list = dated('2026-08-14T10:00:00Z', '2026-08-14T08:01:00Z', '2026-08-14T08:00:00Z');
    expect(kept(list, { keepWithinHours: 2 }, at('2027-01-01T00:00:00Z'))).toEqual([
      '2026-08-14T10:00:00Z',
      '2026-08-14T08:01:00Z',
    ]);
  });

  test('with other rules by OR, each with its own reason', () => {
    const list = dated('2026-08-14T10:00:00Z');
    const [only] = decideRetention(
      list,
      { keepLast: 1, keepHourly: 1, keepYearly: 1 },
      at('2026-08-14T10:00:00Z'),
    ).keep;
    expect(only?.matches.map(({ rule }) => rule)).toEqual(['last', 'hourly', 'yearly']);
  });
});

test('what is dated after now is neither removed nor taken for the newest', () => {
  const list = dated('2026-08-14T12:00:00Z', '2026-08-14T10:00:00Z', '2026-08-14T09:00:00Z');
  const result = decideRetention(list, { keepLast: 1 }, at('2026-08-14T10:30:00Z'));
  expect(result.future.map(({ id }) => id)).toEqual(['2026-08-14T12:00:00Z']);
  expect(result.keep.map(({ snapshot }) => snapshot.id)).toEqual(['2026-08-14T10:00:00Z']);
});

test('equal times are ordered by name, so that two runs agree whatever order RDS answers in', () => {
  const twins = [
    { id: 'b', slotMs: 0 },
    { id: 'a', slotMs: 0 },
  ];
  expect(kept(twins, { keepLast: 1 })).toEqual(['b']);
  expect(kept([...twins].reverse(), { keepLast: 1 })).toEqual(['b']);
});

const start = at('2024-12-20T00:00:00Z');
const now = start + 24_000 * HOUR_MS;
const hours = fc.uniqueArray(fc.integer({ min: 0, max: 24_000 }), { minLength: 1, maxLength: 60 });
const history = hours.map((list) => list.map((hour) => ({ id: `s${hour}`, slotMs: start + hour * HOUR_MS })));
const policies = fc
  .record(
    Object.fromEntries(Object.values(RULES).map((key) => [key, fc.integer({ min: 0, max: 12 })])) as Record<
      keyof Policy,
      fc.Arbitrary<number>
    >,
    { requiredKeys: [] },
  )
  .filter((policy) => Object.values(policy).some((count) => (count ?? 0) > 0)) as fc.Arbitrary<Policy>;
const rules = fc.constantFrom(...(Object.keys(RULES) as Rule[]));

describe('whatever the history and the policy', () => {
  test('every snapshot is kept, removed or future, exactly once', () => {
    fc.assert(
      fc.property(history, policies, fc.integer({ min: start, max: now }), (list, policy, nowMs) => {
        const { keep, remove, future } = decideRetention(list, policy, nowMs);
        const all = [...keep.map(({ snapshot }) => snapshot), ...remove, ...future];
        expect(all).toHaveLength(list.length);
        expect(new Set(all)).toEqual(new Set(list));
      }),
    );
  });

  test('the newest is kept, so that no group is emptied', () => {
    fc.assert(
      fc.property(history, policies, (list, policy) => {
        const newest = Math.max(...list.map(({ slotMs }) => slotMs));
        expect(kept(list, policy, now)).toContain(list.find(({ slotMs }) => slotMs === newest)?.id);
      }),
    );
  });

  test('planning again after the deletions deletes nothing more', () => {
    fc.assert(
      fc.property(history, policies, (list, policy) => {
        const once = decideRetention(list, policy, now).keep.map(({ snapshot }) => snapshot);
        expect(decideRetention(once, policy, now).remove).toEqual([]);
      }),
    );
  });

  test('a longer policy keeps all that a shorter one keeps', () => {
    fc.assert(
      fc.property(history, policies, rules, fc.integer({ min: 1, max: 5 }), (list, policy, rule, more) => {
        const longer = { ...policy, [RULES[rule]]: (policy[RULES[rule]] ?? 0) + more };
        expect(kept(list, longer, now)).toEqual(expect.arrayContaining(kept(list, policy, now)));
      }),
    );
  });

  test('runs that did not happen, or happened at other times, lead to the same survivors of what exists', () => {
    fc.assert(
      fc.property(hours, policies, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (list, policy, ran) => {
        const made: Dated[] = list
          .sort((a, b) => a - b)
          .map((hour) => ({ id: `s${hour}`, slotMs: start + hour * HOUR_MS }));
        const live = (expires: (index: number) => boolean) => {
          let stock: Dated[] = [];
          for (const [index, one] of made.entries()) {
            stock.push(one);
            if (expires(index)) stock = decideRetention(stock, policy, one.slotMs).keep.map(({ snapshot }) => snapshot);
          }
          return stock;
        };
        const last = made.length - 1;
        const always = live(() => true);
        const sometimes = live((index) => index === last || ran[index] === true);
        // Running less often never loses what running always keeps, but for the "oldest" of a rule that was not full yet.
        const periods = (stock: readonly Dated[]) =>
          decideRetention(stock, policy, now).keep.flatMap(({ matches }) =>
            matches.filter(({ oldest }) => !oldest).map(({ rule, period }) => `${rule} ${period}`),
          );
        expect(periods(sometimes)).toEqual(expect.arrayContaining(periods(always)));
      }),
    );
  });

  test('the order in which RDS lists them changes nothing', () => {
    fc.assert(
      fc.property(history, policies, (list, policy) => {
        expect(kept([...list].reverse(), policy, now)).toEqual(kept(list, policy, now));
      }),
    );
  });
});
