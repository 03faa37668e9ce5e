import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseSignals } from '../../functions/failover/core/signal.ts';
import { openClock } from '../../local/clock.ts';
import { openEventBus } from '../../local/eventbridge/bus.ts';
import type { AwsEvent } from '../../local/eventbridge/event.ts';

// Events and alarms are regional: the rules that carry them to the reconciler, on the local buses.

const RECOVERY = 'eu-central-1';
const read = (path: string) =>
  parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), { logLevel: 'error' });
const sample = (name: string): AwsEvent => read(`events/${name}.json`);

/** The text of an intrinsic of these files, with what a deploy would put in. */
const textOf = (value: string | { 'Fn::Sub': string }): string =>
  (typeof value === 'string' ? value : value['Fn::Sub'])
    .replaceAll(/\$\{AWS::Partition\}/g, 'aws')
    .replaceAll(/\$\{AWS::AccountId\}/g, '111122223333')
    .replaceAll(/\$\{(RecoveryRegion|mainstay:region\.recovery)\}/g, RECOVERY);

/** What the reconciler is invoked with when this event arises. */
const heard = async (event: AwsEvent) => {
  const clock = openClock();
  const payloads: unknown[] = [];
  const bus = openEventBus({
    clock,
    invoke: async (_arn, payload) => void payloads.push(JSON.parse(payload)),
    sendToQueue: async () => {},
    publish: async () => {},
    isCut: () => false,
  });
  const forward = (
    region: string,
    { Properties }: { Properties: { EventPattern: unknown; Targets: { Id: string; Arn: string }[] } },
  ) =>
    bus.addRule({
      name: region,
      arn: `arn:aws:events:${region}:111122223333:rule/${region}`,
      region,
      pattern: Properties.EventPattern,
      enabled: true,
      targets: Properties.Targets.map(({ Id, Arn }) => ({ Id, Arn: textOf(Arn) })),
    });
  forward('us-east-1', read('resources/us-east-1.yml').Resources.ForwardHealthChecks);
  forward('eu-west-1', read('resources/failover-primary.yml').Resources.ForwardToRecovery);
  const { events } = read('serverless.yml').functions.reconciler as {
    events: { eventBridge?: { pattern: unknown } }[];
  };
  for (const [at, { eventBridge }] of events.entries())
    if (eventBridge)
      bus.addRule({
        name: `reconciler-${at}`,
        arn: `arn:aws:events:${RECOVERY}:111122223333:rule/reconciler-${at}`,
        region: RECOVERY,
        pattern: eventBridge.pattern,
        enabled: true,
        targets: [{ Id: 'one', Arn: `arn:aws:lambda:${RECOVERY}:111122223333:function:reconciler` }],
      });
  await bus.put(event);
  clock.stop();
  return payloads.flatMap(parseSignals);
};

describe('the reconciler hears', () => {
  test('an alarm on a health check of Route 53, from us-east-1', async () => {
    expect(await heard(sample('route53-alarm'))).toMatchObject([
      { kind: 'alarm', name: 'ledger-writer-health', region: 'us-east-1' },
    ]);
  });

  test('what RDS and the alarms say in the primary region', async () => {
    expect(await heard(sample('rds-instance-event'))).toMatchObject([{ kind: 'rds-event', region: 'eu-west-1' }]);
    expect(await heard(sample('rds-cluster-event'))).toMatchObject([
      { kind: 'rds-event', instance: 'ledger-primary', region: 'eu-west-1' },
    ]);
    expect(await heard(sample('alarm-state-change'))).toMatchObject([{ kind: 'alarm', region: 'eu-west-1' }]);
  });
});

test('an event of a cluster in the recovery region makes somebody look, one of a cluster’s snapshot does not', async () => {
  const text = JSON.stringify(sample('rds-cluster-event')).replaceAll('eu-west-1', RECOVERY);
  expect(await heard(JSON.parse(text))).toMatchObject([{ kind: 'rds-event', region: RECOVERY }]);
  expect(await heard(JSON.parse(text.replace('RDS DB Cluster Event', 'RDS DB Cluster Snapshot Event')))).toEqual([]);
});

test('other alarms of us-east-1 make nobody look', async () => {
  const text = JSON.stringify(sample('route53-alarm')).replace('AWS/Route53', 'AWS/Billing');
  expect(await heard(JSON.parse(text))).toEqual([]);
});

test('what carries alarms out of us-east-1 may put events on the one bus, and nothing else', () => {
  const { ForwardRole } = read('resources/us-east-1.yml').Resources;
  const [{ PolicyDocument }] = ForwardRole.Properties.Policies;
  expect(PolicyDocument.Statement).toHaveLength(1);
  const [{ Action, Resource }] = PolicyDocument.Statement;
  expect([Action, textOf(Resource)]).toEqual([
    'events:PutEvents',
    `arn:aws:events:${RECOVERY}:111122223333:event-bus/default`,
  ]);
});
