/**
 * How far a log has come, in the words of its engine: PostgreSQL's LSN (`16/B374D848`), MariaDB's GTIDs, one for each domain
 * (`0-1-270,1-7-12`), MySQL's set of GTIDs (`3e11fa47-…:1-5:11-18,…`), or an Aurora volume's LSN with the heartbeat that was seen
 * on it (`93763985102@1790000000000`). Everybody else compares positions by what is here.
 */
type Position =
  | { kind: 'lsn'; bytes: number }
  /** Domain → the last transaction in it. The sequence of a domain only grows. */
  | { kind: 'domains'; last: ReadonlyMap<string, { server: string; sequence: bigint }> }
  /** Source (with its tag, if any) → intervals in order, apart from each other. */
  | { kind: 'intervals'; of: ReadonlyMap<string, readonly Interval[]> }
  /** Aurora tells the LSN of a volume some time later; the heartbeat's row is in the log itself. Both must have come. */
  | { kind: 'volume'; lsn: bigint; beatMs: bigint };

/** Both ends belong to it. */
type Interval = readonly [first: bigint, last: bigint];

/**
 * Whether everything up to `need` is in what `have` reaches; undefined where one of them is no position, or they are of two
 * engines. Two transactions under one number of a domain are two histories: neither has the other.
 */
export const hasAll = (have: string | undefined, need: string | undefined): boolean | undefined => {
  const [mine, its] = [positionOf(have), positionOf(need)];
  if (mine?.kind === 'lsn' && its?.kind === 'lsn') return mine.bytes >= its.bytes;
  if (mine?.kind === 'domains' && its?.kind === 'domains') {
    return [...its.last].every(([domain, { server, sequence }]) => {
      const last = mine.last.get(domain);
      return last !== undefined && (last.sequence > sequence || (last.sequence === sequence && last.server === server));
    });
  }
  if (mine?.kind === 'intervals' && its?.kind === 'intervals') {
    return [...its.of].every(([source, wanted]) =>
      wanted.every(([first, last]) => mine.of.get(source)?.some(([from, to]) => from <= first && last <= to)),
    );
  }
  if (mine?.kind === 'volume' && its?.kind === 'volume') return mine.lsn >= its.lsn && mine.beatMs >= its.beatMs;
  return undefined;
};

/** How far an Aurora volume is: its LSN, in digits, and the heartbeat on it; undefined where one of them is not known. */
export const volumePosition = (lsn: string | undefined, beatMs: number | undefined): string | undefined => {
  const position = `${lsn}@${beatMs}`;
  return VOLUME.test(position) ? position : undefined;
};

const VOLUME = /^(\d{1,20})@(\d{1,15})$/;

/** A PostgreSQL position as a number of bytes; undefined for any other text. */
export const lsnBytes = (lsn: string | undefined): number | undefined => {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn ?? '') ?? [];
  if (high === undefined || low === undefined) return undefined;
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
};

/** Two sets of MySQL's GTIDs as one, in the order and the words of the server. Throws on anything else. */
export const unionOf = (one: string, other: string): string => {
  const sets = [one, other].map((text) => (text.trim() === '' ? new Map() : intervalsOf(text)));
  const [mine, its] = sets;
  if (mine === undefined || its === undefined) throw new Error(`no set of GTIDs: ${one} or ${other}`);
  const all = new Map<string, readonly Interval[]>(mine);
  for (const [source, intervals] of its) all.set(source, merged([...(all.get(source) ?? []), ...intervals]));
  return [...all]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, intervals]) => [source, ...intervals.map(intervalText)].join(':'))
    .join(',');
};

/**
 * Of the GTIDs in a log those that this server gave itself, in the log's own words; undefined where there are none. A server is a
 * UUID to MySQL, a number to MariaDB, whose state of a log has one GTID for each domain and server.
 */
export const ownIn = (log: string, server: string): string | undefined => {
  const isOwn = (gtid: string) =>
    /^\d+-(\d+)-\d+$/.exec(gtid)?.[1] === server || gtid.toLowerCase().startsWith(`${server.toLowerCase()}:`);
  const own = log
    .split(',')
    .map((one) => one.trim())
    .filter(isOwn);
  return own.length === 0 ? undefined : own.join(',');
};

/** How many domains a MariaDB position has; 0 for any other text. */
export const domainsIn = (position: string | undefined): number => domainsOf(position ?? '')?.size ?? 0;

// An empty text is what a server without a binary log says: a position that everybody has would be the worst of answers.
const positionOf = (text: string | undefined): Position | undefined => {
  const bytes = lsnBytes(text);
  if (bytes !== undefined) return { kind: 'lsn', bytes };
  const last = domainsOf(text ?? '');
  if (last !== undefined) return { kind: 'domains', last };
  const [, volumeLsn, beatMs] = VOLUME.exec(text ?? '') ?? [];
  if (volumeLsn !== undefined && beatMs !== undefined)
    return { kind: 'volume', lsn: BigInt(volumeLsn), beatMs: BigInt(beatMs) };
  const of = intervalsOf(text ?? '');
  return of && { kind: 'intervals', of };
};

// docs (MariaDB): gtid — domain id, server id, sequence number; a position has one for each domain.
const domainsOf = (text: string): Map<string, { server: string; sequence: bigint }> | undefined => {
  const found = new Map<string, { server: string; sequence: bigint }>();
  for (const one of text.split(',')) {
    const [, domain, server, sequence] = /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(one) ?? [];
    if (domain === undefined || server === undefined || sequence === undefined || found.has(domain)) return undefined;
    found.set(domain, { server, sequence: BigInt(sequence) });
  }
  return found;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// docs (MySQL): replication-gtids-concepts — sources, each with intervals, and since 8.3 with tags before theirs.
const intervalsOf = (text: string): Map<string, readonly Interval[]> | undefined => {
  const found = new Map<string, Interval[]>();
  for (const one of text.split(',')) {
    const [uuid = '', ...parts] = one.trim().toLowerCase().split(':');
    if (!UUID.test(uuid) || parts.length === 0) return undefined;
    let source = uuid;
    for (const part of parts) {
      if (/^[a-z_][a-z0-9_]{0,31}$/.test(part)) {
        source = `${uuid}:${part}`;
        continue;
      }
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      if (first === undefined || last === undefined || BigInt(last) < BigInt(first)) return undefined;
      found.set(source, [...(found.get(source) ?? []), [BigInt(first), BigInt(last)]]);
    }
  }
  return found.size === 0 ? undefined : new Map([...found].map(([source, list]) => [source, merged(list)]));
};

/** In order; what touches is one. */
const merged = (intervals: readonly Interval[]): Interval[] => {
  const result: [bigint, bigint][] = [];
  for (const [first, last] of [...intervals].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const before = result.at(-1);
    if (before === undefined || first > before[1] + 1n) result.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  return result;
};

const intervalText = ([first, last]: Interval): string => (first === last ? `${first}` : `${first}-${last}`);
