import { expect, test } from '@jest/globals';
import { ok, policy, record, silence } from './example.ts';
import { checkTags, type TagFacts } from './readiness-tags.ts';

const rebuilt = { instance: 'old-e3', region: 'eu-west-1' };
const swapped = record({ phase: 'healthy', leader: policy.replica, candidate: rebuilt });
const shape = (instance: string, pairTag?: string) =>
  ok({ arn: `arn:aws:rds:eu-west-1:111122223333:db:${instance}`, pairTag });
const of = (change: Partial<TagFacts>) =>
  checkTags({ policy, record: swapped, leader: shape('new'), replica: shape('old-e3'), ...change });

test('instances under the names of the config need no tag', () => {
  expect(of({ record: record({ phase: 'healthy' }) })).toEqual([]);
});

test('a rebuilt one with the tag of its pair is ready', () => {
  expect(of({ replica: shape('old-e3', 'ledger') }).map(({ name, state }) => [name, state])).toEqual([
    ['tag:old-e3', 'ready'],
  ]);
});

test.each([
  ['none', undefined],
  ['that of another pair', 'orders'],
])('a rebuilt candidate with no tag but %s blocks, and the fix is what to type', (_what, tag) => {
  expect(of({ replica: shape('old-e3', tag) })).toEqual([
    {
      name: 'tag:old-e3',
      state: 'blocked',
      sentence: 'old-e3 lacks the tag mainstay:failover=ledger: IAM would refuse to fence, promote or stop it.',
      fix: 'Give it the tag: aws rds add-tags-to-resource --region eu-west-1 --resource-name arn:aws:rds:eu-west-1:111122223333:db:old-e3 --tags Key=mainstay:failover,Value=ledger.',
    },
  ]);
});

test('a rebuilt leader is looked at by its own answer', () => {
  const back = { record: { ...swapped, leader: rebuilt, candidate: policy.replica } };
  expect(of({ ...back, leader: shape('old-e3'), replica: shape('new') })).toMatchObject([{ state: 'blocked' }]);
  expect(of({ ...back, leader: shape('old-e3', 'ledger'), replica: shape('new') })).toMatchObject([{ state: 'ready' }]);
});

test('the name of the other side is no name of this one: it is looked at, too', () => {
  const there = { ...swapped, candidate: { instance: 'new', region: 'eu-west-1' }, leader: policy.primary };
  expect(of({ record: there, replica: shape('new') })).toMatchObject([{ name: 'tag:new', state: 'blocked' }]);
});

test('who leads and has nobody beside it yet is told once', () => {
  const alone = { ...swapped, leader: rebuilt, candidate: rebuilt };
  expect(of({ record: alone, leader: shape('old-e3') })).toHaveLength(1);
});

test('silence of RDS is neither a tag nor none', () => {
  expect(of({ replica: silence })).toMatchObject([{ name: 'tag:old-e3', state: 'unknown' }]);
});
