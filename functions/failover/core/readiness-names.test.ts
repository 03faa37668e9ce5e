import { describe, expect, test } from '@jest/globals';
import { pairRecord, policy } from '../../../tests/failover/drills/samples.ts';
import type { Check } from './readiness-finding.ts';
import { checkNames, type NamesFacts, readinessNews, type WriterRecord } from './readiness-names.ts';

const ok = <Report>(report: Report) => ({ kind: 'ok', report }) as const;
const silence = { kind: 'no-answer', because: 'timeout' } as const;
const READER = 'ledger-ro.example.com';

const mine = { identifier: 'ledger-replica', weight: 1, ttlSeconds: 5, value: 'new.rds.', healthCheckId: 'hc-1' };
const readersOf = (change: object) =>
  ok({ records: [{ ...mine, ...change }], healthChecks: { 'ledger-replica': 'hc-1' } });
const first: WriterRecord = { failover: 'PRIMARY', value: 'old.rds', ttlSeconds: 5, healthCheckId: 'hc-names' };
const second: WriterRecord = { failover: 'SECONDARY', value: 'new.rds', ttlSeconds: 5 };
const standbyOf = (records: WriterRecord[], healthCheckId: string | undefined = 'hc-names') =>
  ok({ records, healthCheckId });

const facts = (change: Partial<NamesFacts> = {}): NamesFacts => {
  const record = pairRecord();
  return {
    policy: { ...policy, names: { ...policy.names, reader: READER, mode: 'stop' } },
    record: {
      ...record,
      leader: { ...record.leader, endpoint: { host: 'old.rds', port: 5432 } },
      candidate: { ...record.candidate, endpoint: { host: 'new.rds', port: 5432 } },
    },
    zone: ok({ name: 'example.com.', isPrivate: false }),
    readers: readersOf({}),
    standby: standbyOf([first, second]),
    ...change,
  };
};
const found = (change: Partial<NamesFacts>) =>
  checkNames(facts(change)).flatMap(({ name, state, sentence, fix }) =>
    state === 'ready' ? [] : [[name, state, `${sentence} ${fix}`]],
  );

test('with the zone, the reader and both records as they should be, all is ready', () => {
  expect(checkNames(facts()).map(({ name, state }) => [name, state])).toEqual([
    ['zone', 'ready'],
    ['readers', 'ready'],
    ['standby-records', 'ready'],
  ]);
});

test('what the config does not ask for is not checked', () => {
  expect(checkNames(facts({ policy })).map(({ name }) => name)).toEqual(['zone']);
});

describe('found before the day', () => {
  test.each<[string, Partial<NamesFacts>, string, string, string]>([
    ['no such zone', { zone: ok(undefined) }, 'zone', 'blocked', 'knows no zone Z0'],
    [
      'a zone of other names',
      { zone: ok({ name: 'else.com.', isPrivate: false }) },
      'zone',
      'blocked',
      'does not lie in',
    ],
    [
      'a private zone called public',
      { zone: ok({ name: 'example.com.', isPrivate: true }) },
      'zone',
      'blocked',
      'Set dns.zone: private',
    ],
    ['a zone that nobody answers for', { zone: silence }, 'zone', 'unknown', 'timeout'],
    [
      'no record of the reader',
      { readers: readersOf({ identifier: 'else', value: 'else.rds' }) },
      'readers',
      'blocked',
      'has no record of ledger-replica',
    ],
    [
      'a record without a weight',
      { readers: readersOf({ weight: undefined }) },
      'readers',
      'blocked',
      'no weighted one',
    ],
    [
      'no health check for it',
      { readers: ok({ records: [mine], healthChecks: {} }) },
      'readers',
      'blocked',
      'no health check on the alarm',
    ],
    [
      'a record on no health check',
      { readers: readersOf({ healthCheckId: undefined }) },
      'readers',
      'warning',
      'no health check',
    ],
    [
      'a record on another one',
      { readers: readersOf({ healthCheckId: 'hc-9' }) },
      'readers',
      'warning',
      'another health check',
    ],
    ['a reader with a long TTL', { readers: readersOf({ ttlSeconds: 300 }) }, 'readers', 'warning', 'TTL of 300 s'],
    ['readers that nobody answers for', { readers: silence }, 'readers', 'unknown', READER],
    ['one record of two', { standby: standbyOf([first]) }, 'standby-records', 'blocked', 'nothing to choose between'],
    [
      'a primary on no health check',
      { standby: standbyOf([{ ...first, healthCheckId: undefined }, second]) },
      'standby-records',
      'blocked',
      'nothing would move it',
    ],
    [
      'a secondary on one',
      { standby: standbyOf([first, { ...second, healthCheckId: 'x' }]) },
      'standby-records',
      'warning',
      'both for dead',
    ],
    [
      'a secondary to somebody else',
      { standby: standbyOf([first, { ...second, value: 'else.rds' }]) },
      'standby-records',
      'blocked',
      'Let it lead to new.rds',
    ],
    [
      'long TTLs',
      { standby: standbyOf([{ ...first, ttlSeconds: 60 }, second]) },
      'standby-records',
      'warning',
      'TTL of 60 s',
    ],
    [
      'no health check of ours',
      { standby: ok({ records: [first, second], healthCheckId: undefined }) },
      'standby-records',
      'blocked',
      'Deploy the recovery stack',
    ],
  ])('%s', (_what, change, name, state, words) => {
    const all = found(change);
    expect(all.map(([check, how]) => [check, how])).toEqual([[name, state]]);
    expect(all[0]?.[2]).toContain(words);
  });
});

describe('people are told', () => {
  const check = (name: Check['name'], state: Check['state']): Check => ({
    name,
    state,
    sentence: `${name} is ${state}.`,
    fix: 'Do it.',
  });
  const news = (before: string[] | undefined, ...checks: Check[]) =>
    readinessNews('ledger', before && { pair: 'ledger', version: 3, atMs: 1, blocked: before }, checks, 2);

  test('all that stands in the way at once, at the first look; what could not be looked at as well', () => {
    const { sentence, next } = news(
      undefined,
      check('zone', 'blocked'),
      check('login', 'unknown'),
      check('names', 'blocked'),
    );
    expect(sentence).toContain('zone is blocked. Do it. login is unknown. Do it. names is blocked. Do it.');
    expect(next).toEqual({ pair: 'ledger', version: 1, atMs: 2, blocked: ['zone', 'login', 'names'] });
  });

  test('when something is blocked that was not, and not of the same again', () => {
    expect(news(['zone'], check('zone', 'blocked')).sentence).toBeUndefined();
    expect(news(['zone'], check('zone', 'blocked'), check('names', 'blocked')).sentence).toContain('names is blocked');
    expect(news([], check('zone', 'warning'), check('names', 'unknown')).sentence).toBeUndefined();
  });

  test('when nothing stands in the way any more; silence is not that', () => {
    expect(news(['zone'], check('zone', 'ready')).subject).toBe('ledger: ready again');
    const silent = news(['zone'], check('zone', 'unknown'));
    expect(silent.sentence).toBeUndefined();
    expect(silent.next.blocked).toEqual(['zone']);
    expect(news(['zone', 'names'], check('zone', 'ready'), check('names', 'blocked')).sentence).toBeUndefined();
  });
});
