import { CreateDBClusterSnapshotCommand, CreateDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import { errorText } from '../../../shared/aws/errors.ts';
import type { Kind } from '../core/inventory.ts';
import type { CreateAnswer, Snapshots } from '../run/ports.ts';
import { createAnswer, quotaMeaning } from './answers.ts';
import { rdsQuotas } from './rds-quotas.ts';

/** Takes manual snapshots. An answer is a value. */
export const rdsSnapshotsToCreate = (rds: RDSClient): Pick<Snapshots, 'create'> => ({
  create: async ({ kind, databaseId, name, tags }) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    try {
      await (kind === 'instance'
        ? rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: databaseId, DBSnapshotIdentifier: name, Tags }))
        : rds.send(
            new CreateDBClusterSnapshotCommand({
              DBClusterIdentifier: databaseId,
              DBClusterSnapshotIdentifier: name,
              Tags,
            }),
          ));
      return { kind: 'created' };
    } catch (error) {
      const answer = createAnswer(error);
      return answer.kind === 'quota-full' ? whichQuota(rds, kind, error, answer) : answer;
    }
  },
});

/** What "quota exceeded" was about. A text that says neither is settled by the account's own figures; without those, no more is asked for. */
const whichQuota = async (rds: RDSClient, kind: Kind, error: unknown, full: CreateAnswer): Promise<CreateAnswer> => {
  const meaning = quotaMeaning(error);
  const passes: CreateAnswer = { kind: 'wrong-state', detail: errorText(error) };
  if (meaning !== 'unclear') return meaning === 'manual-quota' ? full : passes;
  try {
    const quota = (await rdsQuotas(rds).read()).find((one) => one.kind === kind);
    return quota !== undefined && quota.used < quota.max ? passes : full;
  } catch {
    return full;
  }
};
