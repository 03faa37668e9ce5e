import { describe, expect, test } from '@jest/globals';
import { planReaders, type ReadersReport, readersText } from './names-reader.ts';

const reader = 'ledger-ro.example.internal';
const goal = {
  reader,
  ttlSeconds: 5,
  epoch: 2,
  wanted: [{ instance: 'new', host: 'new.rds' }],
  known: ['old.rds', 'new.rds', undefined],
};
const record = (instance: string, ttlSeconds = 60) => ({
  identifier: instance,
  weight: 10,
  ttlSeconds,
  value: `${instance}.rds.`,
});
const seen = (change: Partial<ReadersReport> = {}): ReadersReport => ({
  records: [record('new'), record('old')],
  healthChecks: { new: 'hc-new' },
  ...change,
});

describe('the readers after a failover', () => {
  test('are the promoted one alone, on its health check; what was there is deleted exactly, with the epoch beside it', () => {
    expect(planReaders(seen({ epochText: 'epoch=1 readers=new', epochTtlSeconds: 30 }), goal)).toEqual({
      kind: 'swap',
      change: {
        deletes: [
          { name: reader, type: 'CNAME', ...record('new') },
          { name: reader, type: 'CNAME', ...record('old') },
          { name: `_epoch.${reader}`, type: 'TXT', ttlSeconds: 30, value: 'epoch=1 readers=new' },
        ],
        creates: [
          {
            name: reader,
            type: 'CNAME',
            identifier: 'new',
            weight: 1,
            ttlSeconds: 5,
            value: 'new.rds',
            healthCheckId: 'hc-new',
          },
          { name: `_epoch.${reader}`, type: 'TXT', ttlSeconds: 5, value: 'epoch=2 readers=new' },
        ],
      },
    });
  });

  test('a replica that is built in the same epoch takes the place of the leader', () => {
    const rebuilt = { ...goal, wanted: [{ instance: 'old', host: 'old.rds' }] };
    const plan = planReaders(seen({ records: [record('new')], epochText: readersText(2, ['new']) }), rebuilt);
    expect(plan.kind === 'swap' && plan.change.creates.map(({ value }) => value)).toEqual([
      'old.rds',
      'epoch=2 readers=old',
    ]);
  });

  test('one that was built anew follows the health check of the instance in whose place it is, unless it has its own', () => {
    const checkOf = (healthChecks: Record<string, string>) => {
      const wanted = [{ instance: 'old-e2', host: 'old-e2.rds' }];
      const plan = planReaders(seen({ healthChecks }), { ...goal, wanted });
      return plan.kind === 'swap' && plan.change.creates[0]?.healthCheckId;
    };
    expect(checkOf({ old: 'hc-old', new: 'hc-new' })).toBe('hc-old');
    expect(checkOf({ old: 'hc-old', 'old-e2': 'hc-own' })).toBe('hc-own');
    expect(checkOf({ new: 'hc-new' })).toBeUndefined();
  });

  test("others' records under the name are left alone", () => {
    const plan = planReaders(seen({ records: [record('new'), record('reports')] }), goal);
    expect(plan.kind === 'swap' && plan.change.deletes.map(({ value }) => value)).toEqual(['new.rds.']);
  });

  test('what is ours already is left alone', () => {
    const records = [record('new'), record('reports')];
    expect(planReaders(seen({ records, epochText: 'epoch=2 readers=new' }), goal)).toEqual({ kind: 'ours' });
  });
});

test.each([
  ['a later epoch', { epochText: 'epoch=3 readers=x' }],
  ['a record taken away after us', { records: [], epochText: 'epoch=2 readers=new' }],
  ['a record added back after us', { epochText: 'epoch=2 readers=new' }],
  ["a simple record of somebody else's", { records: [{ ttlSeconds: 5, value: 'else.where' }] }],
  ["an identifier of ours on somebody else's record", { records: [{ ...record('new'), value: 'else.where' }] }],
])('%s is a conflict, never overwritten', (_name, change) => {
  expect(planReaders(seen(change), goal).kind).toBe('conflict');
});
