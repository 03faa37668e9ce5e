import { expect, test } from '@jest/globals';
import { NOW, ok, policy, record, silence } from './example.ts';
import type { Lease } from './lease.ts';
import { leaseFinding } from './readiness-lease.ts';

const leased = { ...policy, lease: { table: 'leases', seconds: 9 } };
const lease: Lease = {
  pair: 'ledger',
  epoch: 0,
  holder: 'eu-west-1',
  seq: 7,
  open: true,
  groups: ['sg-app'],
  renewedAtMs: NOW - 3_000,
  closesAfterSeconds: 9,
};
const of = (change: Partial<Lease> | undefined, mode: 'armed' | 'observe' = 'armed') =>
  leaseFinding(
    { ...leased, mode },
    record(),
    { lease: ok({ atMs: NOW, lease: change && { ...lease, ...change } }) },
    NOW,
  );

test('a lease that its guard renews and would act on is ready', () => {
  expect(of({})).toEqual({
    state: 'ready',
    sentence: 'The lease is renewed every 3 s; a silent region is shut for certain after 44 s.',
  });
});

test.each([
  ['nobody keeps it', of(undefined), 'blocked', 'No guard has kept the lease'],
  ['it stands still', of({ renewedAtMs: NOW - 27_000 }), 'blocked', 'last renewed 27 s ago'],
  ['the other region holds it', of({ holder: 'eu-central-1' }), 'blocked', 'held by eu-central-1'],
  ['its guard only watches', of({ closesAfterSeconds: undefined }), 'blocked', 'only watches'],
  ['the pair is watched', of({ closesAfterSeconds: undefined }, 'observe'), 'warning', 'mode is observe'],
  ['the guard was deployed with another ttl', of({ closesAfterSeconds: 30 }), 'warning', 'a lease of 30 s'],
  ['its table is unfit or silent', leaseFinding(leased, record(), { lease: silence }, NOW), 'blocked', 'timeout'],
  ['none is configured', leaseFinding(policy, record(), {}, NOW), 'blocked', 'No lease is configured'],
] as const)('where %s it says so, and what to do', (_what, found, state, text) => {
  expect(found.state).toBe(state);
  expect(found.sentence).toContain(text);
  expect(found.fix).toMatch(/\.$|waits for\.$/);
});
