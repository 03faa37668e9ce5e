import { type Context, instanceOf, requireAvailable } from '../context.ts';
import { instanceEvents } from '../event-catalogue.ts';
import { bringUp, promote } from '../lifecycle.ts';
import { parseArn } from '../names.ts';
import { addInstance } from '../records.ts';
import { invalidCombination } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import { checkEnginePort, commonParameters, inherited } from '../settings.ts';
import type { DatabaseSettings, Instance, RegionState } from '../types.ts';
import { readUpkeep, upkeepParameters } from '../upkeep.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';

/** A replica is made without backups, and its windows are set afterwards: the action has no parameter for them. */
const ofNoReplica: readonly string[] = ['BackupRetentionPeriod', 'PreferredBackupWindow'];

/** API reference, CreateDBInstanceReadReplica: called in the replica's region; a source elsewhere is given by ARN. */
export const createReplica: Action = (context, region, params) => {
  params.only(
    ...['DBInstanceIdentifier', 'SourceDBInstanceIdentifier', 'DBInstanceClass', 'KmsKeyId'],
    ...['AllocatedStorage', 'Port'],
    ...commonParameters.filter((name) => !ofNoReplica.includes(name)),
    ...upkeepParameters,
  );
  const source = sourceOf(context, region, params.required('SourceDBInstanceIdentifier'));
  requireAvailable(source, 'create a read replica');
  if (source.settings.backupRetentionDays === 0) {
    throw words.instance.invalidState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
    );
  }
  const isElsewhere = source.region !== region.name;
  const key = params.text('KmsKeyId');
  // An encrypted source makes an encrypted replica, and another region needs a key of its own (same page, KmsKeyId).
  if (source.settings.encrypted && isElsewhere && key === undefined) {
    throw invalidCombination('Cannot create a cross region unencrypted read replica from encrypted source.');
  }
  if (!source.settings.encrypted && key !== undefined) throw invalidCombination('KmsKeyId needs an encrypted source');
  checkEnginePort(params, source.settings.engine);
  const settings: DatabaseSettings = {
    ...inherited(region, params, source.settings),
    allocatedStorageGib: params.whole('AllocatedStorage', 1, 65_536) ?? source.settings.allocatedStorageGib,
    backupRetentionDays: 0,
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
    kmsKeyId:
      source.settings.encrypted && isElsewhere ? context.keys.usable(region.name, key) : source.settings.kmsKeyId,
  };
  if (settings.allocatedStorageGib < source.settings.allocatedStorageGib)
    throw invalidCombination('A read replica needs at least the storage of its source');
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    source: { region: source.region, id: source.id },
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    settings: { ...settings, upkeep: readUpkeep(params, settings) },
  });
  bringUp(
    context,
    instance,
    context.durations.createMs,
    () => context.provision.replica(instance, source),
    () => context.announce.database(instance, instanceEvents.replicationResumed),
    instanceEvents.replicaFailed,
  );
  return { DBInstance: instanceXml(context, instance) };
};

const sourceOf = (context: Context, region: RegionState, id: string): Instance => {
  const arn = parseArn(id);
  if (arn === undefined) return instanceOf(region, id);
  const elsewhere = context.regions.get(arn.region);
  if (elsewhere === undefined || arn.account !== context.account || arn.kind !== 'db')
    throw words.instance.notFound(id);
  return instanceOf(elsewhere, arn.id);
};

/** API reference, PromoteReadReplica: the retention period becomes 1 unless said; not in `backing-up`. */
export const promoteReplica: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'BackupRetentionPeriod', 'PreferredBackupWindow', 'TagSpecifications');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.source === undefined) throw words.instance.invalidState('DB Instance is not a read replica');
  requireAvailable(instance, 'promote the read replica');
  instance.settings.backupRetentionDays = params.whole('BackupRetentionPeriod', 0, 35) ?? 1;
  instance.settings.backupWindow = params.text('PreferredBackupWindow') ?? instance.settings.backupWindow;
  promote(context, instance);
  return { DBInstance: instanceXml(context, instance) };
};
