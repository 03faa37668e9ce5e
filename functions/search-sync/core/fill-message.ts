/** A message that makes a backfill go on: which table, which of its indexes, which part. */
export interface FillMessage {
  table: string;
  index: string;
  segment: number;
}

/** Thrown for a message that nobody here sent: it goes to the dead letters of its queue. */
export class FillMessageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FillMessageError';
  }
}

/** Reads a message's body. The index must be one of the table's: its name begins with the alias, and it is for writes. */
export const readFillMessage = <T extends { name: string; index: string }>(
  body: string,
  tables: readonly T[],
): { table: T; index: string; segment: number } => {
  let read: Partial<FillMessage>;
  try {
    read = JSON.parse(body) as Partial<FillMessage>;
  } catch {
    throw new FillMessageError('the message is not JSON');
  }
  const table = tables.find(({ name }) => name === read?.table);
  if (table === undefined) throw new FillMessageError(`the table ${String(read?.table)} is not in search.tables`);
  const { index, segment } = read;
  const generation = typeof index === 'string' ? /^(.+)-v\d+\.write$/.exec(index)?.[1] : undefined;
  if (generation !== table.index) {
    throw new FillMessageError(`${String(index)} is not an index of ${table.name}`);
  }
  if (!Number.isInteger(segment) || Number(segment) < 0)
    throw new FillMessageError(`the part ${String(segment)} is none`);
  return { table, index: index as string, segment: segment as number };
};
