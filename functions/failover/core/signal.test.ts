import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
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
    'an RDS event about a cluster',
    { source: 'aws.rds', detail: { EventID: 'RDS-EVENT-0071', SourceArn: 'arn:aws:rds:a:1:cluster:x' } },
  ],
  ['records of another service', { Records: [{ s3: {} }, null] }],
])('%s is noise, and never an error', (_name, event) => {
  for (const signal of parseSignals(event)) expect(signal.kind).toBe('noise');
});
