import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../../shared/config/schema.ts';
import type { DrillPorts } from '../../run/drills/ports.ts';
import type { ReconcilerPorts } from '../../run/reconcile.ts';
import { recordTable } from '../../run/settings.ts';
import { eventAnnounce } from '../announce.ts';
import { regionalFunctions } from '../functions.ts';
import { rdsDatabases } from '../instances.ts';
import { route53Names } from '../names.ts';
import { rdsPromotion } from '../promotion.ts';
import { dynamoRecords } from '../record-store.ts';
import { rdsStage } from './stage.ts';
import { dynamoDrills } from './store.ts';

/** Every port of a drill on AWS, and those by which the ordinary reconciler steps its throw-away pair. */
export const drillPorts = (
  config: Config,
  warn: (sentence: string, facts: object) => void,
): { drill: DrillPorts; reconciler: ReconcilerPorts } => {
  const { recovery } = config.regions;
  const functions = regionalFunctions(config);
  const records = dynamoRecords(recordTable(config), recovery);
  const names = { ...route53Names({ only: process.env.MAINSTAY_DNS, timeoutMs: 1_000 }), flip: noPartOfIt };
  const clock = { now: Date.now, sleep: (ms: number) => sleep(ms).then(() => {}) };
  return {
    drill: { drills: dynamoDrills(recordTable(config), recovery), stage: rdsStage(), records, names, clock },
    reconciler: {
      records,
      names,
      clock,
      observers: functions,
      fencing: functions,
      opening: functions,
      instances: { ...rdsDatabases(), ...rdsPromotion() },
      announce: eventAnnounce(recovery, warn),
      ...AFTERMATH,
    },
  };
};

const noPartOfIt = async (): Promise<never> => {
  throw new Error('this is no part of a drill');
};

/** What follows a failover is nobody's here: the throw-aways are removed. */
const AFTERMATH = {
  secondChannel: { publish: noPartOfIt },
  old: { describe: noPartOfIt, snapshot: noPartOfIt, stop: noPartOfIt },
  building: { replica: noPartOfIt },
};
