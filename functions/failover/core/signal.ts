import { asRecord, asText } from './json.ts';
import { parseAlarm } from './signal-alarm.ts';

/** A hint to look now. No signal commands anything: state is read again, and the minute tick is the truth. */
export type Signal =
  | { kind: 'tick' }
  | {
      kind: 'rds-event';
      eventId: string;
      /** The DB instance, or the cluster, of a pair of them. */
      instance: string;
      region: string;
      message: string;
      meaning: EventMeaning;
      atText: string;
    }
  | {
      kind: 'alarm';
      name: string;
      region: string;
      state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
      via: 'eventbridge' | 'sns' | 'direct';
    }
  | { kind: 'command'; verb: string; pair: string }
  | { kind: 'noise'; because: string };

export type EventMeaning =
  | 'self-healing'
  | 'healed'
  | 'maintenance'
  | 'operator'
  | 'storage-full'
  | 'broken'
  | 'replica'
  /** A global database is given another primary, by whomever that was asked for; or its old one is added back. */
  | 'global-change'
  /** What came of Aurora's attempt to block writes at an old primary's storage. */
  | 'write-block'
  | 'other';

// docs: USER_Events.Messages. Only to tell people what RDS says; a decision never reads it.
const MEANING: Readonly<Record<string, EventMeaning>> = {
  '0004': 'self-healing',
  '0013': 'self-healing',
  '0020': 'self-healing',
  '0022': 'self-healing',
  '0050': 'self-healing',
  '0052': 'self-healing',
  '0006': 'healed',
  '0015': 'healed',
  '0021': 'healed',
  '0049': 'healed',
  '0051': 'healed',
  '0053': 'healed',
  '0065': 'healed',
  '0026': 'maintenance',
  '0266': 'maintenance',
  '0003': 'operator',
  '0087': 'operator',
  '0088': 'operator',
  '0154': 'operator',
  '0007': 'storage-full',
  '0089': 'storage-full',
  '0221': 'storage-full',
  '0222': 'storage-full',
  '0031': 'broken',
  '0035': 'broken',
  '0036': 'broken',
  '0418': 'broken',
  '0419': 'broken',
  '0045': 'replica',
  '0046': 'replica',
  '0057': 'replica',
  '0062': 'replica',
  '0063': 'replica',
  // Of clusters.
  '0069': 'broken',
  '0070': 'self-healing',
  '0072': 'self-healing',
  '0073': 'self-healing',
  '0071': 'healed',
  '0177': 'maintenance',
  '0286': 'maintenance',
  '0288': 'maintenance',
  '0388': 'maintenance',
  '0150': 'operator',
  '0151': 'operator',
  '0153': 'operator',
  '0171': 'operator',
  '0181': 'global-change',
  '0182': 'global-change',
  '0183': 'global-change',
  '0184': 'global-change',
  '0185': 'global-change',
  '0186': 'global-change',
  '0187': 'global-change',
  '0238': 'global-change',
  '0239': 'global-change',
  '0240': 'global-change',
  '0241': 'global-change',
  '0397': 'global-change',
  '0423': 'global-change',
  '0519': 'global-change',
  '0390': 'write-block',
  '0391': 'write-block',
};

/** Every hint in an event, whatever service brought it: EventBridge, SNS, an alarm's direct action, the tick, a command. Never throws. */
export const parseSignals = (event: unknown): Signal[] => {
  const body = asRecord(event);
  if (Array.isArray(body?.Records)) return body.Records.map(fromSns);
  return [fromBody(body)];
};

const fromBody = (body: Record<string, unknown> | undefined): Signal => {
  if (body === undefined) return { kind: 'noise', because: 'an event that is no object' };
  if (body.kind === 'tick' || body.kind === 'schedule') return { kind: 'tick' };
  if (body.kind === 'command') {
    return { kind: 'command', verb: asText(body.verb) ?? '', pair: asText(body.pair) ?? '' };
  }
  if (body.source === 'aws.rds') return fromRds(body);
  return parseAlarm(body) ?? { kind: 'noise', because: `an event of ${asText(body.source) ?? 'an unknown source'}` };
};

// docs: rds-cloudwatch-events.sample. SourceIdentifier is `rds:name` in one sample and `name` in another: the ARN is read.
const fromRds = (body: Record<string, unknown>): Signal => {
  const detail = asRecord(body.detail);
  const eventId = eventNumber(asText(detail?.EventID));
  const arn = asText(detail?.SourceArn)?.split(':') ?? [];
  const named = arn[6];
  if (eventId === undefined || named === undefined) return { kind: 'noise', because: 'an RDS event without id or ARN' };
  if (arn[5] !== 'db' && arn[5] !== 'cluster')
    return { kind: 'noise', because: `an RDS event about a ${arn[5] ?? 'thing'} that is no instance and no cluster` };
  const message = asText(detail?.Message) ?? '';
  return {
    kind: 'rds-event',
    eventId: `RDS-EVENT-${eventId}`,
    instance: toldOf(message) ?? named,
    region: arn[3] ?? asText(body.region) ?? '',
    message,
    meaning: MEANING[eventId] ?? 'other',
    atText: asText(detail?.Date) ?? asText(body.time) ?? '',
  };
};

// docs: with-sns (Lambda) for the envelope, USER_Events.overview for the message: keys with spaces, an id inside a URL.
const fromSns = (record: unknown): Signal => {
  const sns = asRecord(asRecord(record)?.Sns);
  const text = asText(sns?.Message);
  if (text === undefined) return { kind: 'noise', because: 'a record that SNS did not send' };
  const message = parsed(text);
  if (message === undefined)
    return { kind: 'noise', because: 'an SNS message that is plain text: RDS sends one after a subscription' };
  const eventId = eventNumber(asText(message['Event ID']));
  const named = asText(message['Source ID']);
  if (eventId === undefined || named === undefined) {
    return parseAlarm(message) ?? fromBody(message);
  }
  const said = asText(message['Event Message']) ?? '';
  return {
    kind: 'rds-event',
    eventId: `RDS-EVENT-${eventId}`,
    instance: toldOf(said) ?? named.replace(/^rds:/, ''),
    region: asText(sns?.TopicArn)?.split(':')[3] ?? '',
    message: said,
    meaning: MEANING[eventId] ?? 'other',
    atText: asText(message['Event Time']) ?? '',
  };
};

// docs: USER_Events.Messages (Aurora), RDS-EVENT-0390 and 0391 — events of some DB instance, in either region, about a cluster.
/** The cluster that an event of a DB instance is about, where its message says so. */
const toldOf = (message: string): string | undefined =>
  /^Attempt to block writes for DB cluster (\S+) in Region /.exec(message)?.[1];

const eventNumber = (text: string | undefined): string | undefined => /RDS-EVENT-(\d{4})\s*$/.exec(text ?? '')?.[1];

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
};
