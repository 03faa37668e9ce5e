import { type BatchResponse, batchFailures } from '../../../shared/lambda/batch.ts';
import { formatInstant } from '../core/calendar.ts';
import type { Counts, Result } from '../core/outcome.ts';
import type { Plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import { goneSentence, handedOnSentence } from '../core/remaining-sentences.ts';
import type { SkipReason } from '../core/selection.ts';
import {
  actSentence,
  adviceSentence,
  databaseSentence,
  forecastSentence,
  snapshotSentence,
} from '../core/sentences.ts';
import { warningSentence } from '../core/warning-sentences.ts';
import type { Notice } from './ports.ts';
import type { Run } from './run.ts';
import type { Served } from './serve.ts';
import type { Asked } from './trigger.ts';

/** How many lines a report carries; what went wrong comes first, and the counters are always whole. */
const MOST_LINES = 500;
// docs: sns Publish — a message holds 256 KiB, a subject up to 100 ASCII characters.
const MOST_CHARACTERS = 200_000;

/** What a run answers to whoever invoked it, and writes to its log. */
export interface Report {
  result: Result;
  sentence: string;
  slot: string;
  dryRun: boolean;
  expiry: Plan['expiry'];
  counts: Counts;
  /** How often RDS said "slower". */
  throttles: number;
  lines: string[];
  /** Lines that did not fit. */
  more: number;
}

/** Somebody's tag asks for a snapshot, and there is none to be had: never passed over in silence. */
const UNABLE = new Set<string>(['engine-denied', 'unsupported-replica', 'replica-not-included'] satisfies SkipReason[]);

/** Everything that a run has to say, the worst first. */
export const linesOf = ({ plan, acts, gone, next, throttles }: Omit<Run, 'sentence' | 'noticeFailed'>): string[] => {
  const handedOn = handedOnSentence(next);
  const failed = acts.filter(({ kind }) => kind === 'not-created' || kind === 'not-deleted');
  const bad = failed.filter((act) => !('because' in act) || act.because !== 'not-armed');
  const planned = failed.filter((act) => 'because' in act && act.because === 'not-armed');
  const troubled = plan.databases.filter(({ problems }) => problems.length > 0);
  const skipped = plan.databases.filter((one) => one.selected && one.kind === 'skip' && one.problems.length === 0);
  const unable = plan.databases.filter(({ because }) => UNABLE.has(because));
  const done = acts.filter(({ kind }) => kind === 'created' || kind === 'deleted');
  const intended =
    acts.length > 0 ? [] : plan.databases.filter(({ kind, problems }) => kind === 'create' && problems.length === 0);
  const removals = acts.length > 0 ? [] : plan.snapshots.filter(({ kind }) => kind === 'remove');
  return [
    ...plan.warnings.map(warningSentence),
    ...(handedOn === undefined ? [] : [handedOn]),
    ...bad.map(actSentence),
    ...gone.map(goneSentence),
    ...troubled.map(databaseSentence),
    ...plan.forecasts.filter(({ fits }) => !fits).map(forecastSentence),
    ...skipped.map(databaseSentence),
    ...unable.map(databaseSentence),
    ...intended.map(databaseSentence),
    ...done.map(actSentence),
    ...planned.map(actSentence),
    ...removals.map(snapshotSentence),
    ...plan.forecasts.filter(({ fits }) => fits).map(forecastSentence),
    ...plan.advice.map(adviceSentence),
    ...(throttles > 0 ? [`RDS asked ${throttles === 1 ? 'once' : `${throttles} times`} to go slower.`] : []),
  ];
};

/** A run as an answer: counters whole, lines capped. */
export const reportOf = (run: Run, dryRun: boolean): Report => {
  const lines = linesOf(run);
  if (run.noticeFailed !== undefined) lines.unshift(`The notice could not be sent: ${run.noticeFailed}.`);
  return {
    result: run.outcome.result,
    sentence: run.sentence,
    slot: formatInstant(run.plan.slotMs),
    dryRun,
    expiry: run.plan.expiry,
    counts: run.outcome.counts,
    throttles: run.throttles,
    lines: lines.slice(0, MOST_LINES),
    more: Math.max(0, lines.length - MOST_LINES),
  };
};

/** The reports of what was done, and what the caller is told: the report of a run, or which messages must come again. */
export const answerOf = (
  asked: Asked,
  { runs, again }: Served,
): { reports: Report[]; toCaller: Report | BatchResponse } => {
  const reports = runs.map(({ run, as }) => reportOf(run, as === 'dry-run'));
  const [first] = reports;
  return { reports, toCaller: asked.kind === 'run' && first !== undefined ? first : batchFailures(again) };
};

/** A run as a notice for people. */
export const noticeOf = (run: Run, { stack }: Settings): Notice => {
  const { result, counts } = run.outcome;
  const text: string[] = [run.sentence, ''];
  let room = MOST_CHARACTERS;
  const lines = linesOf(run);
  for (const [index, line] of lines.slice(0, MOST_LINES).entries()) {
    room -= line.length + 1;
    if (room < 0) {
      text.push(`… and ${lines.length - index} more: see the function's log.`);
      break;
    }
    text.push(line);
  }
  if (lines.length > MOST_LINES) text.push(`… and ${lines.length - MOST_LINES} more: see the function's log.`);
  return {
    result,
    subject:
      `${stack} snapshots ${result}: ${counts.created} taken, ${counts.failed} failed, ${counts.deleted} deleted`.slice(
        0,
        100,
      ),
    text: text.join('\n'),
  };
};
