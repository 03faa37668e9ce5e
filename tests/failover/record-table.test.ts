import { describe, expect, test } from '@jest/globals';
import { onlySafe, tableSeen, whyUnsafe } from '../../functions/failover/aws/record-table.ts';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { begunOnce, firstAnswer } from '../../functions/failover/run/records.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const pair = {
  ...firstRecord('ledger', { instance: 'old', region: 'a' }, { instance: 'new', region: 'b' }, 1),
  version: 1,
};

/** A store whose table is described so, or by nobody; how often it was asked, and the time. */
const store = async (answers: (string | undefined | 'silent')[]) => {
  const records = memoryRecords();
  await records.save(pair, 0);
  let [asked, nowMs] = [0, 0];
  const doubt = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === 'silent') throw new Error('timeout');
    return answer;
  };
  const safe = onlySafe(records, doubt, () => nowMs);
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { load: () => safe.load('ledger'), asked: () => asked, later };
};

test('a table of one region is fit, and one that is strongly consistent over several; every other is not', () => {
  const Replicas = [{ RegionName: 'eu-central-1' }];
  expect(whyUnsafe('records', {})).toBeUndefined();
  expect(whyUnsafe('records', { Replicas, MultiRegionConsistency: 'STRONG' })).toBeUndefined();
  for (const described of [{ Replicas }, { Replicas, MultiRegionConsistency: 'EVENTUAL' as const }])
    expect(whyUnsafe('records', described)).toContain('records is eventually consistent');
});

test('an eventually consistent table is refused at every load, with the reason: nothing is decided on it', async () => {
  const one = await store(['it is eventually consistent']);
  await expect(one.load()).rejects.toThrow('eventually consistent');
  await expect(one.load()).rejects.toThrow('eventually consistent');
});

test('a fit one is asked about once', async () => {
  const one = await store([undefined]);
  expect(await one.load()).toEqual(pair);
  one.later(600_000);
  expect(await one.load()).toEqual(pair);
  expect(one.asked()).toBe(1);
});

test('silence refuses nothing, holds nobody up twice in a minute, and is no answer for good', async () => {
  const one = await store(['silent', 'it is eventually consistent']);
  expect(await one.load()).toEqual(pair);
  expect(await one.load()).toEqual(pair);
  expect(one.asked()).toBe(1);
  one.later(60_000);
  await expect(one.load()).rejects.toThrow('eventually consistent');
});

describe('a description in the words of readiness', () => {
  const strong = { TableStatus: 'ACTIVE', MultiRegionConsistency: 'STRONG' } as const;
  const Replicas = [{ RegionName: 'eu-west-1', ReplicaStatus: 'ACTIVE' as const }];

  test('has the region that was asked once, whether AWS lists it among the others or not', () => {
    const both = [
      { region: 'eu-central-1', status: 'ACTIVE' },
      { region: 'eu-west-1', status: 'ACTIVE' },
    ];
    expect(tableSeen({ ...strong, Replicas }, 'eu-central-1').replicas).toEqual(both);
    const listed = [{ RegionName: 'eu-central-1', ReplicaStatus: 'CREATING' as const }, ...Replicas];
    expect(tableSeen({ ...strong, Replicas: listed }, 'eu-central-1').replicas).toEqual([
      { region: 'eu-central-1', status: 'CREATING' },
      { region: 'eu-west-1', status: 'ACTIVE' },
    ]);
  });

  test('says what kind of table it is, who votes, and whether it is protected', () => {
    expect(
      tableSeen(
        {
          ...strong,
          Replicas,
          DeletionProtectionEnabled: true,
          GlobalTableWitnesses: [{ RegionName: 'eu-west-3', WitnessStatus: 'ACTIVE' }],
        },
        'eu-central-1',
      ),
    ).toMatchObject({
      consistency: 'strong',
      isProtected: true,
      witnesses: [{ region: 'eu-west-3', status: 'ACTIVE' }],
    });
    expect(tableSeen({ TableStatus: 'ACTIVE' }, 'a')).toMatchObject({ consistency: 'one-region', isProtected: false });
    expect(tableSeen({ TableStatus: 'ACTIVE', Replicas }, 'a').consistency).toBe('eventual');
  });
});

describe('a first record', () => {
  const carried = (former: () => Promise<typeof pair | undefined>) =>
    begunOnce(memoryRecords(), { table: 'former', load: former }, 'records');

  test('is begun where the table of the other kind has none', async () => {
    expect(await carried(async () => undefined).load('ledger')).toBeUndefined();
  });

  test('is not begun beside one that is still there: it would name the first leader in epoch 0', async () => {
    await expect(carried(async () => ({ ...pair, epoch: 7 })).load('ledger')).rejects.toThrow(
      'the record of ledger, at epoch 7, is still in the table former, and records has none',
    );
  });

  test('is not begun while that table does not answer', async () => {
    await expect(carried(() => Promise.reject(new Error('timeout'))).load('ledger')).rejects.toThrow('timeout');
  });

  test('asks nobody once there is one', async () => {
    const records = memoryRecords();
    await records.save(pair, 0);
    const once = begunOnce(records, { table: 'former', load: () => Promise.reject(new Error('asked')) }, 'records');
    expect(await once.load('ledger')).toEqual(pair);
  });
});

test('the first of several that answers is heard, and the last one when nobody does', async () => {
  const silent = () => Promise.reject(new Error('the first is silent'));
  const asked: string[] = [];
  const answers = (what: string) => async () => {
    asked.push(what);
    return what;
  };
  expect(await firstAnswer([silent, answers('b'), answers('c')])).toBe('b');
  expect(asked).toEqual(['b']);
  await expect(firstAnswer([silent, () => Promise.reject(new Error('so is the last'))])).rejects.toThrow(
    'so is the last',
  );
});
