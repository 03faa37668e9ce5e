import { describe, expect, test } from '@jest/globals';
import { readersHostOf, sameDatabase } from './names-cluster.ts';
import { planReaders, readersText } from './names-reader.ts';

// docs: Aurora.Overview.Endpoints, the names of its example.
const WRITER = 'ledger.cluster-c7tj4example.eu-central-1.rds.amazonaws.com';
const READERS = 'ledger.cluster-ro-c7tj4example.eu-central-1.rds.amazonaws.com';
const OLD = 'ledger.cluster-c9example.eu-west-1.rds.amazonaws.com';

test('a cluster is read from by its second name; an instance has one, and an endpoint that an owner made stays as it is', () => {
  expect(readersHostOf(WRITER)).toBe(READERS);
  for (const host of [
    READERS,
    WRITER.replace('cluster-', 'cluster-custom-'),
    'ledger.c7tj4example.eu-central-1.rds.amazonaws.com',
  ])
    expect(readersHostOf(host)).toBe(host);
  // A DB instance may be called so: only the label behind the first is a cluster's.
  expect(readersHostOf('my-cluster-one.c7.eu-west-1.rds.amazonaws.com')).toBe(
    'my-cluster-one.c7.eu-west-1.rds.amazonaws.com',
  );
});

test('both names are one cluster’s, and no other’s', () => {
  expect(sameDatabase(WRITER, `${READERS}.`)).toBe(true);
  expect(sameDatabase(WRITER, OLD)).toBe(false);
  expect(sameDatabase(undefined, WRITER)).toBe(false);
});

describe('the readers of a global database whose secondary leads', () => {
  const reader = 'ledger-ro.example.internal';
  const record = { identifier: 'new', weight: 10, ttlSeconds: 60, value: READERS };
  const goal = { reader, ttlSeconds: 5, epoch: 1, wanted: [{ instance: 'new', host: READERS }], known: [OLD, WRITER] };

  test('are its own record by either name: it is no stranger’s that is in the way', () => {
    const plan = planReaders({ records: [record], healthChecks: {} }, goal);
    expect(plan).toMatchObject({ kind: 'swap' });
    expect(plan.kind === 'swap' && plan.change.deletes).toMatchObject([{ value: READERS }]);
    expect(plan.kind === 'swap' && plan.change.creates).toMatchObject([{ value: READERS }, { type: 'TXT' }]);
  });

  test('the old primary’s are taken out by the name that it was read from by', () => {
    const old = { ...record, identifier: 'old', value: readersHostOf(OLD) };
    const plan = planReaders({ records: [record, old], healthChecks: {} }, goal);
    expect(plan.kind === 'swap' && plan.change.deletes.map(({ value }) => value)).toEqual([
      READERS,
      readersHostOf(OLD),
    ]);
  });

  test('are there once it is read from by its readers’ name', () => {
    const there = { records: [record], healthChecks: {}, epochText: readersText(1, ['new']) };
    expect(planReaders(there, goal)).toEqual({ kind: 'ours' });
  });
});
