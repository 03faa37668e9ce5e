import { stringText } from './value-text.ts';

/** One log event as CloudWatch Logs delivers it. */
export interface LogEvent {
  id: string;
  timestampMs: number;
  message: string;
}

export type LogDelivery =
  | { kind: 'events'; logGroup: string; logStream: string; events: LogEvent[] }
  | { kind: 'control' }
  | { kind: 'unreadable'; reason: string };

/** Reads the unpacked envelope of a subscription (docs: SubscriptionFilters, "CONTROL_MESSAGE" checks reachability). */
export const readDelivery = (text: string): LogDelivery => {
  let body: { messageType?: unknown; logGroup?: unknown; logStream?: unknown; logEvents?: unknown };
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', reason: 'the envelope is not JSON' };
  }
  if (body?.messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  const { logGroup, logStream, logEvents } = body ?? {};
  if (typeof logGroup !== 'string' || typeof logStream !== 'string' || !Array.isArray(logEvents)) {
    return { kind: 'unreadable', reason: 'the envelope lacks logGroup, logStream or logEvents' };
  }
  const events: LogEvent[] = [];
  for (const event of logEvents as { id?: unknown; timestamp?: unknown; message?: unknown }[]) {
    const { id, timestamp, message } = event;
    if (typeof id !== 'string' || typeof timestamp !== 'number' || typeof message !== 'string') {
      return { kind: 'unreadable', reason: 'a log event lacks id, timestamp or message' };
    }
    events.push({ id, timestampMs: timestamp, message });
  }
  return { kind: 'events', logGroup, logStream, events };
};

/** A log event as a document. */
export const logDocument = (logGroup: string, logStream: string, event: LogEvent): string =>
  `{"@timestamp":${event.timestampMs},"message":${stringText(event.message)},` +
  `"logGroup":${stringText(logGroup)},"logStream":${stringText(logStream)}}`;

/** The index of the UTC day of the event, never of its arrival: a late copy meets the first one there. */
export const dayIndex = (prefix: string, timestampMs: number): string => `${prefix}-${utcDay(timestampMs)}`;

/** `2026.11.21` of an epoch time in milliseconds (Howard Hinnant's civil-from-days). */
export const utcDay = (timestampMs: number): string => {
  const days = Math.floor(timestampMs / 86_400_000) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}.${String(month).padStart(2, '0')}.${String(day).padStart(2, '0')}`;
};
