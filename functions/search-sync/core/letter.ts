import type { Item } from './attribute-value.ts';

/** What a dead letter says: whose keys it is about, what of a log it holds, or why nobody can tell. */
export type Letter =
  | { kind: 'keys'; table: string; keys: Item[] }
  /** One document of a log that OpenSearch refused; its secrets are masked. */
  | { kind: 'log-entry'; logGroup: string; id: string; timestampMs: number; document: string }
  /** A delivery of a log group as it came: base64 of gzip. */
  | { kind: 'log-delivery'; data: string }
  | { kind: 'unreadable'; reason: string };

/**
 * Reads a letter of ours; or the record that Lambda leaves of a batch that it gave up (docs: services-dynamodb-errors: S3
 * gets the records themselves, as text in `payload`), or of an event (docs: invocation-async-retain-records: `requestPayload`).
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
  const log = readLog(body);
  if (log !== undefined) return log;
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

interface LogLetter {
  requestPayload?: { awslogs?: { data?: unknown } } | null;
  source?: unknown;
  record?: { data?: unknown; logGroup?: unknown; id?: unknown; timestampMs?: unknown; document?: unknown } | null;
}

/** Undefined: it is not about a log. */
const readLog = ({ requestPayload, source, record }: LogLetter): Letter | undefined => {
  const data = requestPayload?.awslogs?.data ?? (source === 'logs' ? record?.data : undefined);
  if (typeof data === 'string') return { kind: 'log-delivery', data };
  const { logGroup, id, timestampMs, document } = record ?? {};
  if (typeof logGroup !== 'string' || typeof document !== 'string') return undefined;
  if (typeof id !== 'string' || typeof timestampMs !== 'number')
    return unreadable('it lacks the id or time of its event');
  return { kind: 'log-entry', logGroup, id, timestampMs, document };
};

const unreadable = (reason: string): Letter => ({ kind: 'unreadable', reason });
