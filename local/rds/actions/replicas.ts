import { type Context, instanceOf, requireAvailable } from '../context.ts';
import { instanceEvents } from '../event-catalogue.ts';
import { bringUp, promote } from '../lifecycle.ts';
import { kmsKeyArn, parseArn } from '../names.ts';
import { addInstance } from '../records.ts';
import { instanceNotFound, invalidCombination, invalidInstanceState } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import type { Instance, RegionState } from '../types.ts';
import type { Action } from './instances.ts';

/** API reference, CreateDBInstanceReadReplica: called in the replica's region; a source elsewhere is given by ARN. */
export const createReplica: Action = (context, region, params) => {
  params.only(
    ...[
      'DBInstanceIdentifier',
      'SourceDBInstanceIdentifier',
      'DBInstanceClass',
      'VpcSecurityGroupIds',
      'KmsKeyId',
      'Tags',
    ],
    ...[
      'DBSubnetGroupName',
      'PubliclyAccessible',
      'MultiAZ',
      'DeletionProtection',
      'CopyTagsToSnapshot',
      'BackupRetentionPeriod',
    ],
    ...['EnableIAMDatabaseAuthentication', 'AutoMinorVersionUpgrade', 'StorageType'],
  );
  const source = sourceOf(context, region, params.required('SourceDBInstanceIdentifier'));
  requireAvailable(source, 'create a read replica');
  if (source.settings.backupRetentionDays === 0) {
    throw invalidInstanceState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
    );
  }
  const isElsewhere = source.region !== region.name;
  const key = params.text('KmsKeyId');
  // An encrypted source makes an encrypted replica, and another region needs a key of its own (same page, KmsKeyId).
  if (source.settings.encrypted && isElsewhere && key === undefined) {
    throw invalidCombination(
      'Cannot create a cross region read replica of an encrypted DB instance without a KMS key of the destination region',
    );
  }
  if (!source.settings.encrypted && key !== undefined) throw invalidCombination('KmsKeyId needs an encrypted source');
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    source: { region: source.region, id: source.id },
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    settings: {
      ...source.settings,
      instanceClass: params.text('DBInstanceClass') ?? source.settings.instanceClass,
      storageType: params.text('StorageType') ?? source.settings.storageType,
      multiAz: params.flag('MultiAZ') ?? false,
      backupRetentionDays: params.whole('BackupRetentionPeriod', 0, 35) ?? 0,
      kmsKeyId:
        source.settings.encrypted && isElsewhere
          ? kmsKeyArn(region.name, context.account, key)
          : source.settings.kmsKeyId,
      iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
      deletionProtection: params.flag('DeletionProtection') ?? false,
      copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    },
  });
  bringUp(
    context,
    instance,
    context.durations.createMs,
    () => context.provision.replica(instance, source),
    () => context.announce.instance(instance, instanceEvents.replicationResumed),
  );
  return { DBInstance: instanceXml(instance, context.account) };
};

const sourceOf = (context: Context, region: RegionState, id: string): Instance => {
  const arn = parseArn(id);
  if (arn === undefined) return instanceOf(region, id);
  const elsewhere = context.regions.get(arn.region);
  if (elsewhere === undefined || arn.account !== context.account || arn.kind !== 'db') throw instanceNotFound(id);
  return instanceOf(elsewhere, arn.id);
};

/** API reference, PromoteReadReplica: the retention period becomes 1 unless said; not in `backing-up`. */
export const promoteReplica: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'BackupRetentionPeriod', 'PreferredBackupWindow', 'TagSpecifications');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.source === undefined) throw invalidInstanceState('DB Instance is not a read replica');
  requireAvailable(instance, 'promote the read replica');
  instance.settings.backupRetentionDays = params.whole('BackupRetentionPeriod', 0, 35) ?? 1;
  instance.settings.backupWindow = params.text('PreferredBackupWindow') ?? instance.settings.backupWindow;
  promote(context, instance);
  return { DBInstance: instanceXml(instance, context.account) };
};
