import { expect, test } from '@jest/globals';
import { judgeDestination } from './destination.ts';

const from = { region: 'eu-west-1', account: '111122223333' };

test('another region of the same partition is accepted, our own account named or not', () => {
  expect(judgeDestination(from, { region: 'eu-central-1' })).toEqual({ kind: 'accepted' });
  expect(judgeDestination(from, { region: 'eu-central-1', account: from.account })).toEqual({ kind: 'accepted' });
});

test.each([
  ['eu-west-1', undefined, 'same-region'],
  ['cn-north-1', undefined, 'other-partition'],
  ['us-gov-west-1', undefined, 'other-partition'],
  ['eu-central-1', '999988887777', 'other-account'],
])('to %s, account %s: refused, %s, in a sentence', (region, account, because) => {
  expect(judgeDestination(from, { region, account })).toMatchObject({
    kind: 'refused',
    because,
    sentence: expect.stringMatching(/^No copies: .+\.$/),
  });
});

test('between two regions of China is no other partition', () => {
  expect(judgeDestination({ ...from, region: 'cn-north-1' }, { region: 'cn-northwest-1' }).kind).toBe('accepted');
});
