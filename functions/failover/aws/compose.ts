import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../shared/config/schema.ts';
import type { Building } from '../run/ports.ts';
import type { ReconcilerPorts } from '../run/reconcile.ts';
import { readerAlarm } from '../run/settings.ts';
import { eventAnnounce } from './announce.ts';
import { auroraBuilding } from './aurora-building.ts';
import { auroraDatabases } from './aurora-clusters.ts';
import { auroraOldPrimary } from './aurora-old-primary.ts';
import { auroraPromotion } from './aurora-promotion.ts';
import { auroraStorage } from './aurora-storage.ts';
import { rdsBuilding } from './building.ts';
import { byKind, type Kind } from './by-kind.ts';
import { configuredRecords } from './configured-records.ts';
import { regionalFunctions } from './functions.ts';
import { rdsDatabases } from './instances.ts';
import { configuredLeases } from './lease-store.ts';
import { alarmFlip } from './name-flip.ts';
import { route53Names } from './names.ts';
import { rdsOldPrimary } from './old-primary.ts';
import { rdsPromotion } from './promotion.ts';
import { secondChannel } from './second-channel.ts';

/** Every port of the reconciler on AWS, by what a pair is made of. No SQL driver is reached from here. */
export const reconcilerPorts = (
  config: Config,
  warn: (sentence: string, facts: object) => void,
): ((kind: Kind) => ReconcilerPorts) => {
  const { recovery } = config.regions;
  const functions = regionalFunctions(config);
  const shared = {
    records: configuredRecords(config),
    leases: configuredLeases(config, recovery),
    observers: functions,
    fencing: functions,
    opening: functions,
    names: {
      ...route53Names({ only: process.env.MAINSTAY_DNS, timeoutMs: 1_000 }, readerAlarm(config)),
      ...alarmFlip(recovery, config.stage),
    },
    secondChannel: secondChannel(),
    announce: eventAnnounce(recovery, warn),
    clock: { now: Date.now, sleep: (ms: number) => sleep(ms).then(() => {}) },
  };
  return byKind((kind) => ({ ...shared, ...databasesOf(kind) }));
};

type OfDatabases = Pick<ReconcilerPorts, 'instances' | 'old' | 'building' | 'storage'>;

/** What is asked of RDS, and ordered there, about instances or about clusters. */
export const databasesOf = (kind: Kind): OfDatabases => {
  switch (kind) {
    case undefined:
      return {
        instances: { ...rdsDatabases(), ...rdsPromotion() },
        old: rdsOldPrimary(),
        building: rdsBuilding(),
      };
    case 'aurora-replica':
      return {
        instances: { ...auroraDatabases(kind), ...auroraPromotion(kind) },
        old: auroraOldPrimary(kind),
        building: auroraBuilding(),
      };
    case 'aurora-global':
      return {
        instances: { ...auroraDatabases(kind), ...auroraPromotion(kind) },
        old: auroraOldPrimary(kind),
        building: ADDED_BACK,
        storage: auroraStorage(),
      };
  }
};

const ADDED_BACK: Building = {
  replica: async () => {
    throw new Error('a global database builds nothing: Aurora adds its old primary back');
  },
};
