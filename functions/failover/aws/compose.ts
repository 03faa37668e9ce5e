import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../shared/config/schema.ts';
import type { ReconcilerPorts } from '../run/reconcile.ts';
import { readerAlarm } from '../run/settings.ts';
import { eventAnnounce } from './announce.ts';
import { rdsBuilding } from './building.ts';
import { configuredRecords } from './configured-records.ts';
import { regionalFunctions } from './functions.ts';
import { rdsDatabases } from './instances.ts';
import { configuredLeases } from './lease-store.ts';
import { alarmFlip } from './name-flip.ts';
import { route53Names } from './names.ts';
import { rdsOldPrimary } from './old-primary.ts';
import { rdsPromotion } from './promotion.ts';
import { secondChannel } from './second-channel.ts';

/** Every port of the reconciler on AWS. No SQL driver is reached from here. */
export const reconcilerPorts = (config: Config, warn: (sentence: string, facts: object) => void): ReconcilerPorts => {
  const { recovery } = config.regions;
  const functions = regionalFunctions(config);
  return {
    records: configuredRecords(config),
    leases: configuredLeases(config, recovery),
    observers: functions,
    fencing: functions,
    opening: functions,
    old: rdsOldPrimary(),
    building: rdsBuilding(),
    instances: { ...rdsDatabases(), ...rdsPromotion() },
    names: {
      ...route53Names({ only: process.env.MAINSTAY_DNS, timeoutMs: 1_000 }, readerAlarm(config)),
      ...alarmFlip(recovery, config.stage),
    },
    secondChannel: secondChannel(),
    announce: eventAnnounce(recovery, warn),
    clock: { now: Date.now, sleep: (ms) => sleep(ms).then(() => {}) },
  };
};
