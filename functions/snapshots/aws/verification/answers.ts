import { errorText, faultCode, isRefusal } from '../../../../shared/aws/errors.ts';
import type { ChangeAnswer, RestoreAnswer } from '../../run/verification/ports.ts';

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
  const code = faultCode(error);
  if (code === 'DBInstanceAlreadyExists' || code === 'DBClusterAlreadyExists') return { kind: 'name-taken' };
  const detail = errorText(error);
  return isRefusal(error) && !PASSING.has(code) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
};

/** What an error of a call that changes or removes one means. */
export const changeAnswer = (error: unknown): ChangeAnswer => {
  const detail = errorText(error);
  if (PASSING.has(faultCode(error))) return { kind: 'busy', detail };
  return isRefusal(error) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
};
