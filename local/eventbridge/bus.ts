// The default event bus of every region: rules, targets, and the way from one region to another, which is a rule, too.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AwsEvent } from './event.ts';
import { type InputShape, targetInput } from './input.ts';
import { compilePattern } from './pattern.ts';

/** A rule's target: its ARN says what it is. */
export type RuleTarget = InputShape & { Id: string; Arn: string; RetryPolicy?: { MaximumEventAgeInSeconds?: number } };

/** An AWS::Events::Rule with an event pattern. */
export type Rule = {
  name: string;
  arn: string;
  region: string;
  pattern: unknown;
  enabled: boolean;
  targets: RuleTarget[];
};

/** How the bus reaches what it does not own. Each throws when the delivery failed. */
export type BusPorts = {
  clock: Clock;
  /** Invokes asynchronously, if the function lets events.amazonaws.com in for this rule. */
  invoke(functionArn: string, payload: string, rule: { arn: string }): Promise<void>;
  sendToQueue(queueArn: string, body: string): Promise<void>;
  publish(topicArn: string, message: string): Promise<void>;
  isCut(from: string, to: string): boolean;
};

export interface EventBus {
  /** Puts an event on the bus of its own region. Deliveries are awaited; failed ones are retried on the clock. */
  put(event: AwsEvent): Promise<void>;
  addRule(rule: Rule): void;
  rules(region: string): Rule[];
  /** What could not be delivered and why, newest last. */
  undelivered(): { at: number; target: string; because: string }[];
}

// EventBridge keeps trying for 24 hours (docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html).
const MAX_AGE_SECONDS = 86_400;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Opens the buses, without rules. */
export const openEventBus = (ports: BusPorts): EventBus => {
  const rules: (Rule & { matches: (event: AwsEvent) => boolean })[] = [];
  const undelivered: ReturnType<EventBus['undelivered']> = [];

  const deliver = async (event: AwsEvent, busRegion: string, rule: Rule, target: RuleTarget): Promise<void> => {
    const [, , service, region = busRegion] = target.Arn.split(':');
    switch (service) {
      case 'lambda':
        return ports.invoke(target.Arn, targetInput(event, target), rule);
      case 'sqs':
        return ports.sendToQueue(target.Arn, targetInput(event, target));
      case 'sns':
        return ports.publish(target.Arn, targetInput(event, target));
      case 'events':
        if (ports.isCut(busRegion, region)) throw new Error(`${region} can not be reached from ${busRegion}`);
        // The envelope keeps the region where it arose (docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html).
        return arrive(event, region, true);
      default:
        throw new Error(`targets of ${service} are not modelled here`);
    }
  };

  const deliverSoon = async (event: AwsEvent, busRegion: string, rule: Rule, target: RuleTarget): Promise<void> => {
    const untilMs = ports.clock.now() + (target.RetryPolicy?.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS) * 1000;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await deliver(event, busRegion, rule, target);
      } catch (error) {
        undelivered.push({ at: ports.clock.now(), target: target.Arn, because: (error as Error).message });
        if (undelivered.length > 1000) undelivered.shift();
        if (ports.clock.now() + waitMs > untilMs || (error as { permanent?: boolean }).permanent) return;
      }
      await ports.clock.sleep(waitMs);
    }
  };

  const arrive = async (event: AwsEvent, busRegion: string, isForwarded: boolean): Promise<void> => {
    const hits = rules.filter((rule) => rule.region === busRegion && rule.enabled && rule.matches(event));
    // An event crosses to another bus once: what was forwarded is not forwarded again (same page).
    const deliveries = hits.flatMap((rule) =>
      rule.targets
        .filter(({ Arn }) => !(isForwarded && Arn.includes(':event-bus/')))
        .map((target) => deliverSoon(event, busRegion, rule, target)),
    );
    await Promise.all(deliveries);
  };

  return {
    put: (event) => arrive(event, event.region, false),
    addRule: (rule) => {
      rules.push({ ...rule, matches: compilePattern(rule.pattern) });
    },
    rules: (region) => rules.filter((rule) => rule.region === region).map(({ matches: _, ...rule }) => rule),
    undelivered: () => [...undelivered],
  };
};

/** A new event id. */
export const eventId = (): string => randomUUID();
