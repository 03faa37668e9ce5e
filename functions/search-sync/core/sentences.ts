/** What one batch of a stream came to. Counts are of records or of keys, as named. */
export interface SyncReport {
  table: string;
  index: string;
  records: number;
  keys: number;
  written: number;
  /** Refused by version and proven older than what is stored. */
  stale: number;
  repaired: number;
  /** Refused by OpenSearch: a stub stands in the index, the record is a dead letter. */
  stubbed: number;
  malformed: number;
  undone: number;
  /** The number that Lambda goes on from; undefined when all is done. */
  checkpoint: string | undefined;
  incident: string | undefined;
}

/** One sentence about a batch: log line, metric's explanation, what an operator reads at 3 a.m. */
export const syncSentence = (report: SyncReport): string => {
  const { table, index, records, keys } = report;
  const did = counted([
    [report.written, 'written'],
    [report.stale, 'already newer'],
    [report.repaired, 'repaired from the table'],
    [report.stubbed, 'refused: a stub and a dead letter each'],
    [report.malformed, 'unreadable: dead letters'],
    [report.undone, 'not done'],
  ]);
  const head = `${table} → ${index}: ${records} ${plural(records, 'record')} of ${keys} ${plural(keys, 'key')}: ${did}`;
  if (report.incident !== undefined) {
    return `${head}. STOPPED, nothing is lost: ${report.incident}. The shard waits ${at(report.checkpoint)}`;
  }
  return report.undone === 0 ? head : `${head}. Lambda delivers again ${at(report.checkpoint)}`;
};

/** The same about a batch that went into two indexes. */
export const generationsSentence = (
  report: SyncReport & { shadow?: SyncReport | undefined; abandoned?: string | undefined },
): string => {
  const parts = [syncSentence(report)];
  if (report.shadow !== undefined) parts.push(`Beside it, not searched: ${syncSentence(report.shadow)}`);
  if (report.abandoned !== undefined) {
    parts.push(
      `The index that was being built beside it is let go of, for it could not be written: ${report.abandoned}. ` +
        'Begin it anew: mainstay search backfill --new',
    );
  }
  return parts.join('. ');
};

const at = (sequence: string | undefined): string => (sequence ? `from ${sequence}` : 'the whole batch');
const plural = (count: number, word: string): string => (count === 1 ? word : `${word}s`);
const counted = (parts: readonly (readonly [number, string])[]): string => {
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return said.length === 0 ? 'nothing to do' : said.join(', ');
};

/** What one delivery of log events came to. */
export interface LogsReport {
  logGroup: string;
  events: number;
  written: number;
  duplicates: number;
  refused: number;
}

/** One sentence about a delivery of log events. */
export const logsSentence = (report: LogsReport): string =>
  `${report.logGroup}: ${report.events} ${plural(report.events, 'event')}: ${counted([
    [report.written, 'indexed'],
    [report.duplicates, 'there already'],
    [report.refused, 'refused: dead letters'],
  ])}`;

/** One sentence about a search. */
export const searchSentence = (report: { query: string; total: number; shown: number; ghosts: number }): string =>
  `"${report.query}": ${report.total} ${plural(report.total, 'hit')}, ${report.shown} read back from the table` +
  (report.ghosts === 0 ? '' : `; ${report.ghosts} no longer there: dropped, and their index entries repaired`);
