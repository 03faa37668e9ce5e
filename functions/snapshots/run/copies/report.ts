import { type CopyCounts, isFailure, isStuck } from '../../core/copies/outcome.ts';
import {
  copyActSentence,
  copyRemovalSentence,
  copySentence,
  copyWarningSentence,
} from '../../core/copies/sentences.ts';
import type { Result } from '../../core/outcome.ts';
import { forecastSentence } from '../../core/sentences.ts';
import type { Notice } from '../ports.ts';
import type { CopyRun } from './copies.ts';

// docs: sns Publish — a message holds 256 KiB, a subject up to 100 ASCII characters.
const MOST_LINES = 500;
const MOST_CHARACTERS = 200_000;

/** What a run of copies answers to whoever invoked it, and writes to its log. */
export interface CopyReport {
  result: Result;
  sentence: string;
  dryRun: boolean;
  expiry: string;
  counts: CopyCounts;
  lines: string[];
  /** Lines that did not fit. */
  more: number;
}

/** Everything that a run of copies has to say, one sentence for each database, the worst first. */
export const copyLinesOf = ({ plan, acts }: Pick<CopyRun, 'plan' | 'acts'>): string[] => {
  const bad = acts.filter(isFailure);
  const asked = new Set(acts.flatMap((act) => ('copy' in act ? [act.copy.database] : [])));
  const rest = plan.databases.filter(({ database, problems }) => problems.length > 0 || !asked.has(database));
  const rank = ({ because, problems }: (typeof rest)[number]): number =>
    problems.length > 0 || isStuck(because) || because === 'quota' || because === 'unseen' ? 0 : 1;
  const removals = acts.length > 0 ? [] : plan.removals;
  return [
    ...plan.warnings.map(copyWarningSentence),
    ...bad.map(copyActSentence),
    ...rest.filter((one) => rank(one) === 0).map(copySentence),
    ...plan.forecasts.filter(({ fits }) => !fits).map((one) => `In the recovery region: ${forecastSentence(one)}`),
    ...acts.filter((act) => !isFailure(act)).map(copyActSentence),
    ...rest.filter((one) => rank(one) === 1).map(copySentence),
    ...removals.map(copyRemovalSentence),
    ...plan.forecasts.filter(({ fits }) => fits).map((one) => `In the recovery region: ${forecastSentence(one)}`),
  ];
};

/** A run of copies as an answer: counters whole, lines capped. */
export const copyReportOf = (run: CopyRun, dryRun: boolean): CopyReport => {
  const lines = copyLinesOf(run);
  if (run.noticeFailed !== undefined) lines.unshift(`The notice could not be sent: ${run.noticeFailed}.`);
  return {
    result: run.outcome.result,
    sentence: run.sentence,
    dryRun,
    expiry: run.plan.expiry,
    counts: run.outcome.counts,
    lines: lines.slice(0, MOST_LINES),
    more: Math.max(0, lines.length - MOST_LINES),
  };
};

/** True when people should hear of a run: a step went wrong, or it is the hour's own report. */
export const isWorthANotice = ({ acts }: Pick<CopyRun, 'acts'>, tellAgain: boolean): boolean =>
  tellAgain || acts.some(isFailure);

/** A run of copies as a notice for people. */
export const copyNoticeOf = (run: Omit<CopyRun, 'noticeFailed'>, stack: string): Notice => {
  const { result, counts } = run.outcome;
  const text: string[] = [run.sentence, ''];
  const lines = copyLinesOf(run);
  let room = MOST_CHARACTERS;
  for (const line of lines.slice(0, MOST_LINES)) {
    room -= line.length + 1;
    if (room < 0) break;
    text.push(line);
  }
  const told = text.length - 2;
  if (told < lines.length) text.push(`… and ${lines.length - told} more: see the function's log.`);
  return {
    result,
    subject:
      `${stack} copies ${result}: ${counts.started} started, ${counts.failed} failed, ${counts.deleted} deleted`.slice(
        0,
        100,
      ),
    text: text.join('\n'),
  };
};
