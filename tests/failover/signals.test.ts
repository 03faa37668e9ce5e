import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseSignals } from '../../functions/failover/core/signal.ts';
import { pairsFor } from '../../functions/failover/run/settings.ts';
import type { Config } from '../../shared/config/schema.ts';
import { live } from './simulation/run.ts';
import { lostHost, type Scenario } from './simulation/scenario.ts';

// Signals are hints: whether they come, how often, how late and in which order changes when somebody looks, and nothing else (I11).

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8'));

const config = {
  failover: {
    pairs: ['ledger', 'orders'].map((name) => ({
      name,
      primary: { instance: `${name}-primary` },
      replica: { instance: `${name}-replica` },
    })),
  },
} as unknown as Config;
const looksAt = (event: unknown) => pairsFor(config, parseSignals(event)).map(({ name }) => name);

describe('a signal', () => {
  test('from RDS makes one look at the pair of its instance, by EventBridge and by SNS; from an alarm at all of them', () => {
    expect(looksAt(sample('rds-instance-event'))).toEqual(['ledger']);
    expect(looksAt(sample('sns-rds-event'))).toEqual(['ledger']);
    expect(looksAt(sample('rds-cluster-event'))).toEqual(['ledger']);
    for (const name of ['alarm-state-change', 'alarm-direct', 'sns-alarm', 'route53-alarm', 'tick']) {
      expect(looksAt(sample(name))).toEqual(['ledger', 'orders']);
    }
  });

  test('from RDS about an instance that was built anew is about its pair, and about no other of a name like it', () => {
    const text = JSON.stringify(sample('rds-instance-event'));
    const about = (instance: string) => looksAt(JSON.parse(text.replaceAll('ledger-primary', instance)));
    expect(about('orders-primary-e12')).toEqual(['orders']);
    expect(about('orders-primary-e12-copy')).toEqual([]);
  });

  test('from RDS about an old primary whose writes Aurora blocks is about its pair, whatever DB instance tells it', () => {
    const event = sample('rds-instance-event') as { detail: object };
    const about = (cluster: string) =>
      looksAt({
        ...event,
        detail: {
          ...event.detail,
          SourceArn: 'arn:aws:rds:eu-central-1:111122223333:db:some-member',
          EventID: 'RDS-EVENT-0391',
          Message: `Attempt to block writes for DB cluster ${cluster} in Region eu-west-1 timed out.`,
        },
      });
    expect(about('orders-primary')).toEqual(['orders']);
    expect(about('strangers')).toEqual([]);
  });

  test('that is noise makes nobody look', () => {
    expect(looksAt({ source: 'aws.ec2', detail: {} })).toEqual([]);
  });
});

const EFFECTS = ['fenced', 'promote', 'swap-names', 'announce'];

/** How a lost host ends, and every side effect with its count. */
const ending = async (change: Partial<Scenario>) => {
  const { world, record } = await live(lostHost(change));
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    leader: record?.leader.instance,
    name: world.names.value,
    effects: EFFECTS.map((name) => `${name} ${world.calls[name] ?? 0}`),
    violations: world.violations,
  };
};

describe('a lost host ends the same, with the same side effects', () => {
  const usual = ending({});

  test.each([
    ['no signal comes', { hints: 0 }],
    ['each comes twice', { hints: 2 }],
    ['each comes five times', { hints: 5 }],
    ['each comes 40 s late, in mid-incident', { hintDelayMs: 40_000 }],
    ['each comes after the end', { hints: 3, hintDelayMs: 120_000 }],
    ['signals of something else come between', { hints: 2, hintDelayMs: 7_000 }],
  ])('%s', async (_name, change) => {
    const { effects, ...end } = await ending(change);
    const first = await usual;
    expect(end).toMatchObject({ phase: first.phase, epoch: 1, leader: 'new', name: first.name, violations: [] });
    expect(effects).toEqual(first.effects);
  });
});
