import { sqlOf } from '../../../shared/config/engine.ts';
import { leaseTable, mrscRegions, recordTable } from '../../../shared/config/record.ts';
import type { Config, PairConfig } from '../../../shared/config/schema.ts';
import { pairOf } from '../core/drills/drill.ts';
import { isNamed, type Policy } from '../core/policy.ts';
import type { RecordPlan } from '../core/readiness-record.ts';
import type { Signal } from '../core/signal.ts';

/** A pair of the config file as the policy that decisions are taken by. */
export const policyOf = (config: Config, pair: PairConfig): Policy => ({
  pair: pair.name,
  engine: sqlOf(pair.engine),
  kind: pair.kind === 'instance' ? undefined : pair.kind,
  mode: pair.mode,
  fence: pair.fence,
  lease: pair.lease && { table: leaseTable(config, pair.lease), seconds: pair.lease.seconds },
  primary: { instance: pair.primary.instance, region: config.regions.primary },
  replica: { instance: pair.replica.instance, region: config.regions.recovery },
  applicationRoles: pair.applicationRoles,
  fencedSecurityGroups: {
    [config.regions.primary]: pair.fencedSecurityGroupId,
    ...(pair.replica.fencedSecurityGroupId && { [config.regions.recovery]: pair.replica.fencedSecurityGroupId }),
  },
  names: {
    ...pair.dns,
    readers: pair.dns.readers?.map(({ instance, region }) => ({ instance, region: config.regions[region] })),
  },
  secondChannel: pair.secondChannel,
  confirmSeconds: pair.confirmSeconds,
  selfHealSeconds: pair.selfHealSeconds,
  maxLossSeconds: pair.maxLossSeconds,
  cooldownSeconds: pair.cooldownSeconds,
  stepSeconds: pair.stepSeconds,
});

/** A pair by its name; throws with the names that there are. */
export const pairNamed = (config: Config, name: string | undefined): PairConfig => {
  const { pairs } = config.failover;
  const pair = pairs.find((one) => one.name === name);
  if (pair === undefined) {
    const known = pairs.map((one) => one.name).join(', ') || 'none';
    throw new Error(`no pair ${name ?? ''} in the config; there is ${known}`);
  }
  return pair;
};

/** The policy by which an order is judged: a pair's, or of its drill, which goes under a name of its own. */
export const policyNamed = (config: Config, name: string): Policy => ({
  ...policyOf(config, pairNamed(config, pairOf(name))),
  pair: name,
});

/** The pairs that these signals ask to look at: an RDS event those of its instance, anything else all. */
export const pairsFor = (config: Config, signals: readonly Signal[]): PairConfig[] =>
  config.failover.pairs.filter((pair) =>
    signals.some((signal) => {
      switch (signal.kind) {
        case 'noise':
          return false;
        case 'rds-event':
          return [pair.primary, pair.replica].some(({ instance }) => isNamed(signal.instance, instance));
        case 'command':
          return signal.pair === pair.name;
        default:
          return true;
      }
    }),
  );

/** The record table's name, by where the config keeps the record. */
export { recordTable };

/** The regions in whose endpoint the record can be read, the first to ask first: one's own where it is there, then the reconciler's. */
export const recordRegions = (config: Pick<Config, 'regions' | 'failover'>, from: string): string[] => {
  const replicas = mrscRegions(config)?.replicas ?? [config.regions.recovery];
  return [...replicas.filter((one) => one === from), ...replicas.filter((one) => one !== from)];
};

/** Where the config wants the record to be. */
export const recordPlan = (config: Config): RecordPlan => ({
  kind: config.failover.record.kind,
  table: recordTable(config),
  ...(mrscRegions(config) ?? { replicas: [config.regions.recovery] }),
});

/** A function's name on AWS. */
export const functionName = (config: Pick<Config, 'stage'>, name: 'guard' | 'observer' | 'witness'): string =>
  `mainstay-${config.stage}-${name}`;

/** The alarm that a reader's health check is on, in the region of its instance: the start of its name, before the instance. */
export const readerAlarm = (config: Pick<Config, 'stage'>): string => `mainstay-${config.stage}-reader-`;

/** The alarm that a pair's health check of mode `stop` is on (resources/failover-names.ts). */
export const namesAlarm = (config: Pick<Config, 'stage'>, pair: string): string =>
  `mainstay-${config.stage}-names-${pair}`;
