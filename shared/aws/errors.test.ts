import { expect, test } from '@jest/globals';
import { errorCode, errorText, faultCode, isNotFound, isRefusal, isThrottle } from './errors.ts';

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

test.each([
  ['a refusal', fault('DBSnapshotNotFound', { $metadata: { httpStatusCode: 404 } }), true],
  ['a throttle', fault('Throttling', { $metadata: { httpStatusCode: 400 } }), false],
  ['a timeout', fault('RequestTimeout', { $metadata: { httpStatusCode: 408 } }), false],
  ['their failure', fault('InternalFailure', { $metadata: { httpStatusCode: 500 } }), false],
  ['no answer', new Error('socket hang up'), false],
])('%s: AWS has decided against it, or not', (_what, error, decided) => expect(isRefusal(error)).toBe(decided));

test('a code is compared without Fault', () => {
  expect(faultCode(fault('DBSnapshotNotFoundFault'))).toBe('DBSnapshotNotFound');
  expect(faultCode(fault('DBSnapshotNotFoundFault', { Code: 'DBSnapshotNotFound' }))).toBe('DBSnapshotNotFound');
  expect(faultCode(new Error('socket hang up'))).toBe('');
});

test('an unknown error is evidence of nothing', () => {
  expect(errorCode(new Error('socket hang up'))).toBeUndefined();
  expect(isThrottle('boom')).toBe(false);
  expect(isNotFound(undefined)).toBe(false);
  expect(errorText(fault('Throttling'))).toBe('Throttling: Rate exceeded');
});
