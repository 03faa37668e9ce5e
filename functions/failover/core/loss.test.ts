import { expect, test } from '@jest/globals';
import { lossBound } from './loss.ts';

const replica = { atMs: 0, inRecovery: true };

test('the bound is the time from the newest thing on the replica to the first failed write, plus the clocks', () => {
  expect(lossBound(100_000, '0/2000', { ...replica, lastReplayedCommitMs: 97_000, receivedLsn: '0/1000' })).toEqual({
    seconds: 5,
    bytes: 4096,
  });
  expect(lossBound(100_000, undefined, { ...replica, heartbeat: { atMs: 90_000, epoch: 1 } }).seconds).toBe(12);
});

test('what is unknown is infinite', () => {
  expect(lossBound(100_000, '0/2000', replica).seconds).toBe(Number.POSITIVE_INFINITY);
  expect(lossBound(undefined, '0/2000', { ...replica, lastReplayedCommitMs: 1 }).seconds).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(lossBound(1, undefined, undefined).seconds).toBe(Number.POSITIVE_INFINITY);
});

test('what is still being applied, or was applied out of order, bounds nothing: the heartbeat may stand before what is missing', () => {
  const beaten = { ...replica, heartbeat: { atMs: 99_000, epoch: 1 } };
  expect(lossBound(100_000, undefined, beaten).seconds).toBe(3);
  for (const unsettled of ['applying', 'out-of-order'] as const) {
    expect(lossBound(100_000, undefined, { ...beaten, unsettled })).toEqual({
      seconds: Number.POSITIVE_INFINITY,
      unsettled,
    });
  }
});
