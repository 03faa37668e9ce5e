import type { LoginConfig } from '../../../shared/config/schema.ts';
import type { Receipt } from '../core/drills/drill.ts';
import { receiptSentence } from '../core/drills/sentences.ts';
import type { ReaderSeen } from '../core/evidence.ts';
import type { Policy, Target } from '../core/policy.ts';
import { checkReadiness, type InstanceShape } from '../core/readiness.ts';
import type { Check } from '../core/readiness-finding.ts';
import { checkNames, type WriterRecord } from '../core/readiness-names.ts';
import { type RecordPlan, recordFinding, type TableSeen } from '../core/readiness-record.ts';
import type { DrillStore } from './drills/ports.ts';
import { ask, type LookPorts } from './look.ts';
import type { LoginSecrets, RecordStore, Shapes } from './ports.ts';
import { readPair } from './status.ts';

/** Each region asked by its own API. */
export interface ReadinessPorts extends LookPorts {
  records: RecordStore;
  /** The table of the record, and what the config wants of it. */
  recordTable(): Promise<TableSeen>;
  recordPlan: RecordPlan;
  shapes: (region: string) => Shapes;
  secrets: (region: string) => LoginSecrets;
  nameRecords: NameRecords;
  /** The alarm that the health check of mode `stop` is on, by the pair's name. */
  namesAlarm: (pair: string) => string;
  drills: Pick<DrillStore, 'receipts' | 'load'>;
  throwAways: ThrowAwaysSeen;
}

/** Every instance of a region that carries a drill's tag. */
export type ThrowAwaysSeen = (
  region: string,
) => Promise<{ instance: string; pair: string; drill: string | undefined }[]>;

/** Route 53 as it is before the day: read alone. */
export interface NameRecords {
  /** Undefined when Route 53 says that there is no such zone. */
  zone(zoneId: string): Promise<{ name: string; isPrivate: boolean } | undefined>;
  writerRecords(zoneId: string, writer: string): Promise<WriterRecord[]>;
  healthCheckOn(alarm: string): Promise<string | undefined>;
}

/** Every check on what is seen right now. Changes nothing but the guard's heartbeat. */
export const readReadiness = async (ports: ReadinessPorts, policy: Policy, login: LoginConfig): Promise<Check[]> => {
  const { shapes, secrets, clock } = ports;
  const { record, evidence } = await readPair(ports, policy);
  const shapeOf = ({ region, instance }: Target) => ask(() => known(shapes(region), instance));
  const secretOf = ({ region }: Target) =>
    ask(async () => (login.kind === 'secret' ? secrets(region).view(login.secretId) : 'missing'));
  const [checked, others, receipts, strays, leader, replica, here, there, table] = await Promise.all([
    lookAtNames(ports, policy),
    furtherReaders(ports, policy),
    ask(() => ports.drills.receipts(policy.pair, RECEIPTS)),
    ask(() => straysOf(ports, policy)),
    shapeOf(record.leader),
    shapeOf(record.candidate),
    secretOf(record.leader),
    secretOf(record.candidate),
    ask(ports.recordTable),
  ]);
  const found = login.kind === 'secret' ? { leader: here, replica: there } : undefined;
  const drills = {
    ...lastDrills(receipts.kind === 'ok' ? receipts.report : []),
    strays: strays.kind === 'ok' ? strays.report : [],
  };
  const seen = { policy, record, evidence, leader, replica, secrets: found, nowMs: clock.now() };
  const replicaHost = replica.kind === 'ok' ? replica.report.endpoint?.host : undefined;
  return [
    ...checkReadiness({ ...seen, ...drills }),
    { name: 'record' as const, ...recordFinding(ports.recordPlan, table) },
    ...checkNames({ policy, record, replicaHost, others, ...checked }),
  ];
};

/** So many receipts are read: a pair whose last drills all failed has no other good one to speak of. */
const RECEIPTS = 20;

/** The newest drill that failed over, and a newer one that failed. */
const lastDrills = (receipts: readonly Receipt[]) => {
  const good = receipts.find(({ result }) => result === 'ok');
  const failed = receipts.find(({ result }) => result === 'failed');
  return {
    lastDrill: good?.measured && { atMs: good.endedMs, promoteSeconds: good.measured.promoteSeconds },
    failedDrill:
      failed !== undefined && failed.endedMs > (good?.endedMs ?? 0)
        ? { atMs: failed.endedMs, sentence: receiptSentence(failed) }
        : undefined,
  };
};

/** What carries the tag of a drill of this pair, and belongs to none that is under way: its record was lost, or it was left for people. */
const straysOf = async (
  { drills, throwAways }: ReadinessPorts,
  { pair, primary, replica }: Policy,
): Promise<string[]> => {
  // The book last: a drill that began meanwhile must not look like a stray.
  const tagged = (await Promise.all([primary, replica].map(({ region }) => throwAways(region)))).flat();
  const { open } = await drills.load();
  return tagged.filter((one) => one.pair === pair && one.drill !== open?.name).map(({ instance }) => instance);
};

const NOT_ASKED = { kind: 'not-asked' } as const;

/** Only what the config asks for is asked for. */
const lookAtNames = async ({ nameRecords, names, namesAlarm }: ReadinessPorts, { pair, names: policy }: Policy) => {
  const { zoneId, writer, reader, mode } = policy;
  const [zone, readers, standby] = await Promise.all([
    ask(() => nameRecords.zone(zoneId)),
    reader === undefined ? NOT_ASKED : ask(() => names.readers(zoneId, reader)),
    mode !== 'stop'
      ? NOT_ASKED
      : ask(async () => ({
          records: await nameRecords.writerRecords(zoneId, writer),
          healthCheckId: await nameRecords.healthCheckOn(namesAlarm(pair)),
        })),
  ]);
  return { zone, readers, standby };
};

/** RDS's word on each of `dns.readers`: the reconciler asks for it once a minute only. */
const furtherReaders = ({ instances }: ReadinessPorts, { names }: Policy): Promise<ReaderSeen[]> =>
  Promise.all(
    (names.reader === undefined ? [] : (names.readers ?? [])).map(async ({ region, instance }) => ({
      instance,
      answer: await ask(async () => (await instances.describe(region, instance)) ?? ('gone' as const)),
    })),
  );

const known = async (shapes: Shapes, instance: string): Promise<InstanceShape> => {
  const shape = await shapes.shape(instance);
  if (shape === undefined) throw new Error(`RDS knows no instance ${instance}`);
  return shape;
};
