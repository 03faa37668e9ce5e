import { HOLDS, type Situation, subjectOf } from './conditions.ts';
import { PHASES, type Row, type Step } from './phases.ts';
import { mayRemove, REMOVAL_CONDITIONS, type SeenDatabase } from './throw-away.ts';
import type { Phase, Reason, Result, ThrowAway, Verification } from './verification.ts';

/** What to do next with one verification, and the record to write before it is done. */
export type Decision =
  | { kind: 'act'; step: WorldStep; record: Verification; entry: ThrowAway; seen: SeenDatabase | undefined; row: Row }
  | { kind: 'move'; to: Phase; record: Verification; row: Row }
  | { kind: 'hold'; record: Verification; row: Row };

/** Steps that change the record alone: the world is not asked. */
export type WorldStep = Exclude<Step, 'adopt' | 'rename'>;
const isWorldStep = (step: Step): step is WorldStep => step !== 'adopt' && step !== 'rename';

/**
 * Decides one step of a verification. Pure and total. `newIds` are for a name that is taken: random, made by the caller.
 */
export const nextStep = (
  situation: Situation,
  newIds: readonly ThrowAway[],
  rows: readonly Row[] = PHASES,
): Decision => {
  const { record, nowMs } = situation;
  const row = rows.find(({ from, when }) => from.includes(record.phase) && HOLDS[when](situation));
  if (row === undefined) throw new Error(`no row for the phase ${record.phase}`);
  let next = withDoubt(situation);
  if (row.to !== 'same') next = entered(next, row.to, nowMs);
  if (row.ends !== undefined) next = ended(next, row.ends, situation);
  if (row.when === 'kept-for-good') next = { ...next, left: doubtOf(situation) };
  if (next.phase === 'over') next = { ...next, result: next.result ?? 'inconclusive', endedMs: nowMs };
  if (row.step === undefined)
    return row.to === 'same' ? { kind: 'hold', record: next, row } : { kind: 'move', to: row.to, record: next, row };

  const subject = subjectOf({ ...situation, record: next }, row.step);
  if (row.step === 'rename') {
    return { kind: 'move', to: next.phase, record: { ...next, throwAways: newIds.map((one) => ({ ...one })) }, row };
  }
  if (subject === undefined) return { kind: 'hold', record: next, row };
  if (row.step === 'adopt') {
    const resourceId = subject.seen?.resourceId;
    return { kind: 'move', to: next.phase, record: withEntry(next, subject.entry.id, { resourceId }), row };
  }
  next = { ...next, attempts: next.attempts + 1, triedMs: nowMs };
  if (row.step === 'check') next = { ...next, checks: (next.checks ?? 0) + 1 };
  if (row.step === 'restore' || row.step === 'add-member') next = withEntry(next, subject.entry.id, { askedMs: nowMs });
  const entry = next.throwAways.find(({ id }) => id === subject.entry.id) ?? subject.entry;
  return { kind: 'act', step: row.step, record: next, entry, seen: subject.seen, row };
};

/** The same record with one of its throw-aways changed. */
export const withEntry = (record: Verification, id: string, change: Partial<ThrowAway>): Verification => ({
  ...record,
  throwAways: record.throwAways.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
});

/** The record in another phase, with its count of attempts begun anew. `triedMs` stays: it paces what goes to and fro. */
export const entered = (record: Verification, phase: Phase, nowMs: number): Verification => ({
  ...record,
  phase,
  phaseSinceMs: nowMs,
  attempts: 0,
  refused: undefined,
});

const ended = (record: Verification, ends: { result: Result; reason: Reason }, situation: Situation): Verification => ({
  ...record,
  ...ends,
  detail:
    ends.reason === 'restore-failed'
      ? situation.looks.flatMap((look) => (look.kind === 'seen' ? [look.database.status] : [])).join(', ')
      : ends.reason === 'taken-over'
        ? doubtOf(situation)
        : record.detail,
});

const withDoubt = (situation: Situation): Verification => {
  const { record, nowMs } = situation;
  const keptSinceMs = record.phase === 'removing' && HOLDS.kept(situation) ? (record.keptSinceMs ?? nowMs) : undefined;
  return keptSinceMs === record.keptSinceMs ? record : { ...record, keptSinceMs };
};

const doubtOf = ({ record, looks, stack, conditions }: Situation): string | undefined => {
  for (const [index, entry] of record.throwAways.entries()) {
    const look = looks[index];
    if (look?.kind !== 'seen') continue;
    const removal = mayRemove(look.database, record, entry, stack, conditions ?? REMOVAL_CONDITIONS);
    if (!removal.may) return removal.sentence;
  }
  return undefined;
};

/** What came of an act, in the words of the record. */
export type Outcome =
  | { kind: 'made'; resourceId: string | undefined }
  | { kind: 'done' }
  | { kind: 'checked'; result: 'ok' | 'failed'; reason: Reason; detail?: string | undefined }
  /** Decided against: it will be the same next time. */
  | { kind: 'refused'; detail: string }
  /** It may have been done, or will be possible later. */
  | { kind: 'not-yet'; detail: string };

/** The record after an act. */
export const afterAct = (
  record: Verification,
  step: WorldStep,
  entry: ThrowAway,
  outcome: Outcome,
  nowMs: number,
): Verification => {
  switch (outcome.kind) {
    case 'made':
      return outcome.resourceId === undefined
        ? record
        : withEntry(record, entry.id, { resourceId: outcome.resourceId });
    case 'refused':
      return { ...record, refused: step !== 'remove' && step !== 'check', detail: outcome.detail };
    case 'not-yet':
      return { ...record, detail: outcome.detail };
    case 'checked':
      return {
        ...entered(record, 'recording', nowMs),
        result: outcome.result,
        reason: outcome.reason,
        detail: outcome.detail,
      };
    case 'done':
      if (step === 'secure') return entered(record, 'checking', nowMs);
      if (step === 'tag') return { ...record, taggedMs: nowMs };
      return step === 'remove' ? { ...withEntry(record, entry.id, { removedMs: nowMs }), attempts: 0 } : record;
  }
};

export { isWorldStep };
