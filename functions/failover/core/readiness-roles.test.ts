import { expect, test } from '@jest/globals';
import { policy, record } from './example.ts';
import { checkRoles } from './readiness-roles.ts';

const OLD = { ...policy.primary, resourceId: 'db-OLD' };
const swapped = record({
  phase: 'healthy',
  leader: policy.replica,
  candidate: { instance: 'old-e3', region: 'eu-west-1' },
  retired: [{ ...OLD, epoch: 3, intents: {} }],
});

test('a pair that nothing has happened to has no such checks', () => {
  expect(checkRoles({ policy, record: record({ phase: 'healthy' }) })).toEqual([]);
});

test('who led before is there until a person deletes it, and a leader beside the reconciler is no region loss that is covered', () => {
  const checks = checkRoles({ policy, record: swapped });
  expect(checks.map(({ name, state }) => [name, state])).toEqual([
    ['old-primary', 'warning'],
    ['reconciler', 'warning'],
  ]);
  expect(checks[0]?.sentence).toContain('old in eu-west-1 led until epoch 3');
  expect(checks[1]?.fix).toContain('switchover ledger --epoch 3');
});

test("a global database's old primary is nobody's to delete: it waits for Aurora, and its snapshot expires", () => {
  const [old] = checkRoles({ policy: { ...policy, kind: 'aurora-global' }, record: swapped });
  expect(old).toMatchObject({
    name: 'old-primary',
    sentence: expect.stringContaining('until Aurora has added it back'),
    fix: expect.stringContaining('rds:unplanned-global-failover-'),
  });
  expect(old?.fix).not.toContain('Delete');
});

test('the way back ends the second, not the first', () => {
  const back = { ...swapped, leader: swapped.candidate, candidate: swapped.leader };
  expect(checkRoles({ policy, record: back }).map(({ name }) => name)).toEqual(['old-primary']);
});
