import { errorCode, errorText, httpStatus, isThrottle } from '../../../shared/aws/errors.ts';
import type { ChangeAnswer, RestoreAnswer } from '../run/verification-ports.ts';

// Wire codes end in Fault or not, by call: they are compared without it.
const codeOf = (error: unknown): string => (errorCode(error) ?? '').replace(/Fault$/, '');

/** True when RDS has decided: a 4xx that is no throttle. Anything else may have been done. */
const isRefusal = (error: unknown): boolean => {
  const status = httpStatus(error);
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && !isThrottle(error);
};

// docs: API_RestoreDBInstanceFromDBSnapshot, API_RestoreDBClusterFromSnapshot, API_ModifyDBInstance, API_DeleteDBInstance: states that pass.
const PASSING = new Set([
  'InvalidDBInstanceState',
  'InvalidDBClusterState',
  'InvalidDBSnapshotState',
  'InvalidDBClusterSnapshotState',
  'InsufficientDBInstanceCapacity',
  'InsufficientDBClusterCapacity',
]);

/** What an error of a call that makes a database means. */
export const restoreAnswer = (error: unknown): RestoreAnswer => {
  const code = codeOf(error);
  if (code === 'DBInstanceAlreadyExists' || code === 'DBClusterAlreadyExists') return { kind: 'name-taken' };
  const detail = errorText(error);
  return isRefusal(error) && !PASSING.has(code) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
};

/** What an error of a call that changes or removes one means. */
export const changeAnswer = (error: unknown): ChangeAnswer => {
  const detail = errorText(error);
  if (PASSING.has(codeOf(error))) return { kind: 'busy', detail };
  return isRefusal(error) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
};
