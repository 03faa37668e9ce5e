import { list } from '../../xml.ts';
import { type Context, clusterOf, instanceOf, requireAvailable } from '../context.ts';
import { instanceEvents } from '../event-catalogue.ts';
import { applyChanges, bringUp, deleteInstance, renameInstance } from '../lifecycle.ts';
import { checkIdentifier, longestDatabase, nameOf } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { Params } from '../params.ts';
import { addInstance, addSnapshot, checkSecurityGroups } from '../records.ts';
import { invalidCombination, invalidValue, RdsRefusal } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import { checkEnginePort, checkPassword, commonParameters, newSettings } from '../settings.ts';
import type { Instance, RegionState } from '../types.ts';
import { readUpkeep, upkeepParameters } from '../upkeep.ts';
import { listed } from '../views.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';
import { parameterGroup } from './parameter-groups.ts';

// Engines that RDS knows and this world keeps as records: their snapshots can be selected, listed and expired.
const engineNames =
  /^(postgres|mysql|mariadb|oracle-(ee|se2)(-cdb)?|sqlserver-(ee|se|ex|web)|db2-(ae|se)|custom-[a-z0-9-]+)$/;

/** API reference, CreateDBInstance; with DBClusterIdentifier a member of an Aurora cluster. */
export const createInstance: Action = (context, region, params) => {
  params.only(
    ...['DBInstanceIdentifier', 'DBClusterIdentifier', 'DBInstanceClass', 'Engine', 'EngineVersion', 'DBName', 'Port'],
    ...['MasterUsername', 'MasterUserPassword', 'AllocatedStorage', 'StorageEncrypted', 'KmsKeyId'],
    ...['PreferredMaintenanceWindow', ...commonParameters, ...upkeepParameters],
  );
  const engine = params.required('Engine');
  const clusterId = params.text('DBClusterIdentifier');
  if (clusterId !== undefined) return createMember(context, region, params, clusterId, engine);
  if (!engineNames.test(engine)) throw invalidValue(`Invalid DB engine: ${engine}`);
  checkEnginePort(params, engine);
  const password = params.required('MasterUserPassword');
  checkPassword(password);
  const settings = newSettings(context, region, params, {
    engine,
    instanceClass: params.required('DBInstanceClass'),
    masterUsername: params.required('MasterUsername'),
    databaseName: params.text('DBName'),
  });
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    settings: { ...settings, upkeep: readUpkeep(params, settings) },
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
  });
  bringUp(context, instance, context.durations.createMs, () => context.provision.empty(instance, password));
  return { DBInstance: instanceXml(context, instance) };
};

const ofTheCluster = [
  ...['MasterUsername', 'MasterUserPassword', 'AllocatedStorage', 'StorageEncrypted', 'KmsKeyId', 'DBName'],
  ...['BackupRetentionPeriod', 'StorageType', 'DeletionProtection', 'VpcSecurityGroupIds'],
];

/** A member has its cluster's data, users, key and groups (API reference, CreateDBInstance: "doesn't apply to Aurora"). */
const createMember: (...args: [...Parameters<Action>, string, string]) => ReturnType<Action> = (
  context,
  region,
  params,
  clusterId,
  engine,
) => {
  const cluster = clusterOf(region, clusterId);
  if (cluster.isMultiAz) throw invalidCombination(`The members of the Multi-AZ cluster ${cluster.id} are RDS's own`);
  if (engine !== cluster.settings.engine) {
    throw invalidCombination(`The engine ${engine} is not the cluster's: ${cluster.settings.engine}`);
  }
  const foreign = ofTheCluster.find((name) => params.text(name) !== undefined);
  if (foreign !== undefined || params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId') !== undefined) {
    throw invalidCombination(
      `The requested DB Instance will be a member of a DB Cluster. Set ${foreign ?? 'VpcSecurityGroupIds'} for the DB Cluster.`,
    );
  }
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    settings: {
      ...cluster.settings,
      instanceClass: params.required('DBInstanceClass'),
      deletionProtection: false,
      upkeep: readUpkeep(params, cluster.settings),
    },
    tags: params.tags() ?? [],
    securityGroups: cluster.securityGroups,
    clusterId: cluster.id,
  });
  bringUp(context, instance, context.durations.createMs, () => context.provision.empty(instance, ''));
  return { DBInstance: instanceXml(context, instance) };
};

export const describeInstances: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'Filters', 'MaxRecords', 'Marker');
  const wanted = params.text('DBInstanceIdentifier');
  const name = wanted && nameOf(wanted, region.name, 'db');
  const named = name === undefined ? undefined : instanceOf(region, name);
  const filters = params.filters(['db-cluster-id', 'db-instance-id', 'dbi-resource-id', 'engine']);
  const matching = function* (after: string): Generator<Instance> {
    for (const instance of named ? [named].filter(({ id }) => id > after) : listed(context, region.instances, after)) {
      if (
        filters.every(({ name: filter, values }) =>
          values.some((value) => isField(instance, filter, value, region.name)),
        )
      )
        yield instance;
    }
  };
  const { items, marker } = pageOf(
    params,
    matching,
    (instance) => instance.id,
    () => context.pageRepeats(region.name, params.action),
  );
  return {
    DBInstances: list(
      'DBInstance',
      items.map((one) => instanceXml(context, one)),
    ),
    Marker: marker,
  };
};

const isField = (instance: Instance, filter: string, value: string, region: string): boolean => {
  switch (filter) {
    case 'db-cluster-id':
      return instance.clusterId === nameOf(value, region, 'cluster');
    case 'db-instance-id':
      return instance.id === nameOf(value, region, 'db');
    case 'dbi-resource-id':
      return instance.resourceId === value;
    default:
      return instance.settings.engine === value;
  }
};

export const modifyInstance: Action = (context, region, params) => {
  params.only(
    ...[
      'DBInstanceIdentifier',
      'ApplyImmediately',
      'VpcSecurityGroupIds',
      'BackupRetentionPeriod',
      'DBParameterGroupName',
      'MasterUserPassword',
    ],
    ...[
      'DeletionProtection',
      'CopyTagsToSnapshot',
      'PreferredBackupWindow',
      'PreferredMaintenanceWindow',
      'EnableIAMDatabaseAuthentication',
      'PubliclyAccessible',
      'AutoMinorVersionUpgrade',
      'NewDBInstanceIdentifier',
    ],
  );
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  const groups = params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId');
  const password = params.text('MasterUserPassword');
  const retentionDays = params.whole('BackupRetentionPeriod', 0, 35);
  const group = parameterGroup(region, params);
  if (groups !== undefined) checkSecurityGroups(context, groups);
  if (password !== undefined) checkPassword(password);
  if (password !== undefined && instance.source !== undefined) {
    throw invalidCombination("The master user password of a read replica is its source's");
  }
  if (retentionDays === 0 && instance.replicas.length > 0) {
    throw invalidCombination('Automated backups must be enabled on a DB instance that is the source of a read replica');
  }
  if (instance.clusterId !== undefined && (password !== undefined || groups !== undefined)) {
    throw invalidCombination(`${instance.id} is a member of a DB cluster: modify the cluster`);
  }
  const newId = params.text('NewDBInstanceIdentifier');
  if (newId !== undefined) checkRename(context, region, instance, params, newId);
  // Not documented either way (docs/verify-on-aws.md), so the world can do both: a `failed` instance takes new security groups.
  const isGroupsOnly =
    groups !== undefined && password === undefined && retentionDays === undefined && group === undefined;
  const isModifiable =
    instance.status === 'available' ||
    (instance.status === 'failed' && isGroupsOnly && context.assumptions.failedTakesSecurityGroups);
  if (!isModifiable || instance.isPromoting) {
    throw words.instance.invalidState(`Database instance ${instance.id} is not in available state.`);
  }
  const { settings } = instance;
  // The new group's parameters are those of the next start (User Guide, USER_WorkingWithParamGroups.Associating).
  settings.parameterGroup = group ?? settings.parameterGroup;
  settings.deletionProtection = params.flag('DeletionProtection') ?? settings.deletionProtection;
  settings.copyTagsToSnapshot = params.flag('CopyTagsToSnapshot') ?? settings.copyTagsToSnapshot;
  settings.iamAuthentication = params.flag('EnableIAMDatabaseAuthentication') ?? settings.iamAuthentication;
  settings.publiclyAccessible = params.flag('PubliclyAccessible') ?? settings.publiclyAccessible;
  settings.autoMinorVersionUpgrade = params.flag('AutoMinorVersionUpgrade') ?? settings.autoMinorVersionUpgrade;
  settings.backupWindow = params.text('PreferredBackupWindow') ?? settings.backupWindow;
  settings.maintenanceWindow = params.text('PreferredMaintenanceWindow') ?? settings.maintenanceWindow;
  if (retentionDays !== undefined)
    setRetention(context, instance, retentionDays, params.flag('ApplyImmediately') ?? false);
  if (groups?.length || password !== undefined) {
    applyChanges(context, instance, { groups: groups?.length ? groups : undefined, password });
  }
  if (newId !== undefined) renameInstance(context, instance, newId.toLowerCase());
  return { DBInstance: instanceXml(context, instance) };
};

/** API reference, ModifyDBInstance: at once with ApplyImmediately; there is no maintenance window here. */
const checkRename = (
  context: Context,
  region: RegionState,
  instance: Instance,
  params: Params,
  newId: string,
): void => {
  const id = checkIdentifier('NewDBInstanceIdentifier', newId, longestDatabase);
  if (!params.flag('ApplyImmediately') || context.provision.serves(instance)) {
    throw invalidCombination('The local RDS renames records without a server, and only with ApplyImmediately');
  }
  if (region.instances.has(id)) throw new RdsRefusal('DBInstanceAlreadyExists', 'DB instance already exists');
};

/** Between two periods above 0 it is changed at once; to or from 0 only with ApplyImmediately (API reference, ModifyDBInstance). */
const setRetention = (context: Context, instance: Instance, days: number, immediately: boolean): void => {
  const { settings } = instance;
  const isSwitch = (days === 0) !== (settings.backupRetentionDays === 0);
  instance.pendingBackupRetentionDays = isSwitch && !immediately ? days : undefined;
  if (instance.pendingBackupRetentionDays !== undefined) return;
  settings.backupRetentionDays = days;
  if (isSwitch)
    context.announce.database(instance, days === 0 ? instanceEvents.backupsDisabled : instanceEvents.backupsEnabled);
};

export const removeInstance: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  const final = params.text('FinalDBSnapshotIdentifier');
  const skip = params.flag('SkipFinalSnapshot') ?? false;
  if (instance.status === 'deleting')
    throw words.instance.invalidState(`Instance ${instance.id} is already being deleted.`);
  if (instance.settings.deletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  if (skip && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set to true');
  }
  const cluster = instance.clusterId === undefined ? undefined : region.clusters.get(instance.clusterId);
  if (cluster?.isMultiAz) {
    throw words.instance.invalidState(`${instance.id} is a member of a Multi-AZ DB cluster: delete the cluster`);
  }
  if (cluster !== undefined && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance');
  }
  if (instance.source !== undefined && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a replica instance');
  }
  if (!skip && final === undefined && instance.source === undefined && cluster === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (final !== undefined) requireAvailable(instance, 'create the final snapshot');
  const snapshot =
    final === undefined
      ? undefined
      : addSnapshot(context, region, {
          ...{
            kind: 'instance',
            id: final,
            parameter: 'FinalDBSnapshotIdentifier',
            length: context.durations.snapshotMs,
          },
          ...{
            databaseId: instance.id,
            resourceId: instance.resourceId,
            settings: instance.settings,
            tags: instance.tags,
          },
        });
  if (params.flag('DeleteAutomatedBackups') ?? true) {
    for (const old of region.snapshots.instance.values()) {
      if (old.type === 'automated' && old.resourceId === instance.resourceId) region.snapshots.instance.delete(old.id);
    }
  }
  deleteInstance(context, instance, snapshot);
  return { DBInstance: instanceXml(context, instance) };
};
