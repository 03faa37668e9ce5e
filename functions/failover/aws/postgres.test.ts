import { expect, test } from '@jest/globals';
import { probeFailure } from './postgres.ts';

test.each([
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }, 'unreachable'],
  [{ message: 'timeout expired' }, 'unreachable'],
  [{ message: 'Connection terminated unexpectedly' }, 'unreachable'],
  [{ code: '57P03', message: 'the database system is starting up' }, 'unreachable'],
  [{ code: '28P01', message: 'password authentication failed' }, 'answered'],
  [{ code: '42883', message: 'function mainstay.beat does not exist' }, 'answered'],
  [{ code: '53300', message: 'too many connections' }, 'answered'],
  [{ message: 'certificate has expired' }, 'answered'],
  [new Error('something new'), 'answered'],
])('%j is %s: an unknown error is never "down"', (error, kind) => {
  expect(probeFailure(error).kind).toBe(kind);
});
