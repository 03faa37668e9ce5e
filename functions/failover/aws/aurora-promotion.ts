import {
  FailoverGlobalClusterCommand,
  PromoteReadReplicaDBClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import type { Promotion } from '../run/ports.ts';
import { type AuroraKind, findCluster, globalOf } from './aurora-clusters.ts';
import { rdsClient } from './rds-client.ts';

// The calls for clusters that cannot be taken back (for instances: promotion.ts). No other file of the wing makes them.

/**
 * A replica cluster is promoted; a global database fails over, or is switched over when that was planned. Both are asked for in the
 * region of who is to lead, by its ARN (docs: API_FailoverGlobalCluster, API_SwitchoverGlobalCluster). Backups of clusters are always on.
 */
export const auroraPromotion = (kind: AuroraKind): Promotion => ({
  promote: async (region, cluster, { planned }) => {
    const client = rdsClient(region);
    if (kind === 'aurora-replica') {
      await client.send(new PromoteReadReplicaDBClusterCommand({ DBClusterIdentifier: cluster }));
      return;
    }
    const arn = (await findCluster(client, cluster))?.DBClusterArn;
    const global = arn && (await globalOf(client, arn));
    if (!global) throw new Error(`${cluster} is part of no global database`);
    const target = { GlobalClusterIdentifier: global.GlobalClusterIdentifier, TargetDbClusterIdentifier: arn };
    await client.send(
      planned
        ? new SwitchoverGlobalClusterCommand(target)
        : new FailoverGlobalClusterCommand({ ...target, AllowDataLoss: true }),
    );
  },
});
