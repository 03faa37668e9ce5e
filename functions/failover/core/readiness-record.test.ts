import { describe, expect, test } from '@jest/globals';
import { ok, silence } from './example.ts';
import { type RecordPlan, recordFinding, type TableSeen } from './readiness-record.ts';

const PLAN: RecordPlan = {
  kind: 'mrsc',
  table: 'records',
  replicas: ['eu-central-1', 'eu-west-1'],
  witness: 'eu-west-3',
};
const SEEN: TableSeen = {
  consistency: 'strong',
  replicas: [
    { region: 'eu-central-1', status: 'ACTIVE' },
    { region: 'eu-west-1', status: 'ACTIVE' },
  ],
  witnesses: [{ region: 'eu-west-3', status: 'ACTIVE' }],
  isProtected: true,
};
const ALONE: RecordPlan = { kind: 'dr-only', table: 'records', replicas: ['eu-central-1'] };
const of = (change: Partial<TableSeen>, plan = PLAN) => {
  const { state, sentence } = recordFinding(plan, ok({ ...SEEN, ...change }));
  return [state, sentence];
};

describe('the table of the record', () => {
  test('in three regions as the config wants them is ready, also while one of them is being updated', () => {
    const ready = [
      'ready',
      'The record in records is one over eu-central-1, eu-west-1, eu-west-3, and outlives each of them.',
    ];
    expect(of({})).toEqual(ready);
    expect(of({ witnesses: [{ region: 'eu-west-3', status: 'UPDATING' }] })).toEqual(ready);
  });

  test('that is eventually consistent is blocked, whatever the config wants', () => {
    for (const plan of [PLAN, ALONE])
      expect(of({ consistency: 'eventual' }, plan)).toMatchObject([
        'blocked',
        expect.stringContaining('an epoch of its own'),
      ]);
  });

  test('of one region where three are wanted is blocked: a lease in it would die with it', () => {
    expect(of({ consistency: 'one-region', replicas: [], witnesses: [] })).toMatchObject([
      'blocked',
      expect.stringContaining('it is of one region'),
    ]);
  });

  test('without a replica, with another voter, or with a part that does not work, is blocked with every reason', () => {
    const replicas = [{ region: 'eu-central-1', status: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS' }];
    const witnesses = [{ region: 'eu-west-2', status: 'ACTIVE' }];
    expect(of({ replicas, witnesses })).toEqual([
      'blocked',
      'records would not outlive every region of the three: its replica in eu-central-1 is INACCESSIBLE_ENCRYPTION_CREDENTIALS; it has no replica in eu-west-1; it has no witness in eu-west-3.',
    ]);
  });

  test('that one call can delete is a warning', () => {
    expect(of({ isProtected: false })[0]).toBe('warning');
  });

  test('of the recovery region alone is what dr-only asks for, and one over three regions would do, too', () => {
    const alone = { consistency: 'one-region', replicas: SEEN.replicas.slice(0, 1), witnesses: [] } as const;
    expect(of(alone, ALONE)).toEqual([
      'ready',
      'The record is in records of the recovery region alone: without it nothing is promoted.',
    ]);
    expect(of({}, ALONE)[0]).toBe('ready');
  });

  test('that nobody described is unknown', () => {
    expect(recordFinding(PLAN, silence)).toMatchObject({
      state: 'unknown',
      sentence: 'The table of the record, records, could not be asked (timeout).',
    });
  });
});
