import { judgeDays, type LogIndex, retentionSentence } from '../core/retention.ts';

/** The day indexes of log groups. */
export interface LogDays {
  /** All whose names begin with the prefix and a hyphen. */
  list(prefix: string): Promise<LogIndex[]>;
  /** One that is gone already is no failure. */
  remove(index: string): Promise<void>;
}

export interface RetentionReport {
  deleted: string[];
  sentences: string[];
}

/** Deletes the days that every log group's config does not keep any more. */
export const deleteOldDays = async (
  days: LogDays,
  groups: readonly { indexPrefix: string; keepDays?: number | undefined }[],
  nowMs: number,
): Promise<RetentionReport> => {
  const report: RetentionReport = { deleted: [], sentences: [] };
  for (const { indexPrefix, keepDays } of groups) {
    const verdicts =
      keepDays === undefined ? [] : judgeDays(await days.list(indexPrefix), indexPrefix, keepDays, nowMs);
    for (const { kind, index } of verdicts) {
      if (kind !== 'delete') continue;
      await days.remove(index);
      report.deleted.push(index);
    }
    report.sentences.push(retentionSentence(indexPrefix, keepDays, verdicts));
  }
  return report;
};
