import { gunzipSync } from 'node:zlib';
import type { Hash } from '../core/document-id.ts';
import { dayIndex, type LogDelivery, type LogEvent, logDocument, readDelivery } from '../core/log-events.ts';
import type { Operation } from '../core/operation.ts';
import { postgresDocument, postgresEntries } from '../core/postgres-log.ts';
import { prefixReader } from '../core/postgres-prefix.ts';
import { maskOf } from '../core/secrets.ts';
import type { LogsReport } from '../core/sentences.ts';
import { inFlight } from './in-flight.ts';
import type { DayIndexes, DeadLetters, Patience, SearchIndex } from './ports.ts';
import { type SendSettings, sendAll, sendSettings } from './send.ts';

export interface LogsPorts {
  index: SearchIndex;
  days: DayIndexes;
  deadLetters: DeadLetters;
  patience: Patience;
  hash: Hash;
}

/** What the config says of a log group. */
export interface LogGroup {
  logGroup: string;
  indexPrefix: string;
  format?: 'plain' | 'postgresql' | undefined;
  logLinePrefix?: string | undefined;
  mask?: readonly string[] | undefined;
}

/** Thrown when not all events could be indexed: Lambda delivers again, and what is there already does no harm. */
export class LogsNotIndexedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogsNotIndexedError';
  }
}

/** Brings one delivery of a log group into its day indexes. Undefined: a control message, which asks only if we are there. */
export const indexLogs = async (
  ports: LogsPorts,
  groups: readonly LogGroup[],
  data: string,
  settings: SendSettings = sendSettings,
): Promise<LogsReport | undefined> => {
  const delivery = unpack(data);
  if (delivery.kind === 'control') return undefined;
  if (delivery.kind === 'unreadable') {
    const letter = { name: `logs/${ports.hash(data)}`, source: 'logs', reason: delivery.reason, record: { data } };
    await ports.deadLetters.put(letter);
    return { logGroup: 'unknown log group', events: 0, written: 0, duplicates: 0, refused: 1 };
  }
  const { logGroup, logStream, events } = delivery;
  const group = groups.find((one) => one.logGroup === logGroup);
  if (group === undefined) throw new LogsNotIndexedError(`${logGroup} is not in the config's search.logs`);
  const prefix = group.indexPrefix;
  const writes = entriesOf(group, logStream, events).map((entry) => ({
    of: entry,
    operation: operationOf(prefix, entry),
  }));
  for (const day of new Set(writes.map(({ operation }) => operation.index))) await ports.days.ensure(day);
  const sent = await sendAll(ports.index, writes, ports.patience, settings);
  const of = (kind: string) => sent.filter(({ outcome }) => outcome.kind === kind);
  const refused = of('poison');
  await inFlight(refused, 8, ({ of: event, outcome }) =>
    ports.deadLetters.put({
      name: `logs/${prefix}/${event.id}`,
      source: logGroup,
      reason: 'reason' in outcome ? outcome.reason : 'refused',
      // The document, whose secrets are masked, and not the line.
      record: { logGroup, logStream, ...event },
    }),
  );
  const failed = [...of('incident'), ...of('retry')];
  const first = failed[0]?.outcome;
  if (first !== undefined && 'reason' in first) {
    ports.days.forget();
    throw new LogsNotIndexedError(
      `${failed.length} of ${writes.length} documents of ${events.length} events are not indexed: ${first.reason}`,
    );
  }
  // 409 on create: this event id is there already, a duplicate delivery.
  const duplicates = of('verify').length;
  return { logGroup, events: events.length, written: of('done').length, duplicates, refused: refused.length };
};

/** A document of a log, and where it belongs. */
export interface Entry {
  id: string;
  timestampMs: number;
  document: string;
}

const entriesOf = (group: LogGroup, logStream: string, events: readonly LogEvent[]): Entry[] => {
  const { logGroup, format, logLinePrefix = '%t:%r:%u@%d:[%p]:' } = group;
  const mask = maskOf(group.mask ?? []);
  if (format === 'postgresql') {
    return postgresEntries(events, prefixReader(logLinePrefix), mask).map((entry) => ({
      id: entry.id,
      timestampMs: entry.timestampMs,
      document: postgresDocument(logGroup, logStream, entry),
    }));
  }
  return events.map((event) => ({
    id: event.id,
    timestampMs: event.timestampMs,
    document: logDocument(logGroup, logStream, { ...event, message: mask(event.message) }),
  }));
};

/** The write of one log document into its day: created, never overwritten. */
export const operationOf = (prefix: string, { id, timestampMs, document }: Entry): Operation => ({
  index: dayIndex(prefix, timestampMs),
  viaAlias: false,
  id,
  condition: { kind: 'absent' },
  write: { kind: 'index', document },
});

/** A delivery as CloudWatch Logs packed it; never throws. */
export const unpack = (data: string): LogDelivery => {
  try {
    return readDelivery(gunzipSync(Buffer.from(data, 'base64')).toString('utf8'));
  } catch {
    return { kind: 'unreadable', reason: 'awslogs.data is not base64 of gzip' };
  }
};
