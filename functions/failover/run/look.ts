import { intentId } from '../core/conditions.ts';
import type { Answer, Evidence, NamesReport, ReaderSeen, RetiredSeen } from '../core/evidence.ts';
import { isLeased, type LeaseReport } from '../core/lease.ts';
import { type Policy, quietGapMs } from '../core/policy.ts';
import { type FailoverRecord, isForwardOnly, type Phase } from '../core/record.ts';
import type { Clock, Databases, LeaseStore, Names, Observers, StorageEvents } from './ports.ts';

export interface LookPorts {
  observers: Observers;
  instances: Databases;
  names: Names;
  /** Where a lease is kept that outlives this region; undefined where there is no such store. */
  leases?: LeaseStore | undefined;
  /** Of Aurora alone. */
  storage?: StorageEvents | undefined;
  clock: Clock;
}

const NOT_ASKED = { kind: 'not-asked' } as const;

/** Between the point of no return and the moved name no leader is asked: of the old one only a timeout would come. */
const needsTheLeader = (phase: Phase): boolean => !isForwardOnly(phase) || phase === 'degraded';

export interface LookOptions {
  /** Somebody said that something is wrong: the witness is asked beside the guard, so that the first look knows whether two agree. */
  hinted?: boolean;
}

/** Asks everybody at once. A quiet pair costs two invocations and one RDS call; the rest is asked when it matters. */
export const look = async (
  ports: LookPorts,
  record: FailoverRecord,
  policy: Policy,
  { hinted = false }: LookOptions = {},
): Promise<Evidence> => {
  const takenAtMs = ports.clock.now();
  const incident = record.phase !== 'healthy' || record.switchover !== undefined;
  const leader = needsTheLeader(record.phase);
  const askGuard = () => ask(() => ports.observers.guard(record.leader, policy.pair, record.epoch));
  const askWitness = () => ask(() => ports.observers.witness(record.leader, policy.pair, record.epoch));
  // A guard that is silent here is asked through the witness in the same look: else a cut between two regions would be
  // suspected, cleared and suspected again for as long as it lasts.
  const quietly = async () => {
    const guard = await askGuard();
    return [guard, guard.kind === 'no-answer' ? await askWitness() : NOT_ASKED] as const;
  };
  const isOver = record.phase === 'degraded';
  const askBoth = () => ((incident && !isOver) || hinted ? Promise.all([askGuard(), askWitness()]) : quietly());
  const [[guard, witness], [candidate, replica], names, readers, lease, retired, others, storage] = await Promise.all([
    leader ? askBoth() : ([NOT_ASKED, NOT_ASKED] as const),
    lookAtReplica(ports, record, policy),
    incident && !isOver ? ask(() => lookAtNames(ports, record, policy)) : NOT_ASKED,
    lookAtReaders(ports, record, policy, takenAtMs),
    leader && isLeased(policy) ? ask(() => lookAtLease(ports, record, policy)) : NOT_ASKED,
    lookAtRetired(ports, record, policy, takenAtMs),
    lookAtOthers(ports, record, policy, takenAtMs),
    lookAtStorage(ports, record, policy),
  ]);
  return { takenAtMs, guard, witness, candidate, replica, names, readers, lease, retired, others, storage };
};

const lookAtReplica = async (ports: LookPorts, record: FailoverRecord, policy: Policy) => {
  // Afterwards the promoted one leads, and who is to follow it is looked at, once there is one.
  const follower = record.phase === 'degraded' ? record.standby : record.candidate;
  if (follower === undefined) return [NOT_ASKED, NOT_ASKED] as const;
  const { instance, region, endpoint: known } = follower;
  const candidate = await ask(async () => {
    const view = await ports.instances.describe(region, instance);
    if (view === undefined) throw new Error(`RDS knows no instance ${instance}`);
    return view;
  });
  const endpoint = (candidate.kind === 'ok' ? candidate.report.endpoint : undefined) ?? known;
  if (endpoint === undefined) return [candidate, NOT_ASKED] as const;
  return [candidate, await ask(() => ports.observers.replica(region, policy.pair, endpoint))] as const;
};

/** Those who led before: at every look while the failover is fresh, else once a minute, and never in an incident. */
const lookAtRetired = (
  ports: LookPorts,
  { phase, retired }: FailoverRecord,
  policy: Policy,
  nowMs: number,
): Promise<RetiredSeen[]> => {
  const due = phase === 'degraded' || (phase === 'healthy' && isMinutely(nowMs, policy));
  return Promise.all(
    (due ? retired : []).map(async ({ epoch, region, instance }) => ({
      epoch,
      answer: await ask(async () => (await ports.instances.describe(region, instance)) ?? ('gone' as const)),
    })),
  );
};

const lookAtLease = async (
  { leases, clock }: LookPorts,
  record: FailoverRecord,
  { pair }: Policy,
): Promise<LeaseReport> => {
  if (leases === undefined) throw new Error('this stage has no store for it');
  const unfit = await ask(() => leases.unfit(pair));
  if (unfit.kind === 'ok' && unfit.report !== undefined) throw new Error(unfit.report);
  // What was asked in quiet times need not be asked again in a disaster: DescribeTable is the control plane's.
  if (unfit.kind === 'no-answer' && record.lease === undefined) throw new Error(unfit.because);
  const lease = await leases.load(pair);
  // Known when it was answered, not when it was asked for: a renewal may have come between.
  return { atMs: clock.now(), lease };
};

/** What the writer's name is, and where that matters what it leads to. In mode `stop` only DNS is asked, never Route 53's API. */
const lookAtNames = async (ports: LookPorts, record: FailoverRecord, policy: Policy): Promise<NamesReport> => {
  const { zoneId, writer, mode, zone } = policy.names;
  if (mode === 'stop') {
    const answered = await answeredName(ports, record, policy);
    if (answered === undefined) throw new Error(`those who were asked for ${writer} differ or are silent`);
    return { value: answered, answered };
  }
  const report = await ports.names.read(zoneId, writer);
  if (record.phase !== 'verifying-names') return report;
  const changeId = record.intents['swap-names']?.receipt;
  const [answered, inSync] = await Promise.all([
    answeredName(ports, record, policy),
    zone === 'private' && changeId ? ports.names.inSync(changeId) : undefined,
  ]);
  return { ...report, answered, inSync };
};

/** What the writer's name leads to: by every server of a public zone, by the VPC's resolver for a private one. */
export const answeredName = (
  { names, observers }: Pick<LookPorts, 'names' | 'observers'>,
  { candidate }: Pick<FailoverRecord, 'candidate'>,
  { pair, names: { zoneId, writer, mode, zone } }: Policy,
): Promise<string | undefined> =>
  zone === 'private'
    ? observers.resolve(candidate.region, pair, writer)
    : names.answered(mode === 'stop' ? undefined : zoneId, writer);

/** Once in a minute of so many looks, and never in an incident: what can wait. */
const isMinutely = (nowMs: number, policy: Policy): boolean => nowMs % 60_000 < quietGapMs(policy);

/**
 * The readers beside the pair's own: once a minute each is asked how it is by its region's observer, whose answer is what its health
 * check follows; while they are to be moved, RDS is asked who follows whom.
 */
const lookAtOthers = (
  ports: LookPorts,
  record: FailoverRecord,
  policy: Policy,
  nowMs: number,
): Promise<ReaderSeen[]> => {
  const { reader, readers = [] } = policy.names;
  const isQuiet = record.phase === 'healthy' || record.phase === 'degraded';
  const minutely = isQuiet && isMinutely(nowMs, policy);
  const due = reader !== undefined && (minutely || areReadersDue(record, policy, nowMs));
  return Promise.all(
    (due ? readers : []).map(async ({ region, instance }) => {
      const answer = await ask(async () => (await ports.instances.describe(region, instance)) ?? ('gone' as const));
      const endpoint = answer.kind === 'ok' && answer.report !== 'gone' ? answer.report.endpoint : undefined;
      if (minutely && endpoint) await ask(() => ports.observers.replica(region, policy.pair, endpoint));
      return { instance, answer };
    }),
  );
};

/** The readers can wait: asked once the name has moved, until they have moved in this epoch, and then once a minute; all the time while a conflict is open. */
const lookAtReaders = ({ names }: LookPorts, record: FailoverRecord, policy: Policy, nowMs: number) => {
  const { zoneId, reader } = policy.names;
  if (reader === undefined || !areReadersDue(record, policy, nowMs)) return NOT_ASKED;
  return ask(() => names.readers(zoneId, reader));
};

const areReadersDue = (record: FailoverRecord, policy: Policy, nowMs: number): boolean => {
  const moved = record.intents['swap-readers'];
  const settled = moved?.id === intentId({ record }, 'swap-readers') && moved.doneAtMs !== undefined;
  const due = !settled || record.hold?.because === 'readers-conflict' || isMinutely(nowMs, policy);
  return record.phase === 'degraded' && due;
};

/**
 * What Aurora did at the old primary's storage, while it is its old primary that is promoted away from. The event is in the old
 * one's region where Aurora reached it, else in the new one's; asked in both, and a silent region hides no word of the other.
 */
const lookAtStorage = async ({ storage }: LookPorts, record: FailoverRecord, policy: Policy) => {
  const { phase, intents, fence, leader, candidate } = record;
  const isDue = policy.kind === 'aurora-global' && (phase === 'promoting' || phase === 'verifying');
  const since = intents.promote?.atMs;
  if (!isDue || storage === undefined || since === undefined || fence?.storage !== undefined) return NOT_ASKED;
  const answers = await Promise.all(
    [candidate.region, leader.region].map((region) => ask(() => storage.block(region, leader, since))),
  );
  const told = answers.find((one) => one.kind === 'ok' && one.report !== 'not-told');
  return told ?? answers.find(({ kind }) => kind === 'ok') ?? answers[0] ?? NOT_ASKED;
};

/** Any failure to answer is no evidence of anything: the safest class, explicitly. */
export const ask = async <Report>(question: () => Promise<Report>): Promise<Answer<Report>> => {
  try {
    return { kind: 'ok', report: await question() };
  } catch (error) {
    return { kind: 'no-answer', because: error instanceof Error ? error.message : String(error) };
  }
};
