import {
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { errorText } from '../../../../shared/aws/errors.ts';
import { mayRemove } from '../../core/verification/throw-away.ts';
import type { ChangeAnswer, Claim, ThrowAways } from '../../run/verification/ports.ts';
import { changeAnswer } from './answers.ts';

// The only place in the wing that deletes a database, or sets a master password. RDS takes a name and no resource id, so
// what stands under the name is looked at right before each call; IAM asks for the tag once more.

/** Secures and removes throw-away databases, and nothing else. */
export const changeThrowAways = (
  rds: RDSClient,
  find: ThrowAways['find'],
  stack: string,
): Pick<ThrowAways, 'secure' | 'remove'> => {
  const guarded = async (claim: Claim, call: () => Promise<unknown>): Promise<ChangeAnswer> => {
    const { record, entry } = claim;
    try {
      const seen = await find(entry.kind, entry.id);
      if (seen === undefined) return { kind: 'unknown', detail: `${entry.id} is not to be seen` };
      const removal = mayRemove(seen, record, entry, stack);
      if (!removal.may) return { kind: 'refused', detail: removal.sentence };
    } catch (error) {
      return { kind: 'unknown', detail: errorText(error) };
    }
    try {
      await call();
      return { kind: 'done' };
    } catch (error) {
      return changeAnswer(error);
    }
  };

  return {
    secure: (claim, MasterUserPassword) => {
      const { kind, id } = claim.entry;
      const change = { MasterUserPassword, DeletionProtection: false, ApplyImmediately: true };
      return guarded(claim, () =>
        kind === 'instance'
          ? rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ...change }))
          : rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: id, ...change })),
      );
    },
    remove: (claim) =>
      guarded(claim, () => {
        const { kind, id } = claim.entry;
        if (kind === 'cluster')
          return rds.send(
            new DeleteDBClusterCommand({
              DBClusterIdentifier: id,
              SkipFinalSnapshot: true,
              DeleteAutomatedBackups: true,
            }),
          );
        // docs: API_DeleteDBInstance — an instance of an Aurora cluster has no snapshots or backups of its own to speak of.
        const isMember = claim.record.throwAways.length > 1;
        return rds.send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: id,
            SkipFinalSnapshot: true,
            ...(!isMember && { DeleteAutomatedBackups: true }),
          }),
        );
      }),
  };
};
