// What RDS calls by two names, as the soak's own side says it.

export type Kind = 'instance' | 'cluster';

export const words = {
  instance: {
    create: 'CreateDBSnapshot',
    remove: 'DeleteDBSnapshot',
    copy: 'CopyDBSnapshot',
    describe: 'DescribeDBSnapshots',
    snapshotId: 'DBSnapshotIdentifier',
    databaseId: 'DBInstanceIdentifier',
    notFound: 'DBSnapshotNotFound',
    arn: 'snapshot',
    databaseArn: 'db',
    make: 'CreateDBInstance',
    stop: 'StopDBInstance',
    start: 'StartDBInstance',
    drop: 'DeleteDBInstance',
    resourceId: /<DbiResourceId>(.*?)</,
  },
  cluster: {
    create: 'CreateDBClusterSnapshot',
    remove: 'DeleteDBClusterSnapshot',
    copy: 'CopyDBClusterSnapshot',
    describe: 'DescribeDBClusterSnapshots',
    snapshotId: 'DBClusterSnapshotIdentifier',
    databaseId: 'DBClusterIdentifier',
    notFound: 'DBClusterSnapshotNotFoundFault',
    arn: 'cluster-snapshot',
    databaseArn: 'cluster',
    make: 'CreateDBCluster',
    stop: 'StopDBCluster',
    start: 'StartDBCluster',
    drop: 'DeleteDBCluster',
    resourceId: /<DbClusterResourceId>(.*?)</,
  },
} as const satisfies Record<Kind, unknown>;

/** The kind that an action is about. */
export const kindOf = (action: string): Kind => (action.includes('Cluster') ? 'cluster' : 'instance');
