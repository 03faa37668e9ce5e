import { CopyDBClusterSnapshotCommand, CopyDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import { errorText, faultCode, isRefusal } from '../../../../shared/aws/errors.ts';
import type { Copier, CopyAnswer } from '../../run/copies/ports.ts';
import { quotaMeaning } from '../answers.ts';

/**
 * Copies into the region of this client. The SDK signs the request to the source region that some partitions want
 * (PreSignedUrl) by itself. CopyTags is never used: it takes `aws:` tags along, and fails on them (docs: USER_Tagging).
 */
export const rdsCopier = (rds: RDSClient): Copier => ({
  copy: async ({ kind, sourceArn, name, kmsKeyId, optionGroup, tags }) => {
    const common = {
      ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
    try {
      await (kind === 'instance'
        ? rds.send(
            new CopyDBSnapshotCommand({
              SourceDBSnapshotIdentifier: sourceArn,
              TargetDBSnapshotIdentifier: name,
              ...(optionGroup !== undefined && { OptionGroupName: optionGroup }),
              ...common,
            }),
          )
        : rds.send(
            new CopyDBClusterSnapshotCommand({
              SourceDBClusterSnapshotIdentifier: sourceArn,
              TargetDBClusterSnapshotIdentifier: name,
              ...common,
            }),
          ));
      return { kind: 'copying' };
    } catch (error) {
      return copyAnswer(error);
    }
  },
});

/** What an error of CopyDBSnapshot or CopyDBClusterSnapshot means. */
export const copyAnswer = (error: unknown): CopyAnswer => {
  const detail = errorText(error);
  switch (faultCode(error)) {
    case 'DBSnapshotAlreadyExists':
    case 'DBClusterSnapshotAlreadyExists':
      return { kind: 'already-exists' };
    case 'SnapshotQuotaExceeded':
      return { kind: QUOTAS[quotaMeaning(error)], detail };
    case 'KMSKeyNotAccessible':
      return { kind: 'key-refused', detail };
    case 'DBSnapshotNotFound':
    case 'DBClusterSnapshotNotFound':
      return { kind: 'source-gone', detail };
    case 'InvalidDBSnapshotState':
    case 'InvalidDBClusterSnapshotState':
      return { kind: 'source-state', detail };
    case 'AccessDenied':
    case 'AccessDeniedException':
      return { kind: 'forbidden', detail };
    default:
      return { kind: isRefusal(error) ? 'refused' : 'unknown', detail };
  }
};

const QUOTAS = {
  'manual-quota': 'quota-full',
  'copies-in-flight': 'in-flight-full',
  unclear: 'quota-unclear',
} as const;
