import { list } from '../../xml.ts';
import {
  addThreeMembers,
  bringUpCluster,
  deleteCluster,
  modifyCluster,
  startCluster,
  stopCluster,
} from '../cluster-lifecycle.ts';
import { clusterOf, membersOf, requireAvailable } from '../context.ts';
import { partOf, placeOf } from '../global-clusters.ts';
import { nameOf } from '../names.ts';
import { pageOf } from '../paging.ts';
import { addCluster, addSnapshot, checkSecurityGroups } from '../records.ts';
import { invalidCombination, invalidValue } from '../refusal.ts';
import { clusterXml } from '../render-cluster.ts';
import { checkPassword, checkPort, commonParameters, newSettings } from '../settings.ts';
import type { Cluster, Instance } from '../types.ts';
import { readExports } from '../upkeep.ts';
import { listed } from '../views.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';
import { clusterAnswer } from './cluster-answer.ts';
import { createClusterReplica, createSecondary, wantedGlobal } from './cluster-replicas.ts';
import { joinAsPrimary } from './global-clusters.ts';

/** Engines of clusters; Neptune's and DocumentDB's are listed by RDS's API too. Those without a name of their own are Multi-AZ. */
export const clusterEngineNames = /^(aurora-(mysql|postgresql)|neptune|docdb|mysql|postgres)$/;

export const clusterPort = (engine: string): string => (engine.includes('postgres') ? '5432' : '3306');

/** API reference, CreateDBCluster: a Multi-AZ cluster has a class and storage, an Aurora cluster has neither. */
export const createCluster: Action = (context, region, params) => {
  params.only(
    ...['DBClusterIdentifier', 'Engine', 'EngineVersion', 'EngineMode', 'DatabaseName', 'Port', 'KmsKeyId'],
    ...['MasterUsername', 'MasterUserPassword', 'StorageEncrypted', 'PreferredMaintenanceWindow'],
    ...['DBClusterInstanceClass', 'AllocatedStorage', 'Iops', 'DBClusterParameterGroupName', ...commonParameters],
    ...['ReplicationSourceIdentifier', 'GlobalClusterIdentifier', 'EnableCloudwatchLogsExports'],
  );
  const engine = params.required('Engine');
  if (!clusterEngineNames.test(engine)) throw invalidValue(`Invalid DB engine: ${engine}`);
  checkPort(params, clusterPort(engine));
  if (params.text('ReplicationSourceIdentifier') !== undefined)
    return clusterAnswer(context, region, createClusterReplica(context, region, params));
  const global = wantedGlobal(context, params);
  if (global !== undefined && global.members.length > 0)
    return clusterAnswer(context, region, createSecondary(context, region, params, global));
  const isMultiAz = engine === 'mysql' || engine === 'postgres';
  if (isMultiAz) params.required('AllocatedStorage');
  checkPassword(params.required('MasterUserPassword'));
  if (params.whole('BackupRetentionPeriod', 1, 35) === undefined && isMultiAz) params.required('BackupRetentionPeriod');
  const cluster = addCluster(context, region, {
    id: params.required('DBClusterIdentifier'),
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    isMultiAz,
    settings: {
      ...newSettings(context, region, params, {
        engine,
        instanceClass: isMultiAz ? params.required('DBClusterInstanceClass') : '',
        masterUsername: params.required('MasterUsername'),
        databaseName: params.text('DatabaseName'),
      }),
      upkeep: readExports(params),
    },
  });
  if (isMultiAz) addThreeMembers(context, cluster);
  if (global !== undefined) joinAsPrimary(global, cluster);
  bringUpCluster(context, cluster, context.durations.createMs);
  return clusterAnswer(context, region, cluster);
};

/** API reference, DescribeDBClusters. */
export const describeClusters: Action = (context, region, params) => {
  params.only('DBClusterIdentifier', 'Filters', 'MaxRecords', 'Marker', 'IncludeShared');
  const wanted = params.text('DBClusterIdentifier');
  const named = wanted === undefined ? undefined : clusterOf(region, nameOf(wanted, region.name, 'cluster'));
  const filters = params.filters(['db-cluster-id', 'db-cluster-resource-id', 'engine', 'clone-group-id', 'domain']);
  const matching = function* (after: string): Generator<Cluster> {
    for (const cluster of named ? [named].filter(({ id }) => id > after) : listed(context, region.clusters, after)) {
      if (filters.every(({ name, values }) => values.some((value) => isField(cluster, name, value)))) yield cluster;
    }
  };
  const { items, marker } = pageOf(
    params,
    matching,
    ({ id }) => id,
    () => context.pageRepeats(region.name, params.action),
  );
  const members = new Map<string, Instance[]>();
  for (const instance of region.instances.values()) {
    if (instance.clusterId === undefined) continue;
    members.set(instance.clusterId, [...(members.get(instance.clusterId) ?? []), instance]);
  }
  return {
    Marker: marker,
    DBClusters: list(
      'DBCluster',
      items.map((cluster) =>
        clusterXml(cluster, members.get(cluster.id) ?? [], context.clock.now(), placeOf(context, cluster)),
      ),
    ),
  };
};

const isField = (cluster: Cluster, filter: string, value: string): boolean => {
  switch (filter) {
    case 'db-cluster-id':
      return cluster.id === nameOf(value, cluster.region, 'cluster');
    case 'db-cluster-resource-id':
      return cluster.resourceId === value;
    case 'engine':
      return cluster.settings.engine === value;
    default:
      return false;
  }
};

/** API reference, ModifyDBCluster: what this world keeps of a cluster, changed at once. */
export const modifyClusterAction: Action = (context, region, params) => {
  params.only(
    ...[
      'DBClusterIdentifier',
      'ApplyImmediately',
      'BackupRetentionPeriod',
      'VpcSecurityGroupIds',
      'MasterUserPassword',
    ],
    ...['DeletionProtection', 'CopyTagsToSnapshot', 'PreferredBackupWindow', 'PreferredMaintenanceWindow'],
    ...['EnableIAMDatabaseAuthentication'],
  );
  const cluster = clusterOf(region, params.required('DBClusterIdentifier'));
  const groups = params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId');
  const password = params.text('MasterUserPassword');
  const days = params.whole('BackupRetentionPeriod', 1, 35);
  if (groups !== undefined) checkSecurityGroups(context, groups);
  if (password !== undefined) checkPassword(password);
  requireAvailable(cluster, 'modify it');
  const { settings } = cluster;
  settings.backupRetentionDays = days ?? settings.backupRetentionDays;
  settings.deletionProtection = params.flag('DeletionProtection') ?? settings.deletionProtection;
  settings.copyTagsToSnapshot = params.flag('CopyTagsToSnapshot') ?? settings.copyTagsToSnapshot;
  settings.iamAuthentication = params.flag('EnableIAMDatabaseAuthentication') ?? settings.iamAuthentication;
  settings.backupWindow = params.text('PreferredBackupWindow') ?? settings.backupWindow;
  settings.maintenanceWindow = params.text('PreferredMaintenanceWindow') ?? settings.maintenanceWindow;
  if (groups?.length) {
    cluster.securityGroups = groups;
    // Its members have the cluster's groups (API reference, CreateDBInstance, VpcSecurityGroupIds).
    for (const member of membersOf(region, cluster))
      member.securityGroups = groups.map((id) => ({ id, status: 'active' }));
  }
  if (groups?.length || password !== undefined) modifyCluster(context, cluster, password !== undefined);
  return clusterAnswer(context, region, cluster);
};

/** API reference, DeleteDBCluster: an Aurora cluster's members have to go first; final snapshot or a word against it. */
export const removeCluster: Action = (context, region, params) => {
  params.only('DBClusterIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups');
  const cluster = clusterOf(region, params.required('DBClusterIdentifier'));
  const final = params.text('FinalDBSnapshotIdentifier');
  const skip = params.flag('SkipFinalSnapshot') ?? false;
  if (cluster.status === 'deleting')
    throw words.cluster.invalidState(`Cluster ${cluster.id} is already being deleted.`);
  if (cluster.settings.deletionProtection) {
    throw invalidCombination('Cannot delete protected Cluster, please disable deletion protection and try again.');
  }
  const part = partOf(context, cluster);
  if (part !== undefined)
    throw words.cluster.invalidState(
      `This cluster is a part of a global cluster, please remove it from ${part.global.id} first.`,
    );
  if (!cluster.isMultiAz && membersOf(region, cluster).some((member) => member.status !== 'deleting')) {
    throw words.cluster.invalidState(
      'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    );
  }
  if (skip && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set to true');
  }
  if (!skip && final === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (final !== undefined) requireAvailable(cluster, 'create the final snapshot');
  const snapshot =
    final === undefined
      ? undefined
      : addSnapshot(context, region, {
          ...{ kind: 'cluster', id: final, parameter: 'FinalDBSnapshotIdentifier' },
          ...{ databaseId: cluster.id, resourceId: cluster.resourceId, settings: cluster.settings },
          ...{ tags: cluster.tags, length: context.durations.snapshotMs },
        });
  if (params.flag('DeleteAutomatedBackups') ?? true) {
    for (const old of region.snapshots.cluster.values()) {
      if (old.type === 'automated' && old.resourceId === cluster.resourceId) region.snapshots.cluster.delete(old.id);
    }
  }
  deleteCluster(context, cluster, snapshot);
  return clusterAnswer(context, region, cluster);
};

export const stopClusterAction: Action = (context, region, params) => {
  params.only('DBClusterIdentifier');
  const cluster = clusterOf(region, params.required('DBClusterIdentifier'));
  // Aurora User Guide, aurora-cluster-stop-start, limitations.
  const part = partOf(context, cluster);
  if (part !== undefined)
    throw words.cluster.invalidState(
      `${cluster.id} is a part of the global cluster ${part.global.id}: it can't be stopped.`,
    );
  if (cluster.source !== undefined || cluster.replicas.length > 0)
    throw words.cluster.invalidState(`${cluster.id} replicates between regions: it can't be stopped.`);
  requireAvailable(cluster, 'stop it');
  stopCluster(context, cluster);
  return clusterAnswer(context, region, cluster);
};

export const startClusterAction: Action = (context, region, params) => {
  params.only('DBClusterIdentifier');
  const cluster = clusterOf(region, params.required('DBClusterIdentifier'));
  if (cluster.status !== 'stopped')
    throw words.cluster.invalidState(`DbCluster ${cluster.id} is not in stopped state.`);
  startCluster(context, cluster);
  return clusterAnswer(context, region, cluster);
};
