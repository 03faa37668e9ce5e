import { DescribeAccountAttributesCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Quota } from '../core/inventory.ts';
import type { Quotas } from '../run/ports.ts';

const QUOTAS = { ManualSnapshots: 'instance', ManualClusterSnapshots: 'cluster' } as const;

/** The two quotas of manual snapshots (docs: API_DescribeAccountAttributes; either name may be missing). */
export const rdsQuotas = (rds: RDSClient): Quotas => ({
  read: async () => {
    const { AccountQuotas } = await rds.send(new DescribeAccountAttributesCommand({}));
    return (AccountQuotas ?? []).flatMap(({ AccountQuotaName, Used, Max }): Quota[] => {
      const kind = QUOTAS[AccountQuotaName as keyof typeof QUOTAS];
      return kind === undefined || Max === undefined ? [] : [{ kind, max: Max, used: Used ?? 0 }];
    });
  },
});
