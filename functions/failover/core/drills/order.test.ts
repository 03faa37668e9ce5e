import { describe, expect, test } from '@jest/globals';
import { askedBook, drill, pairRecord, policy, START_MS } from '../../../../tests/failover/drills/samples.ts';
import { DRILL_SCHEMA_VERSION, emptyBook } from './drill.ts';
import { applyDrillOrder } from './order.ts';

type Given = Parameters<typeof applyDrillOrder>[2];

const given: Given = { record: pairRecord(), policy, name: 'abc123', nowMs: START_MS };
const start = (change: Partial<Given> = {}, book = emptyBook()) =>
  applyDrillOrder(book, { verb: 'start', pair: 'ledger', by: 'ada', why: 'quarterly' }, { ...given, ...change });

describe('a drill is refused', () => {
  test('while another is under way, of whichever pair', () => {
    expect(start({}, { ...askedBook(), open: drill({ pair: 'orders' }) })).toEqual({
      kind: 'refused',
      sentence: 'No drill of ledger: one of orders is under way (asked).',
    });
  });

  test('of an engine for which no fault is known', () => {
    for (const engine of [undefined, 'postgres', 'mysql', 'mariadb'] as const)
      expect(start({ policy: { ...policy, engine } })).toMatchObject({ kind: 'done' });
    expect(start({ policy: { ...policy, engine: 'oracle-ee' as never } })).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('no fault is known for an instance of oracle-ee'),
    });
  });
  test('of a pair of Aurora clusters: the throw-aways are DB instances', () => {
    for (const kind of ['aurora-replica', 'aurora-global'] as const)
      expect(start({ policy: { ...policy, kind, engine: 'mysql' } })).toMatchObject({
        kind: 'refused',
        sentence: expect.stringContaining('this pair is of Aurora clusters: rehearse it by a switchover'),
      });
  });

  test('after three in a day', () => {
    const book = { ...emptyBook(), startedMs: [1, 2, 3].map((hours) => START_MS - hours * 3_600_000) };
    expect(start({}, book)).toMatchObject({ kind: 'refused' });
    expect(start({ nowMs: START_MS + 23 * 3_600_000 }, book)).toMatchObject({ kind: 'done' });
  });

  test.each<[string, Partial<Given>, string]>([
    ['of a pair in an incident', { record: { ...pairRecord(), phase: 'suspect' } }, 'a drill needs a healthy pair'],
    ['of a pair that was never looked at', { record: undefined }, 'nothing is recorded'],
    // Without its resource id nothing tells an instance of the pair from a throw-away that has its name.
    ...(['leader', 'candidate'] as const).map((role): [string, Partial<Given>, string] => [
      `of a pair whose ${role} was never seen well`,
      { record: { ...pairRecord(), [role]: { ...pairRecord()[role], resourceId: undefined } } },
      'has not yet seen both instances well',
    ]),
    [
      'without an empty group in the region of the leader',
      { policy: { ...policy, fencedSecurityGroups: {} } },
      'no empty security group',
    ],
  ])('%s', (_what, change, sentence) => {
    expect(start(change)).toMatchObject({ kind: 'refused', sentence: expect.stringContaining(sentence) });
  });
});

describe('the book of a newer release, read by this one after a deploy was rolled back', () => {
  const schemaVersion = DRILL_SCHEMA_VERSION + 1;

  test.each([
    ['start', emptyBook()],
    ['stop', askedBook()],
  ] as const)('takes no order to %s', (verb, book) => {
    const order = { verb, pair: 'ledger', by: 'ada', why: 'quarterly' };
    expect(applyDrillOrder(book, order, given)).toMatchObject({ kind: 'done' });
    expect(applyDrillOrder({ ...book, schemaVersion }, order, given)).toEqual({
      kind: 'refused',
      sentence: 'No drill of ledger: a newer release keeps the book of drills.',
    });
  });
});
