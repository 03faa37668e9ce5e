import { expect, test } from '@jest/globals';
import { lossBound, lsnBytes } from './loss.ts';

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

test('a log position is two hexadecimal halves', () => {
  expect([lsnBytes('1/0'), lsnBytes('0/FF'), lsnBytes('x')]).toEqual([2 ** 32, 255, undefined]);
});
