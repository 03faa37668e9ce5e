import type { Item } from './attribute-value.ts';

/** What a dead letter says: whose keys it is about, or why nobody can tell. */
export type Letter = { kind: 'keys'; table: string; keys: Item[] } | { kind: 'unreadable'; reason: string };

/**
 * Reads a letter of ours, or the record that Lambda leaves of a batch that it gave up (docs: services-dynamodb-errors: S3
 * gets the records themselves, as text in `payload`).
 */
export const readLetter = (text: string): Letter => {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return unreadable('it is not JSON');
  }
  if (typeof body !== 'object' || body === null) return unreadable('it is not an object');
  if (body.DDBStreamBatchInfo !== undefined) return readBatch(body);
  const { source, keys } = body;
  if (typeof source !== 'string') return unreadable('it does not say where it came from');
  if (typeof keys !== 'object' || keys === null)
    return unreadable('the record in it could not be read, and names no key');
  return { kind: 'keys', table: source, keys: [keys as Item] };
};

const readBatch = (body: Record<string, unknown>): Letter => {
  const { streamArn } = body.DDBStreamBatchInfo as { streamArn?: unknown };
  const table = /:table\/([^/]+)\/stream\//.exec(String(streamArn))?.[1];
  if (table === undefined) return unreadable('its stream is of no table');
  try {
    const { Records } = JSON.parse(String(body.payload)) as { Records: { dynamodb: { Keys: Item } }[] };
    const keys = Records.map(({ dynamodb }) => dynamodb.Keys);
    if (keys.length > 0 && keys.every((one) => typeof one === 'object' && one !== null)) {
      return { kind: 'keys', table, keys };
    }
  } catch {
    // Said below.
  }
  return unreadable('the batch in it holds no records');
};

const unreadable = (reason: string): Letter => ({ kind: 'unreadable', reason });
