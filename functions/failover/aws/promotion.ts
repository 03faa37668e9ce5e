import { PromoteReadReplicaCommand } from '@aws-sdk/client-rds';
import type { Promotion } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';

/** The one call that cannot be taken back. No other file of the wing makes it. */
export const rdsPromotion = (): Promotion => ({
  promote: async (region, instance, { retentionDays }) => {
    await rdsClient(region).send(
      new PromoteReadReplicaCommand({ DBInstanceIdentifier: instance, BackupRetentionPeriod: retentionDays }),
    );
  },
});
