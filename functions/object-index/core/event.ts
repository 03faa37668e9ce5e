import { factOfBridgeEvent } from './event-bridge.ts';
import { asObject, factOfRecord, type Json, MalformedEventError } from './event-record.ts';
import type { ObjectFact } from './fact.ts';
import { MalformedKeyError } from './object-key.ts';

/** The id of an event that came without a queue. */
export const DIRECT_MESSAGE = 'direct';

/** One message of an invocation: what it says, or why it can't be read. */
export interface ParsedMessage {
  /** The queue's id of it; DIRECT_MESSAGE where S3 or EventBridge called us without a queue. */
  id: string;
  facts: ObjectFact[];
  malformed?: string;
  /** What the queue gave, where it can't be read: kept with the reason. */
  body?: string;
  /** It is among the dead letters already, and need not come back. */
  isKept?: boolean;
}

/**
 * Any event that may reach the function: a batch of SQS messages (each an S3 notification, an EventBridge event, or an
 * SNS envelope round one), a notification straight from S3, or an EventBridge event. A malformed message fails alone.
 */
export const parseInvocation = (event: unknown): ParsedMessage[] => {
  const records = asObject(event).Records;
  const queued = Array.isArray(records) && records.some((record) => asObject(record).eventSource === 'aws:sqs');
  if (!queued) return [parseMessage(DIRECT_MESSAGE, asObject(event))];
  return (records as unknown[]).map(asObject).map((record, index) => {
    const id = typeof record.messageId === 'string' ? record.messageId : `message-${index}`;
    return parseMessage(id, record.body);
  });
};

const parseMessage = (id: string, body: unknown): ParsedMessage => {
  try {
    return { id, facts: factsOf(typeof body === 'string' ? parseJson(body) : asObject(body)) };
  } catch (error) {
    if (!(error instanceof MalformedEventError || error instanceof MalformedKeyError)) throw error;
    return { id, facts: [], malformed: error.message, ...(typeof body === 'string' ? { body } : {}) };
  }
};

const factsOf = (body: Json): ObjectFact[] => {
  if (body.Type === 'Notification' && typeof body.Message === 'string') return factsOf(parseJson(body.Message));
  if (Array.isArray(body.Records)) {
    return body.Records.map(asObject)
      .map(factOfRecord)
      .filter((fact) => fact !== undefined);
  }
  if (typeof body['detail-type'] === 'string') return [factOfBridgeEvent(body)].filter((fact) => fact !== undefined);
  // Sent once when a notification is configured (docs: notification-content-structure); it has no Records.
  if (body.Event === 's3:TestEvent') return [];
  throw new MalformedEventError('it is neither an S3 notification nor an EventBridge event of S3');
};

const parseJson = (text: string): Json => {
  try {
    return asObject(JSON.parse(text));
  } catch {
    throw new MalformedEventError(`it is not JSON: ${text.slice(0, 60)}`);
  }
};
