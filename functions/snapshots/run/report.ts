import type { Counts, Result } from '../core/outcome.ts';
import type { Settings } from '../core/policy.ts';
import {
  actSentence,
  databaseSentence,
  forecastSentence,
  snapshotSentence,
  warningSentence,
} from '../core/sentences.ts';
import type { Notice } from './ports.ts';
import type { Run } from './run.ts';

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
  expiry: 'plan' | 'armed';
  counts: Counts;
  lines: string[];
  /** Lines that did not fit. */
  more: number;
}

/** Everything that a run has to say, the worst first. */
export const linesOf = ({ plan, acts }: Pick<Run, 'plan' | 'acts'>): string[] => {
  const failed = acts.filter(({ kind }) => kind === 'not-created' || kind === 'not-deleted');
  const bad = failed.filter((act) => !('because' in act) || act.because !== 'not-armed');
  const planned = failed.filter((act) => 'because' in act && act.because === 'not-armed');
  const troubled = plan.databases.filter(({ problems }) => problems.length > 0);
  const skipped = plan.databases.filter((one) => one.selected && one.kind === 'skip' && one.problems.length === 0);
  const done = acts.filter(({ kind }) => kind === 'created' || kind === 'deleted');
  const intended =
    acts.length > 0 ? [] : plan.databases.filter(({ kind, problems }) => kind === 'create' && problems.length === 0);
  const removals = acts.length > 0 ? [] : plan.snapshots.filter(({ kind }) => kind === 'remove');
  return [
    ...plan.warnings.map(warningSentence),
    ...bad.map(actSentence),
    ...troubled.map(databaseSentence),
    ...plan.forecasts.filter(({ fits }) => !fits).map(forecastSentence),
    ...skipped.map(databaseSentence),
    ...intended.map(databaseSentence),
    ...done.map(actSentence),
    ...planned.map(actSentence),
    ...removals.map(snapshotSentence),
    ...plan.forecasts.filter(({ fits }) => fits).map(forecastSentence),
  ];
};

/** A run as an answer: counters whole, lines capped. */
export const reportOf = (run: Run, slot: string, dryRun: boolean): Report => {
  const lines = linesOf(run);
  if (run.noticeFailed !== undefined) lines.unshift(`The notice could not be sent: ${run.noticeFailed}.`);
  return {
    result: run.outcome.result,
    sentence: run.sentence,
    slot,
    dryRun,
    expiry: run.plan.expiry,
    counts: run.outcome.counts,
    lines: lines.slice(0, MOST_LINES),
    more: Math.max(0, lines.length - MOST_LINES),
  };
};

/** A run as a notice for people. */
export const noticeOf = (run: Omit<Run, 'noticeFailed'>, { stack }: Settings): Notice => {
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
