import type { Digest } from './digest.ts';
import { type ObjectsQuery, QueryError } from './query.ts';

const SHAPE = /^([A-Za-z0-9+/=]+)\.([0-9a-f]{16})$/;
const POSITION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(#[0-9a-f]{0,16})?$|^\d{16}#[0-9a-f]{16}$/;

/** Where a page ended, bound to its query: it opens no other. */
export const writeCursor = (query: ObjectsQuery, position: string, digest: Digest): string =>
  `${btoa(position)}.${seal(query, position, digest)}`;

/** The position in a cursor. Throws QueryError when it was altered, or belongs to another query. */
export const readCursor = (query: ObjectsQuery, cursor: string, digest: Digest): string => {
  const [, encoded = '', seen] = SHAPE.exec(cursor) ?? [];
  const position = decode(encoded);
  if (position === undefined || !POSITION.test(position)) {
    throw new QueryError([`cursor ${JSON.stringify(cursor.slice(0, 60))} is not one of ours`]);
  }
  if (seal(query, position, digest) !== seen) {
    throw new QueryError(['this cursor belongs to another query, or was altered: start again without it']);
  }
  return position;
};

// The page's size is free to change; what is listed, and in which order, is not.
const seal = ({ limit: _, ...query }: ObjectsQuery, position: string, digest: Digest): string => {
  const fields = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(JSON.stringify([fields, position])).slice(0, 16);
};

const decode = (encoded: string): string | undefined => {
  try {
    return atob(encoded);
  } catch {
    return undefined;
  }
};
