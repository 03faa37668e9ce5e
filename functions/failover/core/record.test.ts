import { describe, expect, test } from '@jest/globals';
import { decide } from './decide.ts';
import { disaster, NOW, policy, record } from './example.ts';
import { type FailoverRecord, recordOf, SCHEMA_VERSION, upgraded } from './record.ts';

// A deploy in mid-incident: the record is of the release before.

const intent = { id: 'ledger/3/salvage', atMs: NOW - 90_000, attempts: 1, doneAtMs: NOW - 90_000 };
const fence = { epoch: 3, previousSecurityGroupIds: ['sg-app'], orderedAtMs: NOW - 120_000 };
/** As the release before wrote it: one old primary, its fence and its orders the record's own. */
const ofSchema2 = (change: object = {}): FailoverRecord => {
  const { retired: _retired, ...rest } = record({ phase: 'degraded' });
  return {
    ...rest,
    schemaVersion: 2,
    leader: rest.candidate,
    previousLeader: rest.leader,
    fence,
    intents: { fence: { ...intent, id: 'ledger/3/fence' }, salvage: intent, announce: { ...intent, id: 'a' } },
    ...change,
  } as unknown as FailoverRecord;
};

describe('a record of the release before', () => {
  test('is read: the old primary keeps its fence and its orders, under its own name', () => {
    const read = upgraded(ofSchema2());
    expect(read.schemaVersion).toBe(SCHEMA_VERSION);
    expect(read.retired).toMatchObject([
      {
        instance: 'old',
        resourceId: 'db-OLD',
        epoch: 3,
        fence,
        intents: { salvage: intent, 'fence-old': { attempts: 1 } },
      },
    ]);
    expect(read.fence).toBeUndefined();
    expect(read.intents).toMatchObject({ announce: { id: 'a' } });
    expect(read.intents).not.toHaveProperty('salvage');
  });

  test('in mid-incident keeps its fence: nobody has led before', () => {
    const { previousLeader: _none, ...fencing } = ofSchema2({ phase: 'fencing' });
    expect(upgraded(fencing as FailoverRecord)).toMatchObject({ phase: 'fencing', fence, retired: [] });
  });

  test('is decided on, and a record of a later release is not', () => {
    expect(decide(upgraded(ofSchema2()), disaster(), policy, NOW).kind).not.toBe('hold');
    const later = { ...record(), schemaVersion: SCHEMA_VERSION + 1 };
    expect(upgraded(later)).toBe(later);
    expect(decide(later, disaster(), policy, NOW)).toMatchObject({ kind: 'hold', reason: 'newer-record' });
  });
});

test('a pair that nothing is stored of has the roles of the config, and one that is stored those of its record', () => {
  expect(recordOf(undefined, policy, NOW)).toMatchObject({
    leader: { instance: 'old' },
    candidate: { instance: 'new' },
  });
  const swapped = record({ leader: { instance: 'new', region: 'eu-central-1' } });
  expect(recordOf(swapped, policy, NOW).leader.instance).toBe('new');
});
