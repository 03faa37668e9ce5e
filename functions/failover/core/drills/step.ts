import { reportOf } from '../evidence.ts';
import { hasAll } from '../position.ts';
import type { FailoverRecord } from '../record.ts';
import { DRILL_HOLDS, type DrillSituation, keptPart } from './conditions.ts';
import type { Drill, DrillPhase, Measured, Part, Receipt } from './drill.ts';
import { DRILL_PHASES, type DrillRow, type DrillStep } from './phases.ts';
import { mayTouch } from './throw-away.ts';

/** Steps that change the record of the drill alone: the world is not asked. */
export type RecordStep = 'choose' | 'adopt-leader' | 'adopt-replica' | 'measure';
export type WorldStep = Exclude<DrillStep, RecordStep>;

/** What to do next with a drill, and the drill to write before it is done. */
export type DrillDecision =
  | { kind: 'act'; step: WorldStep; drill: Drill; row: DrillRow }
  | { kind: 'move'; drill: Drill; row: DrillRow }
  | { kind: 'hold'; drill: Drill; row: DrillRow };

const isRecordStep = (step: DrillStep): step is RecordStep =>
  ['choose', 'adopt-leader', 'adopt-replica', 'measure'].includes(step);

/** Decides one step of a drill. Pure and total. */
export const nextDrillStep = (situation: DrillSituation, rows: readonly DrillRow[] = DRILL_PHASES): DrillDecision => {
  const { drill, nowMs } = situation;
  const row = rows.find(({ from, when }) => from.includes(drill.phase) && DRILL_HOLDS[when](situation));
  if (row === undefined) throw new Error(`no row for the phase ${drill.phase}`);
  let next = withDoubt(situation);
  if (row.to !== 'same') next = entered(next, row.to, nowMs);
  if (row.ends !== undefined) next = { ...next, ...row.ends, detail: detailAt(situation) };
  if (row.when === 'kept-for-good') next = { ...next, left: doubtOf(situation) };
  if (row.step === undefined) return { kind: row.to === 'same' ? 'hold' : 'move', drill: next, row };
  if (isRecordStep(row.step)) return { kind: 'move', drill: recorded(next, row.step, situation), row };
  return { kind: 'act', step: row.step, drill: asked(next, row.step, nowMs), row };
};

const recorded = (drill: Drill, step: RecordStep, situation: DrillSituation): Drill => {
  switch (step) {
    case 'choose':
      return { ...drill, snapshot: reportOf(situation.snapshot) };
    case 'adopt-leader':
      return withPart(drill, 'leader', { resourceId: resourceIdOf(situation, 'leader') });
    case 'adopt-replica':
      return withPart(drill, 'replica', { resourceId: resourceIdOf(situation, 'replica') });
    case 'measure':
      return { ...drill, measured: measure(drill, reportOf(situation.record)) };
  }
};

const resourceIdOf = (situation: DrillSituation, part: Part): string | undefined => {
  const look = situation[part];
  return look.kind === 'seen' ? look.one.resourceId : undefined;
};

/** The drill with an order written down, before it is given. */
const asked = (drill: Drill, step: WorldStep, nowMs: number): Drill => {
  const next = { ...drill, attempts: drill.attempts + 1, triedMs: nowMs, triedStep: step };
  switch (step) {
    case 'make-group':
      return { ...next, group: { ...next.group, askedMs: nowMs } };
    case 'restore':
      return withPart(next, 'leader', { askedMs: nowMs });
    case 'replicate':
      return withPart(next, 'replica', { askedMs: nowMs });
    case 'enrol':
      return { ...next, enrolledMs: nowMs };
    case 'reboot':
      return { ...next, rebootedMs: next.rebootedMs ?? nowMs };
    default:
      return next;
  }
};

/** The drill with one of its instances changed. */
export const withPart = (drill: Drill, part: Part, change: Partial<Drill[Part]>): Drill => ({
  ...drill,
  [part]: { ...drill[part], ...change },
});

/** The drill in another phase, with its count of attempts begun anew. */
const entered = (drill: Drill, phase: DrillPhase, nowMs: number): Drill => ({
  ...drill,
  phase,
  phaseSinceMs: nowMs,
  attempts: 0,
  triedMs: undefined,
  triedStep: undefined,
});

/** What a drill that ends without a failover was waiting for. */
const detailAt = (situation: DrillSituation): string | undefined => {
  const { drill } = situation;
  if (drill.calledOff !== undefined) return `${drill.calledOff.by}: ${drill.calledOff.why}`;
  const hold = ['settling', 'failing-over'].includes(drill.phase)
    ? reportOf(situation.record)?.hold?.sentence
    : undefined;
  return hold ?? drill.lastError ?? doubtOf(situation);
};

const withDoubt = (situation: DrillSituation): Drill => {
  const { drill, nowMs } = situation;
  const isKept = drill.phase === 'removing' && keptPart(situation) !== undefined;
  const keptSinceMs = isKept ? (drill.keptSinceMs ?? nowMs) : undefined;
  return keptSinceMs === drill.keptSinceMs ? drill : { ...drill, keptSinceMs };
};

const doubtOf = (situation: DrillSituation): string | undefined => {
  const { drill, conditions } = situation;
  for (const part of ['leader', 'replica'] as const) {
    const look = situation[part];
    const removal = look.kind === 'seen' ? mayTouch(look.one, drill, part, conditions) : undefined;
    if (removal?.may === false) return removal.sentence;
  }
  return undefined;
};

/** What the record of the throw-away pair says of its failover; zero is the first moment without an accepted write. */
export const measure = (drill: Pick<Drill, 'rebootedMs'>, record: FailoverRecord | undefined): Measured | undefined => {
  const passed = record?.passed;
  if (record === undefined || passed?.degraded === undefined) return undefined;
  const zeroMs = Math.min(drill.rebootedMs ?? Number.POSITIVE_INFINITY, passed.suspect ?? passed.degraded);
  const seconds = (atMs: number) => Math.round((atMs - zeroMs) / 100) / 10;
  const { bytes, lastWrite, replayedLsn } = record.loss ?? {};
  // GTIDs are no bytes: what was received is not lost once it is applied.
  const isComplete = bytes === 0 || hasAll(replayedLsn, lastWrite?.lsn) === true;
  return {
    rtoSeconds: seconds(passed.degraded),
    promoteSeconds: Math.round(((passed.verifying ?? passed.degraded) - (passed.promoting ?? zeroMs)) / 100) / 10,
    lossSeconds: record.loss?.seconds === undefined ? undefined : Math.round(record.loss.seconds * 10) / 10,
    lossBytes: bytes,
    lossRows: isComplete ? 0 : undefined,
    phases: Object.fromEntries(
      Object.entries(passed)
        .filter(([phase, atMs]) => phase !== 'healthy' && atMs >= zeroMs)
        .sort(([, one], [, other]) => one - other)
        .map(([phase, atMs]) => [phase, seconds(atMs)]),
    ),
    fenceAnswer: record.intents.fence?.lastError,
  };
};

/** What is kept of a drill that is over. */
export const receiptOf = (drill: Drill, nowMs: number): Receipt => ({
  pair: drill.pair,
  name: drill.name,
  by: drill.by,
  why: drill.why,
  startedMs: drill.startedMs,
  endedMs: nowMs,
  result: drill.result ?? 'inconclusive',
  reason: drill.reason ?? 'vanished',
  measured: drill.measured,
  snapshot: drill.snapshot,
  detail: drill.detail,
  left: drill.left,
});
