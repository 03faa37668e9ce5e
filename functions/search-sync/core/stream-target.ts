import { streamLabel } from './change.ts';

/** Thrown for a stream that the config does not name: its records belong to no index of ours. */
export class UnknownStreamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnknownStreamError';
  }
}

/**
 * The table that a batch's stream belongs to, and the stream's label. By the table in the ARN: the label is new when a
 * stream is switched off and on, and its records are the same table's.
 */
export const streamTarget = <T extends { name: string }>(
  tables: readonly T[],
  streamArn: string | undefined,
): { table: T; stream: string } => {
  const name = /:table\/([^/]+)\/stream\//.exec(streamArn ?? '')?.[1];
  const table = tables.find((one) => one.name === name);
  if (table === undefined) {
    const known = tables.map((one) => one.name).join(', ');
    throw new UnknownStreamError(`the stream ${streamArn} is of none of the tables in search.tables (${known})`);
  }
  return { table, stream: streamLabel(streamArn ?? '') };
};
