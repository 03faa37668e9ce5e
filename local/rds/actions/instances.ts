import { list, type XmlValue } from '../../xml.ts';
import { type Context, instanceOf, requireAvailable } from '../context.ts';
import { instanceEvents } from '../event-catalogue.ts';
import { applyChanges, bringUp, deleteInstance } from '../lifecycle.ts';
import { kmsKeyArn, nameOf } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { Params } from '../params.ts';
import { addInstance, addSnapshot, checkSecurityGroups } from '../records.ts';
import { instanceNotFound, invalidCombination, invalidInstanceState, invalidValue } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import type { Instance, InstanceSettings, RegionState } from '../types.ts';

/** One API action: answers its result, or throws the refusal. */
export type Action = (context: Context, region: RegionState, params: Params) => XmlValue;

const windows = { backup: '02:00-02:30', maintenance: 'sun:03:00-sun:03:30' } as const;

// Engines that RDS knows and this world keeps as records: their snapshots can be selected, listed and expired.
const engineNames =
  /^(postgres|mysql|mariadb|oracle-(ee|se2)(-cdb)?|sqlserver-(ee|se|ex|web)|db2-(ae|se)|custom-[a-z0-9-]+)$/;

export const createInstance: Action = (context, region, params) => {
  params.only(
    ...[
      'DBInstanceIdentifier',
      'DBInstanceClass',
      'Engine',
      'EngineVersion',
      'AllocatedStorage',
      'StorageType',
      'DBName',
    ],
    ...[
      'MasterUsername',
      'MasterUserPassword',
      'VpcSecurityGroupIds',
      'DBSubnetGroupName',
      'MultiAZ',
      'PubliclyAccessible',
    ],
    ...[
      'BackupRetentionPeriod',
      'PreferredBackupWindow',
      'PreferredMaintenanceWindow',
      'StorageEncrypted',
      'KmsKeyId',
      'Tags',
    ],
    ...[
      'EnableIAMDatabaseAuthentication',
      'DeletionProtection',
      'CopyTagsToSnapshot',
      'AutoMinorVersionUpgrade',
      'Port',
    ],
  );
  const engine = params.required('Engine');
  if (!engineNames.test(engine)) throw invalidValue(`Invalid DB engine: ${engine}`);
  if (params.text('Port') !== undefined && params.text('Port') !== '5432') {
    throw invalidCombination('The local RDS serves every database on port 5432');
  }
  const password = params.required('MasterUserPassword');
  checkPassword(password);
  const settings: InstanceSettings = {
    engine,
    engineVersion: params.text('EngineVersion') ?? (engine === 'postgres' ? '18.1' : '1.0'),
    instanceClass: params.required('DBInstanceClass'),
    allocatedStorageGib: params.whole('AllocatedStorage', 1, 65_536) ?? 20,
    storageType: params.text('StorageType') ?? 'gp3',
    masterUsername: params.required('MasterUsername'),
    databaseName: params.text('DBName'),
    multiAz: params.flag('MultiAZ') ?? false,
    backupRetentionDays: params.whole('BackupRetentionPeriod', 0, 35) ?? 1,
    backupWindow: params.text('PreferredBackupWindow') ?? windows.backup,
    maintenanceWindow: params.text('PreferredMaintenanceWindow') ?? windows.maintenance,
    encrypted: params.flag('StorageEncrypted') ?? false,
    kmsKeyId: params.flag('StorageEncrypted')
      ? kmsKeyArn(region.name, context.account, params.text('KmsKeyId'))
      : undefined,
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
  };
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    settings,
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
  });
  bringUp(context, instance, context.durations.createMs, () => context.provision.empty(instance, password));
  return { DBInstance: instanceXml(instance, context.account) };
};

/** API reference, CreateDBInstance: PostgreSQL's master password has 8 to 128 printable characters, without / " @ and space. */
const checkPassword = (password: string): void => {
  if (!/^[\x21-\x7e]{8,128}$/.test(password) || /[/"@]/.test(password)) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used, 8 to 128 of them.",
    );
  }
};

export const describeInstances: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'Filters', 'MaxRecords', 'Marker');
  const wanted = params.text('DBInstanceIdentifier');
  const name = wanted && nameOf(wanted, region.name, 'db');
  if (wanted !== undefined && !region.instances.has(name!)) throw instanceNotFound(wanted);
  const filters = params.filters(['db-cluster-id', 'db-instance-id', 'dbi-resource-id', 'engine']);
  const matching = [...region.instances.values()].filter(
    (instance) =>
      (name === undefined || instance.id === name) &&
      filters.every(({ name: filter, values }) =>
        values.some((value) => fieldOf(instance, filter, value, region.name)),
      ),
  );
  const { items, marker } = pageOf(params, matching, (instance) => instance.id);
  return {
    DBInstances: list(
      'DBInstance',
      items.map((one) => instanceXml(one, context.account)),
    ),
    Marker: marker,
  };
};

const fieldOf = (instance: Instance, filter: string, value: string, region: string): boolean => {
  switch (filter) {
    case 'db-cluster-id':
      return instance.clusterId === value;
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
      'MasterUserPassword',
    ],
    ...[
      'DeletionProtection',
      'CopyTagsToSnapshot',
      'PreferredBackupWindow',
      'PreferredMaintenanceWindow',
      'EnableIAMDatabaseAuthentication',
    ],
  );
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  const groups = params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId');
  const password = params.text('MasterUserPassword');
  const retentionDays = params.whole('BackupRetentionPeriod', 0, 35);
  if (groups !== undefined) checkSecurityGroups(context, groups);
  if (password !== undefined) checkPassword(password);
  if (password !== undefined && instance.source !== undefined) {
    throw invalidCombination("The master user password of a read replica is its source's");
  }
  if (retentionDays === 0 && instance.replicas.length > 0) {
    throw invalidCombination('Automated backups must be enabled on a DB instance that is the source of a read replica');
  }
  // Not documented either way (docs/verify-on-aws.md), so the world can do both: a `failed` instance takes new security groups.
  const isGroupsOnly = groups !== undefined && password === undefined && retentionDays === undefined;
  const isModifiable =
    instance.status === 'available' ||
    (instance.status === 'failed' && isGroupsOnly && context.assumptions.failedTakesSecurityGroups);
  if (!isModifiable || instance.isPromoting) {
    throw invalidInstanceState(`Database instance ${instance.id} is not in available state.`);
  }
  const { settings } = instance;
  settings.deletionProtection = params.flag('DeletionProtection') ?? settings.deletionProtection;
  settings.copyTagsToSnapshot = params.flag('CopyTagsToSnapshot') ?? settings.copyTagsToSnapshot;
  settings.iamAuthentication = params.flag('EnableIAMDatabaseAuthentication') ?? settings.iamAuthentication;
  settings.backupWindow = params.text('PreferredBackupWindow') ?? settings.backupWindow;
  settings.maintenanceWindow = params.text('PreferredMaintenanceWindow') ?? settings.maintenanceWindow;
  if (retentionDays !== undefined)
    setRetention(context, instance, retentionDays, params.flag('ApplyImmediately') ?? false);
  if (groups?.length || password !== undefined) {
    applyChanges(context, instance, { groups: groups?.length ? groups : undefined, password });
  }
  return { DBInstance: instanceXml(instance, context.account) };
};

/** Between two periods above 0 it is changed at once; to or from 0 only with ApplyImmediately (API reference, ModifyDBInstance). */
const setRetention = (context: Context, instance: Instance, days: number, immediately: boolean): void => {
  const { settings } = instance;
  const isSwitch = (days === 0) !== (settings.backupRetentionDays === 0);
  instance.pendingBackupRetentionDays = isSwitch && !immediately ? days : undefined;
  if (instance.pendingBackupRetentionDays !== undefined) return;
  settings.backupRetentionDays = days;
  if (isSwitch)
    context.announce.instance(instance, days === 0 ? instanceEvents.backupsDisabled : instanceEvents.backupsEnabled);
};

export const removeInstance: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  const final = params.text('FinalDBSnapshotIdentifier');
  const skip = params.flag('SkipFinalSnapshot') ?? false;
  if (instance.status === 'deleting') throw invalidInstanceState(`Instance ${instance.id} is already being deleted.`);
  if (instance.settings.deletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  if (skip && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set to true');
  }
  if (instance.source !== undefined && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a replica instance');
  }
  if (!skip && final === undefined && instance.source === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (final !== undefined) requireAvailable(instance, 'create the final snapshot');
  const snapshot =
    final === undefined
      ? undefined
      : addSnapshot(context, region, {
          ...{ id: final, parameter: 'FinalDBSnapshotIdentifier', durationMs: context.durations.snapshotMs },
          ...{
            instanceId: instance.id,
            resourceId: instance.resourceId,
            settings: instance.settings,
            tags: instance.tags,
          },
        });
  if (params.flag('DeleteAutomatedBackups') ?? true) {
    for (const old of region.snapshots.values()) {
      if (old.type === 'automated' && old.resourceId === instance.resourceId) region.snapshots.delete(old.id);
    }
  }
  deleteInstance(context, instance, snapshot);
  return { DBInstance: instanceXml(instance, context.account) };
};
