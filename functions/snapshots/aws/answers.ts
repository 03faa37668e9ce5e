import { errorText, faultCode, isRefusal } from '../../../shared/aws/errors.ts';
import type { CreateAnswer, DeleteAnswer } from '../run/ports.ts';

/**
 * SnapshotQuotaExceeded says two things by one code: the manual snapshots of this kind are full, or too many copies from
 * other regions are in flight, which passes. The text tells them apart (`Cannot create more than 100 manual snapshots`,
 * `Cannot copy more than 20 snapshots across regions`); when RDS words it anew it is `unclear`, and the quota decides.
 */
export const quotaMeaning = (error: unknown): 'manual-quota' | 'copies-in-flight' | 'unclear' => {
  const text = errorText(error);
  if (/\bcop(y|ies)\b/i.test(text) && /\bregions?\b|in progress/i.test(text)) return 'copies-in-flight';
  return /\bmanual\b/i.test(text) ? 'manual-quota' : 'unclear';
};

/** What an error of CreateDBSnapshot or CreateDBClusterSnapshot means. */
export const createAnswer = (error: unknown): CreateAnswer => {
  const detail = errorText(error);
  switch (faultCode(error)) {
    case 'DBSnapshotAlreadyExists':
    case 'DBClusterSnapshotAlreadyExists':
      return { kind: 'already-exists' };
    case 'SnapshotQuotaExceeded':
      return { kind: 'quota-full', detail };
    case 'InvalidDBInstanceState':
    case 'InvalidDBClusterState':
      return { kind: 'wrong-state', detail };
    case 'DBInstanceNotFound':
    case 'DBClusterNotFound':
      return { kind: 'gone' };
    default:
      return isRefusal(error) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
  }
};

/** What an error of DeleteDBSnapshot or DeleteDBClusterSnapshot means. */
export const deleteAnswer = (error: unknown): DeleteAnswer => {
  const detail = errorText(error);
  switch (faultCode(error)) {
    case 'DBSnapshotNotFound':
    case 'DBClusterSnapshotNotFound':
      return { kind: 'already-gone' };
    case 'InvalidDBSnapshotState':
    case 'InvalidDBClusterSnapshotState':
      return { kind: 'wrong-state', detail };
    case 'AccessDenied':
    case 'AccessDeniedException':
      // A service control policy may guard single snapshots; what our own role lacks, it lacks for the next one too.
      return { kind: /service control policy/i.test(detail) ? 'refused' : 'forbidden', detail };
    default:
      return isRefusal(error) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
  }
};
