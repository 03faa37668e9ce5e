import { formatAge, formatSlot } from '../calendar.ts';
import type { Database } from '../inventory.ts';
import type { Idle } from './choice.ts';
import type { Decision } from './step.ts';
import type { SeenDatabase } from './throw-away.ts';
import { THROW_AWAY } from './throw-away.ts';
import type { Reason, Verification } from './verification.ts';

// One decision, one sentence: log, notice and command say the same.

const RESULTS = { ok: 'restores', failed: 'FAILED to restore', inconclusive: 'was not tried to the end' } as const;

const REASONS: Record<Reason, string> = {
  checked: 'its check holds',
  available: 'it reached available; its engine is not logged in to',
  mismatch: 'the check does not hold',
  'query-failed': 'the check’s query failed',
  unreachable: 'the restored database could not be logged in to',
  'restore-failed': 'RDS gave up on the restore',
  overdue: 'it was not done in its time',
  refused: 'RDS refused what it needs',
  'no-answer': 'RDS gave no clear answer',
  vanished: 'somebody removed the throw-away database',
  'taken-over': 'the throw-away database is not ours any more',
  'never-started': 'it was never begun',
};

const named = ({ snapshot, source }: Verification): string =>
  `${snapshot.id} of ${source.kind === 'cluster' ? 'cluster ' : ''}${source.id} (${formatSlot(snapshot.slotMs)} UTC)`;

/** What became of a verification. */
export const endSentence = (record: Verification, nowMs: number): string => {
  const detail = record.detail === undefined ? '' : `: ${record.detail.replace(/\.$/, '')}`;
  const took = formatAge((record.endedMs ?? nowMs) - record.startedMs);
  const left = record.left === undefined ? '' : ` ${record.left} A person has to look.`;
  return `${named(record)} ${RESULTS[record.result ?? 'inconclusive']}: ${REASONS[record.reason ?? 'never-started']}${detail}, after ${took}.${left}`;
};

/** One step of a verification. */
export const stepSentence = (decision: Decision): string => {
  const { record, row } = decision;
  const what = `Verification ${record.name} (${named(record)})`;
  if (decision.kind === 'act')
    return `${what}: ${row.step} ${row.step === 'tag' ? record.snapshot.id : decision.entry.id}, for ${row.comment}.`;
  if (decision.kind === 'move') return `${what} is ${record.phase}: ${row.comment}.`;
  return `${what} stays ${record.phase}: ${row.comment}.`;
};

/** How one stands, for a list. */
export const openSentence = (record: Verification, nowMs: number): string =>
  `${named(record)} is ${record.phase} for ${formatAge(nowMs - record.phaseSinceMs)}, as ${record.throwAways.map(({ id }) => id).join(' and ')}${record.detail ? `; last: ${record.detail}` : ''}.`;

/** A database with our tag that no verification claims. */
export const straySentence = ({ id, kind, resourceId, tags }: SeenDatabase): string =>
  `${kind === 'cluster' ? 'Cluster ' : ''}${id} (${resourceId}) carries ${THROW_AWAY.stack} and no verification knows it (it names ${tags[THROW_AWAY.record] ?? 'none'}): nothing deletes it, a person has to look.`;

const IDLE: Record<Idle, string> = {
  paused: 'verification is paused',
  'orders-unseen': 'what people ordered could not be read',
  'no-seat': 'as many as may stand at once are under way',
  'day-is-spent': 'throw-away databases have lived as long as a day allows',
  'not-yet': 'it is not time to look for the next',
};

/** Why nothing is started. */
export const idleSentence = (idle: Idle): string => `No verification begins: ${IDLE[idle]}.`;

/** A database that is due and has nothing to try. */
export const withoutGoodSentence = ({ kind, id }: Database): string =>
  `${kind === 'cluster' ? 'cluster ' : ''}${id} is due for a verification, and has no good snapshot whose key is known to be usable.`;
