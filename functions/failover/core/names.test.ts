import { expect, test } from '@jest/globals';
import { epochOf, planNames } from './names.ts';

const goal = {
  writer: 'ledger.example.internal',
  ttlSeconds: 5,
  epoch: 2,
  instance: 'new',
  target: 'new.rds',
  from: 'old.rds',
};

test('the batch deletes exactly what was seen, its own TTL included, and creates the new name and epoch', () => {
  const seen = { value: 'OLD.rds.', ttlSeconds: 60, epochText: 'epoch=1 leader=old', epochTtlSeconds: 30 };
  expect(planNames(seen, goal)).toEqual({
    kind: 'swap',
    change: {
      deletes: [
        { name: 'ledger.example.internal', type: 'CNAME', ttlSeconds: 60, value: 'OLD.rds.' },
        { name: '_epoch.ledger.example.internal', type: 'TXT', ttlSeconds: 30, value: 'epoch=1 leader=old' },
      ],
      creates: [
        { name: 'ledger.example.internal', type: 'CNAME', ttlSeconds: 5, value: 'new.rds' },
        { name: '_epoch.ledger.example.internal', type: 'TXT', ttlSeconds: 5, value: 'epoch=2 leader=new' },
      ],
    },
  });
});

test('the first failover finds no epoch record, and deletes none', () => {
  const plan = planNames({ value: 'old.rds', ttlSeconds: 5 }, goal);
  expect(plan.kind === 'swap' && plan.change.deletes).toHaveLength(1);
});

test.each([
  ['moved elsewhere', { value: 'else.where' }],
  ['a later epoch', { value: 'old.rds', epochText: 'epoch=3 leader=x' }],
  ['moved back after us', { value: 'old.rds', epochText: 'epoch=2 leader=new' }],
])('%s is a conflict, never overwritten', (_name, seen) => {
  expect(planNames(seen, goal).kind).toBe('conflict');
});

test('what is ours already is left alone', () => {
  expect(planNames({ value: 'new.rds.', epochText: 'epoch=2 leader=new' }, goal)).toEqual({ kind: 'ours' });
});

test('an epoch is read with and without quotes, and is 0 where there is none', () => {
  expect([epochOf('"epoch=12 leader=a"'), epochOf('epoch=3'), epochOf('hello'), epochOf(undefined)]).toEqual([
    12, 3, 0, 0,
  ]);
});
