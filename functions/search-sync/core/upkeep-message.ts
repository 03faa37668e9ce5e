/** A message that makes a backfill go on: which table, which of its indexes, which part. */
export interface FillMessage {
  table: string;
  index: string;
  segment: number;
}

/** A message that makes a comparison go on. */
export interface CompareMessage {
  kind: 'compare';
  table: string;
  index: string;
}

export type UpkeepMessage = FillMessage | CompareMessage;

/** What the function is asked for: to begin the comparisons that the schedule wants, or to go on with something. */
export type UpkeepWork<T> =
  | { kind: 'begin-comparisons' }
  | { kind: 'fill'; table: T; index: string; segment: number }
  | { kind: 'compare'; table: T; index: string };

/** Thrown for a message that nobody here sent: it goes to the dead letters of its queue. */
export class UpkeepMessageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UpkeepMessageError';
  }
}

/** Reads what invoked us: the schedule's event, or messages of our own queue. */
export const readUpkeep = <T extends { name: string; index: string }>(
  event: unknown,
  tables: readonly T[],
): UpkeepWork<T>[] => {
  const { kind, Records: records } = (event ?? {}) as { kind?: unknown; Records?: unknown };
  if (kind === 'compare') return [{ kind: 'begin-comparisons' }];
  if (!Array.isArray(records))
    throw new UpkeepMessageError('expected { kind: "compare" } or messages of our own queue');
  return records.map(({ body }: { body: string }) => readMessage(body, tables));
};

/** The index must be one of the table's: its name begins with the alias, and it is for writes. */
const readMessage = <T extends { name: string; index: string }>(body: string, tables: readonly T[]): UpkeepWork<T> => {
  let read: { kind?: unknown; table?: unknown; index?: unknown; segment?: unknown };
  try {
    read = JSON.parse(body) as typeof read;
  } catch {
    throw new UpkeepMessageError('the message is not JSON');
  }
  const table = tables.find(({ name }) => name === read?.table);
  if (table === undefined) throw new UpkeepMessageError(`the table ${String(read?.table)} is not in search.tables`);
  const { kind, index, segment } = read;
  if (typeof index !== 'string' || /^(.+)-v\d+\.write$/.exec(index)?.[1] !== table.index) {
    throw new UpkeepMessageError(`${String(index)} is not an index of ${table.name}`);
  }
  if (kind === 'compare') return { kind, table, index };
  if (!Number.isInteger(segment) || Number(segment) < 0)
    throw new UpkeepMessageError(`the part ${String(segment)} is none`);
  return { kind: 'fill', table, index, segment: segment as number };
};
