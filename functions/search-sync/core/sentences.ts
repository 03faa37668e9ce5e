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

/** One sentence about a part of a backfill, at the end of an invocation. */
export const fillSentence = (
  fill: { index: string; segment: number; segments: number; items: number; written: number; stubbed: number },
  end: 'done' | 'continue',
): string =>
  `${fill.index}: part ${fill.segment + 1} of ${fill.segments}: ${fill.items} ${plural(fill.items, 'item')} read, ` +
  `${counted([
    [fill.written, 'written'],
    [fill.stubbed, 'of them stubs'],
  ])}; ${end === 'done' ? 'read to its end' : 'goes on by a message'}`;

/** One sentence about a comparison of a table with its index. */
export const driftSentence = (report: {
  table: string;
  index: string;
  items: number;
  documents: number;
  buckets: number;
  missing: number;
  stale: number;
  ghosts: number;
  repaired: number;
  failed: string | undefined;
  readUnits: number;
}): string => {
  const { table, index, missing, stale, ghosts } = report;
  const drift = counted([
    [missing, 'missing'],
    [stale, 'stale'],
    [ghosts, ghosts === 1 ? 'ghost' : 'ghosts'],
    [report.repaired, 'repaired'],
  ]);
  const verdict = missing + stale + ghosts === 0 ? 'equal' : drift;
  const failed = report.failed === undefined ? '' : `. NOT ALL REPAIRED: ${report.failed}`;
  return (
    `${table} and ${index}: ${report.items} ${plural(report.items, 'item')}, ${report.documents} ` +
    `${plural(report.documents, 'document')}: ${verdict}; reading the table cost ${report.readUnits} read units${failed}`
  );
};

/** One sentence about the start of a comparison by the schedule. */
export const comparisonBegunSentence = ({ kind, index }: { kind: 'begun' | 'under-way'; index: string }): string =>
  kind === 'begun'
    ? `${index}: its comparison with the table begins`
    : `${index}: the comparison before has not come to its end, and goes on`;

/** One sentence about a part of a comparison, and at its end about all of it. */
export const comparisonSentence = (
  { index, phase, report }: { index: string; phase: string; report: Parameters<typeof driftSentence>[0] },
  end: 'done' | 'continue',
): string =>
  end === 'done'
    ? driftSentence(report)
    : `${index}: comparison under way: ${report.items} ${plural(report.items, 'item')} read` +
      `${phase === 'sums' ? '' : `, ${report.buckets} of 4096 buckets differ and are looked into`}; goes on by a message`;

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

const CUT_OVER_REFUSED = {
  'no-shadow': 'there is no second index: mainstay search backfill --new builds one',
  'not-filled': 'the second index is not filled to its end: mainstay search status says how far it is',
  moved: 'the indexes changed while they were compared: look again',
  drift: 'the second index does not equal the table',
} as const;

/** One sentence about a cut-over. */
export const cutOverSentence = (
  end:
    | { kind: 'refused'; alias: string; reason: keyof typeof CUT_OVER_REFUSED }
    | { kind: 'ready' | 'done'; alias: string; written: { serving: string; shadow?: string | undefined } },
): string => {
  if (end.kind === 'refused') return `${end.alias}: refused, and nothing was changed: ${CUT_OVER_REFUSED[end.reason]}`;
  const { serving, shadow } = end.written;
  return end.kind === 'ready'
    ? `${end.alias}: searches would go from ${serving} to ${shadow}, which equals the table. Nothing was done: add --yes`
    : `${end.alias}: searches go to ${shadow}. ${serving} goes on taking every write: the same command again is the way back, --finish the end`;
};

/** One sentence about a replay of dead letters. */
export const replaySentence = (ends: readonly { kind: string }[]): string => {
  const of = (kind: string) => ends.filter((one) => one.kind === kind).length;
  return `${ends.length} dead ${plural(ends.length, 'letter')}: ${counted([
    [of('settled'), 'settled and removed'],
    [of('still-refused'), 'refused as before'],
    [of('failed'), 'failed'],
    [of('unreadable'), 'name nothing of ours'],
  ])}`;
};
