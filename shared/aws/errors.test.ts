import { expect, test } from '@jest/globals';
import { errorCode, errorText, isNotFound, isThrottle } from './errors.ts';

const fault = (name: string, extra: object = {}) => Object.assign(new Error('Rate exceeded'), { name, ...extra });

test.each(['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'ProvisionedThroughputExceededException'])(
  '%s is a throttle',
  (name) => expect(isThrottle(fault(name))).toBe(true),
);

test('the wire code wins over the name that the SDK gives', () => {
  expect(errorCode(fault('SnapshotQuotaExceededFault', { Code: 'SnapshotQuotaExceeded' }))).toBe(
    'SnapshotQuotaExceeded',
  );
});

test.each(['DBInstanceNotFound', 'DBSnapshotNotFoundFault', 'ResourceNotFoundException', 'NoSuchKey'])(
  '%s means that the thing does not exist',
  (name) => expect(isNotFound(fault(name))).toBe(true),
);

test('an unknown error is evidence of nothing', () => {
  expect(errorCode(new Error('socket hang up'))).toBeUndefined();
  expect(isThrottle('boom')).toBe(false);
  expect(isNotFound(undefined)).toBe(false);
  expect(errorText(fault('Throttling'))).toBe('Throttling: Rate exceeded');
});
