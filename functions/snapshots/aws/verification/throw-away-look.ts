import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../../shared/aws/errors.ts';
import type { Kind } from '../../core/inventory.ts';
import { type SeenDatabase, THROW_AWAY } from '../../core/verification/throw-away.ts';
import type { ThrowAways } from '../../run/verification/ports.ts';
import { allPages } from '../pages.ts';
import { clusterOf, instanceOf } from '../rds-shapes.ts';

const MaxRecords = 100;

/** Looks at databases as a verification needs them: with their endpoint, and whether a password is pending. */
export const lookAtDatabases = (rds: RDSClient): Pick<ThrowAways, 'find' | 'tagged'> => ({
  find: async (kind, id) => {
    const [found] = await named(rds, kind, id);
    return found;
  },
  tagged: async () => {
    const [instances, clusters] = await Promise.all([
      allPages(
        (Marker) => rds.send(new DescribeDBInstancesCommand({ MaxRecords, Marker })),
        (page) => page.DBInstances,
        ({ DbiResourceId }) => DbiResourceId,
      ),
      allPages(
        (Marker) => rds.send(new DescribeDBClustersCommand({ MaxRecords, Marker })),
        (page) => page.DBClusters,
        ({ DbClusterResourceId }) => DbClusterResourceId,
      ),
    ]);
    return [...instances.map(seenInstance), ...clusters.map(seenCluster)].filter(
      ({ tags }) => THROW_AWAY.stack in tags,
    );
  },
});

const named = async (rds: RDSClient, kind: Kind, id: string): Promise<SeenDatabase[]> => {
  try {
    if (kind === 'instance') {
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
      return (DBInstances ?? []).map(seenInstance);
    }
    const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
    return (DBClusters ?? []).map(seenCluster);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
};

const seenInstance = (one: DBInstance): SeenDatabase => {
  const { kind, id, resourceId, status, tags, memberOf } = instanceOf(one);
  return {
    ...{ kind, id, resourceId, status, tags, memberOf },
    createdMs: one.InstanceCreateTime?.getTime(),
    endpoint: endpointOf(one.Endpoint?.Address, one.Endpoint?.Port),
    masterUsername: one.MasterUsername,
    passwordPending: one.PendingModifiedValues?.MasterUserPassword !== undefined,
  };
};

const seenCluster = (one: DBCluster): SeenDatabase => {
  const { kind, id, resourceId, status, tags } = clusterOf(one);
  return {
    ...{ kind, id, resourceId, status, tags },
    createdMs: one.ClusterCreateTime?.getTime(),
    endpoint: endpointOf(one.Endpoint, one.Port),
    masterUsername: one.MasterUsername,
    passwordPending: one.PendingModifiedValues?.MasterUserPassword !== undefined,
  };
};

const endpointOf = (host: string | undefined, port: number | undefined): SeenDatabase['endpoint'] =>
  host === undefined || port === undefined ? undefined : { host, port };
