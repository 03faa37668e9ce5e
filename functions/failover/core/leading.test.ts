import { expect, test } from '@jest/globals';
import type { InstanceView } from './evidence.ts';
import { leadingIn } from './leading.ts';

const policy = {
  pair: 'ledger',
  primary: { instance: 'old', region: 'eu-west-1' },
  replica: { instance: 'new', region: 'eu-central-1' },
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
};
const view = (instance: string, change: Partial<InstanceView> = {}): InstanceView => ({
  instance,
  resourceId: `db-${instance}`,
  status: 'available',
  engineVersion: '16.4',
  securityGroups: [{ id: 'sg-app', active: true }],
  backupRetentionDays: 7,
  ...change,
});
const fenced = { securityGroups: [{ id: 'sg-fenced', active: true }] };
const replica = { source: 'arn:aws:rds:eu-central-1:111122223333:db:new' };
const leader = (...seen: InstanceView[]) => leadingIn('eu-west-1', policy, seen)?.instance;

test('the rebuilt one leads once it follows nobody, whether who led before is shut, stopped or just back', () => {
  expect(leader(view('old', fenced), view('old-e1'))).toBe('old-e1');
  expect(leader(view('old', { status: 'stopped' }), view('old-e1'))).toBe('old-e1');
  expect(leader(view('old'), view('old-e1'))).toBe('old-e1');
});

test('of two that were rebuilt the later one leads, by number and not by letters', () => {
  expect(leader(view('old-e10'), view('old-e9'))).toBe('old-e10');
});

test('nobody leads here who follows, is shut, is stopped, or is not of the pair', () => {
  expect(leader(view('old-e1', replica))).toBeUndefined();
  expect(leader(view('old', fenced), view('old-e1', { status: 'stopped' }))).toBeUndefined();
  expect(leader(view('payroll'), view('old-e2-copy'), view('new'))).toBeUndefined();
});

test('a group is no fence where the config names none, nor the empty one beside others', () => {
  expect(leadingIn('eu-central-1', policy, [view('new', { securityGroups: [] })])?.instance).toBe('new');
  const both = { securityGroups: [...fenced.securityGroups, { id: 'sg-app', active: true }] };
  expect(leader(view('old', both))).toBe('old');
});
