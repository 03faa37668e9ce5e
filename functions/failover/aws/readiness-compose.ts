import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../shared/config/schema.ts';
import type { WatchPorts } from '../run/readiness-watch.ts';
import { namesAlarm, readerAlarm, recordPlan, recordTable } from '../run/settings.ts';
import { eventAnnounce } from './announce.ts';
import { auroraDatabases } from './aurora-clusters.ts';
import { auroraShapes } from './aurora-shapes.ts';
import { byKind, type Kind } from './by-kind.ts';
import { recordsAsTheyAre } from './configured-records.ts';
import { dynamoDrills } from './drills/store.ts';
import { taggedThrowAways } from './drills/strays.ts';
import { regionalFunctions } from './functions.ts';
import { rdsDatabases, rdsInstances } from './instances.ts';
import { configuredLeases } from './lease-store.ts';
import { loginSecrets } from './login-secrets.ts';
import { route53Records } from './name-records.ts';
import { route53Names } from './names.ts';
import { dynamoReadiness } from './readiness-states.ts';
import { recordTableSeen } from './record-table.ts';

/** Every port of readiness on AWS, by what a pair is made of. It changes nothing but what it remembers to have told. */
export const readinessPorts = (
  config: Config,
  warn: (sentence: string, facts: object) => void,
): ((kind: Kind) => WatchPorts) => {
  const { recovery } = config.regions;
  const table = recordTable(config);
  const shared = {
    records: recordsAsTheyAre(config),
    recordTable: recordTableSeen(table, recovery),
    recordPlan: recordPlan(config),
    leases: configuredLeases(config, recovery),
    observers: regionalFunctions(config),
    names: {
      ...route53Names({ only: process.env.MAINSTAY_DNS, timeoutMs: 1_000 }, readerAlarm(config)),
      flip: async () => {
        throw new Error('readiness moves no name');
      },
    },
    secrets: loginSecrets,
    nameRecords: route53Records(),
    namesAlarm: (pair: string) => namesAlarm(config, pair),
    drills: dynamoDrills(table, recovery),
    throwAways: taggedThrowAways,
    states: dynamoReadiness(table, recovery),
    announce: eventAnnounce(recovery, warn),
    clock: { now: Date.now, sleep: (ms: number) => sleep(ms).then(() => {}) },
  };
  return byKind((kind) => ({ ...shared, ...seenOf(kind) }));
};

const seenOf = (kind: Kind): Pick<WatchPorts, 'instances' | 'shapes'> =>
  kind === undefined
    ? { instances: rdsDatabases(), shapes: rdsInstances }
    : { instances: auroraDatabases(kind), shapes: auroraShapes(kind) };
