import { formatAge, formatSlot } from '../calendar.ts';
import type { Database } from '../inventory.ts';
import type { Idle } from './choice.ts';
import type { Decision, WorldStep } from './step.ts';
import type { SeenDatabase } from './throw-away.ts';
import { THROW_AWAY } from './throw-away.ts';
import type { Ended, Reason, Verification } from './verification.ts';

// One decision, one sentence: log, notice and command say the same.

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

/** What the check said is a sentence of its own. */
const SAID_BY_CHECK = new Set<Reason>(['checked', 'mismatch', 'query-failed']);

/** A result with its reason. That a check does not hold is another thing than that nothing could be restored. */
const resultText = ({ result, reason, detail = '' }: Pick<Ended, 'result' | 'reason' | 'detail'>): string => {
  const isOfCheck = SAID_BY_CHECK.has(reason);
  const failed = isOfCheck ? 'restores, but FAILED its check' : 'FAILED to restore';
  const said = detail.replace(/\.$/, '');
  const why =
    said === ''
      ? REASONS[reason]
      : isOfCheck
        ? `${said.slice(0, 1).toLowerCase()}${said.slice(1)}`
        : `${REASONS[reason]}: ${said}`;
  return `${{ ok: 'restores', failed, inconclusive: 'was not tried to the end' }[result]}: ${why}`;
};

const named = ({ snapshot, source }: Verification): string =>
  `${snapshot.id} of ${source.kind === 'cluster' ? 'cluster ' : ''}${source.id} (${formatSlot(snapshot.slotMs)} UTC)`;

/** What became of a verification. */
export const endSentence = (record: Verification, nowMs: number): string => {
  const took = formatAge((record.endedMs ?? nowMs) - record.startedMs);
  const left = record.left === undefined ? '' : ` ${record.left} A person has to look.`;
  const { result = 'inconclusive', reason = 'never-started', detail } = record;
  return `${named(record)} ${resultText({ result, reason, detail })}, after ${took}.${left}`;
};

/** The same of one that ended some time ago, for a list. */
export const endedSentence = (one: Ended, nowMs: number): string =>
  `${one.snapshotId} of ${one.kind === 'cluster' ? 'cluster ' : ''}${one.databaseId} ${resultText(one)}, ${formatAge(nowMs - one.endedMs)} ago.`;

const DOES: Record<WorldStep, (id: string) => string> = {
  restore: (id) => `asks for ${id}`,
  'add-member': (id) => `asks for its instance ${id}`,
  secure: (id) => `secures ${id}`,
  check: (id) => `checks ${id}`,
  tag: (id) => `tags ${id}`,
  remove: (id) => `removes ${id}`,
};

/** One step of a verification. */
export const stepSentence = (decision: Decision): string => {
  const { record, row } = decision;
  const what = `The verification of ${named(record)}`;
  if (decision.kind === 'act')
    return `${what} ${DOES[decision.step](decision.step === 'tag' ? record.snapshot.id : decision.entry.id)}: ${row.comment}.`;
  if (decision.kind === 'move') return `${what} is ${record.phase}: ${row.comment}.`;
  return `${what} stays ${record.phase}: ${row.comment}.`;
};

/** How one stands, for a list. */
export const openSentence = (record: Verification, nowMs: number): string =>
  `The verification of ${named(record)} has been ${record.phase} for ${formatAge(nowMs - record.phaseSinceMs)}, as ${record.throwAways.map(({ id }) => id).join(' and ')}${record.detail ? `; last: ${record.detail}` : ''}.`;

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
