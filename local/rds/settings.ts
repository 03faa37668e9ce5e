// What a database is asked to be, read from a request and checked; where nothing is said, AWS's defaults.

import { portsOf } from './addresses.ts';
import type { Context } from './context.ts';
import type { Params } from './params.ts';
import { invalidCombination, invalidValue, RdsRefusal } from './refusal.ts';
import type { DatabaseSettings, RegionState } from './types.ts';

/** What an instance is made of unless said. */
const VERSIONS: Readonly<Record<string, string>> = { postgres: '18.1', mariadb: '10.11.11' };

const windows = { backup: '02:00-02:30', maintenance: 'sun:03:00-sun:03:30' } as const;

/** The parameters that `choices` and `placement` read. */
export const commonParameters = [
  ...['MultiAZ', 'PubliclyAccessible', 'DeletionProtection', 'CopyTagsToSnapshot', 'AutoMinorVersionUpgrade'],
  ...['EnableIAMDatabaseAuthentication', 'DBSubnetGroupName', 'DBParameterGroupName', 'OptionGroupName'],
  ...['BackupRetentionPeriod', 'PreferredBackupWindow', 'StorageType', 'VpcSecurityGroupIds', 'Tags'],
] as const;

/** Settings of a new database that is made empty, in the engine's own defaults. */
export const newSettings = (
  context: Context,
  region: RegionState,
  params: Params,
  fixed: Pick<DatabaseSettings, 'engine' | 'instanceClass' | 'masterUsername' | 'databaseName'>,
): DatabaseSettings => {
  const { engine } = fixed;
  const isEncrypted = params.flag('StorageEncrypted') ?? false;
  const engineVersion = params.text('EngineVersion') ?? VERSIONS[engine] ?? '1.0';
  return {
    ...fixed,
    engineVersion,
    allocatedStorageGib: params.whole('AllocatedStorage', 1, 65_536) ?? 20,
    storageType: params.text('StorageType') ?? 'gp3',
    multiAz: params.flag('MultiAZ') ?? false,
    backupRetentionDays: params.whole('BackupRetentionPeriod', 0, 35) ?? 1,
    backupWindow: params.text('PreferredBackupWindow') ?? windows.backup,
    maintenanceWindow: params.text('PreferredMaintenanceWindow') ?? windows.maintenance,
    encrypted: isEncrypted,
    kmsKeyId: isEncrypted ? context.keys.usable(region.name, params.text('KmsKeyId')) : undefined,
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    autoMinorVersionUpgrade: params.flag('AutoMinorVersionUpgrade') ?? true,
    subnetGroup: params.text('DBSubnetGroupName') ?? 'default',
    parameterGroup: params.text('DBParameterGroupName') ?? `default.${engine}${engineVersion.split('.')[0]}`,
    optionGroup: optionGroup(region, params) ?? defaultOptionGroup({ engine, engineVersion }),
  };
};

/**
 * Settings of a database made from another one or from a snapshot: what the request says, and the origin's otherwise; but
 * protection, tag copying and a second zone only if the request asks (API reference, RestoreDBInstanceFromDBSnapshot).
 */
export const inherited = (region: RegionState, params: Params, origin: DatabaseSettings): DatabaseSettings => ({
  ...origin,
  upkeep: undefined,
  instanceClass: params.text('DBInstanceClass') ?? params.text('DBClusterInstanceClass') ?? origin.instanceClass,
  storageType: params.text('StorageType') ?? origin.storageType,
  multiAz: params.flag('MultiAZ') ?? false,
  backupRetentionDays: params.whole('BackupRetentionPeriod', 0, 35) ?? origin.backupRetentionDays,
  backupWindow: params.text('PreferredBackupWindow') ?? origin.backupWindow,
  iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? origin.iamAuthentication,
  deletionProtection: params.flag('DeletionProtection') ?? false,
  copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
  publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
  autoMinorVersionUpgrade: params.flag('AutoMinorVersionUpgrade') ?? true,
  subnetGroup: params.text('DBSubnetGroupName') ?? 'default',
  parameterGroup:
    params.text('DBParameterGroupName') ?? `default.${origin.engine}${origin.engineVersion.split('.')[0]}`,
  optionGroup: optionGroup(region, params) ?? defaultOptionGroup(origin),
});

/** RDS makes one of these for every engine version, without options (User Guide, USER_WorkingWithOptionGroups). */
export const defaultOptionGroup = ({
  engine,
  engineVersion,
}: Pick<DatabaseSettings, 'engine' | 'engineVersion'>): string => `default:${engine}-${engineVersion.split('.')[0]}`;

/** The option group that the request names; refuses one that isn't there. */
export const optionGroup = (region: RegionState, params: Params): string | undefined => {
  const name = params.text('OptionGroupName');
  if (name !== undefined && !name.startsWith('default:') && !region.optionGroups.has(name)) {
    throw new RdsRefusal('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`, 404);
  }
  return name;
};

/** API reference, CreateDBInstance: PostgreSQL's master password has 8 to 128 printable characters, without / " @ and space. */
export const checkPassword = (password: string): void => {
  if (!/^[\x21-\x7e]{8,128}$/.test(password) || /[/"@]/.test(password)) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used, 8 to 128 of them.",
    );
  }
};

/** The same for an instance of an engine that can have a server. */
export const checkEnginePort = (params: Params, engine: string): void => {
  if (['postgres', 'mysql', 'mariadb'].includes(engine)) checkPort(params, String(portsOf(engine).client));
};

/** Every database of this world listens where its engine does. */
export const checkPort = (params: Params, port: string): void => {
  if (params.text('Port') !== undefined && params.text('Port') !== port) {
    throw invalidCombination(`The local RDS serves this engine on port ${port}`);
  }
};
