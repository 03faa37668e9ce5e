import { formatAge } from '../../core/calendar.ts';
import { endSentence, straySentence } from '../../core/verification/sentences.ts';
import type { SeenDatabase } from '../../core/verification/throw-away.ts';
import type { Verification } from '../../core/verification/verification.ts';
import type { Notice } from '../ports.ts';

// docs: sns Publish — a subject is up to 100 ASCII characters.
const MOST_SUBJECT = 100;
const subjectOf = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, MOST_SUBJECT);

/** What a tick did, for the log, the metrics and whoever invoked it. */
export interface TickReport {
  result: 'OK' | 'PARTIAL' | 'FAILED';
  sentence: string;
  lines: string[];
  counts: {
    started: number;
    ended: number;
    failed: number;
    inconclusive: number;
    open: number;
    strays: number;
    /** Ends at which something was left standing for people. */
    left: number;
    /** Open ones whose removal has not been possible for an hour. */
    stuck: number;
  };
  /** Where this tick looked: how long ago the stalest selected database was proven to restore; undefined while one never was. */
  worstAgeMs?: number | undefined;
  neverProven?: number | undefined;
}

/** Sums up a tick. FAILED: a snapshot did not restore. PARTIAL: something needs a person. */
export const tickReport = (
  counts: TickReport['counts'],
  lines: string[],
  trouble: boolean,
  ages: Pick<TickReport, 'worstAgeMs' | 'neverProven'>,
): TickReport => {
  const result =
    counts.failed > 0
      ? 'FAILED'
      : trouble || counts.inconclusive + counts.strays + counts.left + counts.stuck > 0
        ? 'PARTIAL'
        : 'OK';
  const parts = [
    `${counts.started} begun`,
    `${counts.open} under way`,
    `${counts.ended} ended`,
    ...(counts.failed > 0 ? [`${counts.failed} FAILED`] : []),
    ...(counts.inconclusive > 0 ? [`${counts.inconclusive} without a result`] : []),
    ...(counts.strays > 0 ? [`${counts.strays} strays`] : []),
    ...(counts.stuck > 0 ? [`${counts.stuck} that cannot be removed`] : []),
    ...(ages.worstAgeMs === undefined ? [] : [`the stalest proof is ${formatAge(ages.worstAgeMs)} old`]),
    ...(ages.neverProven ? [`${ages.neverProven} never proven to restore`] : []),
  ];
  return { result, sentence: `${result}: verifications: ${parts.join(', ')}.`, lines, counts, ...ages };
};

/** The notice at the end of a verification: only where a person has something to do. */
export const endNotice = (stack: string, record: Verification, nowMs: number): Notice | undefined => {
  if (record.result === 'ok' && record.left === undefined) return undefined;
  const result = record.result === 'failed' ? 'FAILED' : 'PARTIAL';
  return {
    result,
    subject: subjectOf(`${stack} verification ${result}: ${record.source.id} (${record.reason ?? 'left standing'})`),
    text: endSentence(record, nowMs),
  };
};

/** The notice about databases with our tag that nobody knows. */
export const strayNotice = (stack: string, strays: readonly SeenDatabase[]): Notice => ({
  result: 'PARTIAL',
  subject: subjectOf(`${stack} verification: ${strays.length} stray throw-away database(s)`),
  text: strays.map(straySentence).join('\n'),
});
