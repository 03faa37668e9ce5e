import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseSignals } from './signal.ts';

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../events/${name}.json`, import.meta.url), 'utf8'));

test('an RDS event is the same signal from EventBridge and from SNS, whose id is in a URL with a blank behind it', () => {
  const told = { kind: 'rds-event', eventId: 'RDS-EVENT-0004', instance: 'ledger-primary', meaning: 'self-healing' };
  expect(parseSignals(sample('rds-instance-event'))).toMatchObject([told]);
  expect(parseSignals(sample('sns-rds-event'))).toMatchObject([told]);
});

test('the instance comes from the ARN: SourceIdentifier has a prefix in some samples', () => {
  const event = sample('rds-instance-event') as { detail: object };
  const prefixed = { ...event, detail: { ...event.detail, SourceIdentifier: 'rds:ledger-primary' } };
  expect(parseSignals(prefixed)).toMatchObject([{ instance: 'ledger-primary', region: 'eu-west-1' }]);
});

describe('an event of a cluster', () => {
  const event = sample('rds-cluster-event') as { detail: object };
  const saying = (detail: object) => parseSignals({ ...event, detail: { ...event.detail, ...detail } });

  test('is a hint about the pair of its cluster', () => {
    expect(parseSignals(event)).toMatchObject([
      {
        kind: 'rds-event',
        eventId: 'RDS-EVENT-0073',
        instance: 'ledger-primary',
        meaning: 'self-healing',
        region: 'eu-west-1',
      },
    ]);
  });

  test.each([
    ['0072', 'self-healing'],
    ['0071', 'healed'],
    ['0069', 'broken'],
    ['0153', 'operator'],
    ['0185', 'global-change'],
    ['0187', 'global-change'],
    ['0238', 'global-change'],
    ['0239', 'global-change'],
    ['0241', 'global-change'],
  ])('%s is told to people as %s', (number, meaning) => {
    expect(saying({ EventID: `RDS-EVENT-${number}` })).toMatchObject([{ kind: 'rds-event', meaning }]);
  });

  test('with an id that nobody knows is a hint without a meaning', () => {
    expect(saying({ EventID: 'RDS-EVENT-9999' })).toMatchObject([{ kind: 'rds-event', meaning: 'other' }]);
  });

  test('comes by SNS, too', () => {
    const told = {
      'Event Source': 'db-cluster',
      'Event Time': '2026-03-04 02:17:05.114',
      'Source ID': 'ledger-primary',
      'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0238',
      'Event Message': 'Global failover to DB cluster ledger-primary in Region eu-west-1 completed.',
    };
    const records = [
      { Sns: { Message: JSON.stringify(told), TopicArn: 'arn:aws:sns:eu-west-1:111122223333:signals' } },
    ];
    expect(parseSignals({ Records: records })).toMatchObject([
      { kind: 'rds-event', instance: 'ledger-primary', meaning: 'global-change', region: 'eu-west-1' },
    ]);
  });

  test.each([
    ['RDS-EVENT-0390', 'succeeded'],
    ['RDS-EVENT-0391', 'timed out'],
  ])('%s of some DB instance is about the cluster that its message names', (EventID, how) => {
    const Message = `Attempt to block writes for DB cluster ledger-primary in Region eu-west-1 ${how}.`;
    const SourceArn = 'arn:aws:rds:eu-central-1:111122223333:db:ledger-replica-one';
    expect(saying({ EventID, Message, SourceArn, SourceType: 'DB_INSTANCE' })).toMatchObject([
      { kind: 'rds-event', instance: 'ledger-primary', meaning: 'write-block', region: 'eu-central-1' },
    ]);
  });
});

test('an alarm is the same signal in its three shapes', () => {
  const told = { kind: 'alarm', name: 'ledger-primary-connections', state: 'ALARM', region: 'eu-west-1' };
  expect(parseSignals(sample('alarm-state-change'))).toEqual([{ ...told, via: 'eventbridge' }]);
  expect(parseSignals(sample('alarm-direct'))).toEqual([{ ...told, via: 'direct' }]);
  expect(parseSignals(sample('sns-alarm'))).toEqual([{ ...told, via: 'sns' }]);
});

test('an alarm on a health check of Route 53 comes from us-east-1, forwarded', () => {
  const told = { kind: 'alarm', name: 'ledger-writer-health', state: 'ALARM', region: 'us-east-1' };
  expect(parseSignals(sample('route53-alarm'))).toMatchObject([told]);
});

test('several records of one delivery are as many signals, in their order', () => {
  const [rds, alarm] = [sample('sns-rds-event'), sample('sns-alarm')] as { Records: unknown[] }[];
  const both = { Records: [...(rds?.Records ?? []), { Sns: { Message: 'hello' } }, ...(alarm?.Records ?? [])] };
  expect(parseSignals(both).map(({ kind }) => kind)).toEqual(['rds-event', 'noise', 'alarm']);
});

test('the tick is a signal', () => {
  expect(parseSignals(sample('tick'))).toEqual([{ kind: 'tick' }]);
});

test.each([
  [
    'the text that RDS sends after a subscription',
    { Records: [{ Sns: { Message: 'This is a message to notify you' } }] },
  ],
  ['nothing', undefined],
  ['a list', []],
  ['a number', 7],
  ['another service', { source: 'aws.ec2', detail: {} }],
  [
    "an RDS event about a cluster's snapshot",
    { source: 'aws.rds', detail: { EventID: 'RDS-EVENT-0169', SourceArn: 'arn:aws:rds:a:1:cluster-snapshot:x' } },
  ],
  ['an event of RDS without an id', { source: 'aws.rds', detail: { SourceArn: 'arn:aws:rds:a:1:cluster:x' } }],
  ['records of another service', { Records: [{ s3: {} }, null] }],
])('%s is noise, and never an error', (_name, event) => {
  for (const signal of parseSignals(event)) expect(signal.kind).toBe('noise');
});
