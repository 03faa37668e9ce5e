// What an instance's storage can do and how it is watched: kept and shown, so that who makes a twin of an instance must say the
// same of it. Nothing here has an effect on a server.
import { list, type XmlValue } from '../xml.ts';
import type { Params } from './params.ts';
import { invalidCombination, invalidValue } from './refusal.ts';
import type { DatabaseSettings } from './types.ts';

/** Of one instance; what a request does not say is off, or the storage type's own. */
export type Upkeep = {
  readonly iops: number | undefined;
  readonly throughputMibps: number | undefined;
  readonly storageCeilingGib: number | undefined;
  /** Enhanced Monitoring: 0 is off. */
  readonly monitoringSeconds: number;
  readonly monitoringRole: string | undefined;
  readonly insights: { readonly key: string | undefined; readonly days: number } | undefined;
  readonly exportedLogs: readonly string[];
};

/** The parameters that `readUpkeep` reads. */
export const upkeepParameters = [
  ...['Iops', 'StorageThroughput', 'MaxAllocatedStorage', 'MonitoringInterval', 'MonitoringRoleArn'],
  ...['EnablePerformanceInsights', 'PerformanceInsightsKMSKeyId', 'PerformanceInsightsRetentionPeriod'],
  ...['EnableCloudwatchLogsExports', 'CACertificateIdentifier', 'NetworkType'],
] as const;

type Volume = Pick<DatabaseSettings, 'engine' | 'storageType' | 'allocatedStorageGib'>;

/** Reads them for a volume; refuses what RDS is known to refuse. */
export const readUpkeep = (params: Params, volume: Volume): Upkeep => {
  const iops = params.whole('Iops', 1_000, 256_000);
  const throughputMibps = params.whole('StorageThroughput', 125, 16_000);
  checkVolume(volume, iops, throughputMibps);
  const monitoringSeconds = params.whole('MonitoringInterval', 0, 60) ?? 0;
  const monitoringRole = params.text('MonitoringRoleArn');
  // API reference, CreateDBInstanceReadReplica: MonitoringInterval and MonitoringRoleArn need each other.
  if (![0, 1, 5, 10, 15, 30, 60].includes(monitoringSeconds))
    throw invalidValue(`Invalid MonitoringInterval ${monitoringSeconds}: must be one of 0, 1, 5, 10, 15, 30, 60`);
  if ((monitoringSeconds === 0) !== (monitoringRole === undefined))
    throw invalidCombination('MonitoringInterval and MonitoringRoleArn must be specified together');
  const days = params.whole('PerformanceInsightsRetentionPeriod', 7, 731) ?? 7;
  return {
    ...{ iops, throughputMibps, storageCeilingGib: params.whole('MaxAllocatedStorage', 1, 65_536) },
    ...{ monitoringSeconds, monitoringRole },
    insights: params.flag('EnablePerformanceInsights')
      ? { key: params.text('PerformanceInsightsKMSKeyId'), days }
      : undefined,
    exportedLogs: params.list('EnableCloudwatchLogsExports', 'member') ?? [],
  };
};

/** Of a cluster the logs that it exports; the rest is its members' own. */
export const readExports = (params: Params): Upkeep => ({
  ...{ iops: undefined, throughputMibps: undefined, storageCeilingGib: undefined },
  ...{ monitoringSeconds: 0, monitoringRole: undefined, insights: undefined },
  exportedLogs: params.list('EnableCloudwatchLogsExports', 'member') ?? [],
});

/** As a list of the answer; nothing where none is exported. */
export const exportsXml = ({ upkeep }: Pick<DatabaseSettings, 'upkeep'>): XmlValue =>
  upkeep?.exportedLogs.length ? list('member', upkeep.exportedLogs) : undefined;

/** User Guide, CHAP_Storage (gp3): from 400 GiB on the volume is striped, and only then its performance can be chosen. */
const stripedFromGib = 400;

const checkVolume = (
  { engine, storageType, allocatedStorageGib }: Volume,
  iops: number | undefined,
  throughputMibps: number | undefined,
): void => {
  if (storageType.startsWith('io') && iops === undefined)
    throw invalidCombination(`The storage type ${storageType} requires iops to be specified.`);
  const isChosen = iops !== undefined || throughputMibps !== undefined;
  if (isChosen && storageType === 'gp3' && isStripable(engine) && allocatedStorageGib < stripedFromGib) {
    throw invalidCombination(
      `You can't specify IOPS or storage throughput for engine ${engine} and a storage size less than ${stripedFromGib}.`,
    );
  }
};

const isStripable = (engine: string): boolean => ['postgres', 'mysql', 'mariadb'].includes(engine);

/** As DBInstance shows it: of gp3 also what nobody chose (User Guide, CHAP_Storage). */
export const upkeepXml = (settings: DatabaseSettings): Record<string, XmlValue> => {
  const { upkeep, storageType, allocatedStorageGib, engine } = settings;
  const isStriped = isStripable(engine) && allocatedStorageGib >= stripedFromGib;
  const own = storageType === 'gp3' ? { iops: isStriped ? 12_000 : 3_000, throughput: isStriped ? 500 : 125 } : {};
  return {
    Iops: upkeep?.iops ?? own.iops,
    StorageThroughput: upkeep?.throughputMibps ?? own.throughput,
    MaxAllocatedStorage: upkeep?.storageCeilingGib,
    MonitoringInterval: upkeep?.monitoringSeconds ?? 0,
    MonitoringRoleArn: upkeep?.monitoringRole,
    PerformanceInsightsEnabled: upkeep?.insights !== undefined,
    PerformanceInsightsKMSKeyId: upkeep?.insights?.key,
    PerformanceInsightsRetentionPeriod: upkeep?.insights?.days,
    EnabledCloudwatchLogsExports: exportsXml({ upkeep }),
  };
};
