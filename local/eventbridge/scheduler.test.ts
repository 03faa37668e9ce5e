import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Clock, openClock } from '../clock.ts';
import { type FunctionSchedule, openScheduler, type Scheduler } from './scheduler.ts';

const START_MS = Date.parse('2026-11-21T04:59:30Z');
let clock: Clock;
let scheduler: Scheduler;
let calls: string[];
let run: () => Promise<void>;

const schedule = (expression: string, more: Partial<FunctionSchedule> = {}): FunctionSchedule => ({
  name: 'tick',
  region: 'eu-west-1',
  expression,
  functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:tick',
  input: '<aws.scheduler.scheduled-time>',
  maxAgeSeconds: 60,
  maxRetries: 0,
  ...more,
});

beforeEach(() => {
  clock = openClock({ startMs: START_MS });
  calls = [];
  run = async () => {};
  scheduler = openScheduler({
    clock,
    invoke: (_, payload) => {
      calls.push(payload);
      return { done: run() };
    },
  });
});
afterEach(() => {
  scheduler.stop();
  clock.stop();
});

test('every due time is a call of its own, in order, with its time as input', async () => {
  scheduler.add(schedule('cron(* * * * ? *)'));
  await clock.advance(3 * 60_000);
  expect(calls).toEqual(['2026-11-21T05:00:00Z', '2026-11-21T05:01:00Z', '2026-11-21T05:02:00Z']);
});

test('a minute tick whose function still runs does not pile up when the clock jumps an hour', async () => {
  let end = () => {};
  run = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  scheduler.add(schedule('cron(* * * * ? *)'));
  await clock.advance(3_600_000);
  expect(calls).toEqual(['2026-11-21T05:00:00Z']);
  end();
});

test('an hourly function is waited for, so that no slot is left out', async () => {
  run = () => new Promise((resolve) => setTimeout(resolve, 1_200));
  scheduler.add(schedule('cron(0 * * * ? *)'));
  await clock.advance(2 * 3_600_000);
  expect(calls).toEqual(['2026-11-21T05:00:00Z', '2026-11-21T06:00:00Z']);
});

// docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
test('a refused call is retried as often as the policy says, and not when it has become too old', async () => {
  const refusing = openScheduler({
    clock,
    invoke: (_, payload) => {
      calls.push(payload);
      throw new Error('throttled');
    },
  });
  refusing.add(schedule('cron(0 5 * * ? *)', { maxRetries: 2, maxAgeSeconds: 3_600 }));
  await clock.advance(600_000);
  expect(calls).toHaveLength(3);
  refusing.add(schedule('cron(20 5 * * ? *)', { maxRetries: 185, maxAgeSeconds: 10 }));
  await clock.advance(3_000_000);
  refusing.stop();
  expect(calls.length).toBeLessThan(3 + 6);
});

test('a paused scheduler is silent, and goes on with the next due time', async () => {
  scheduler.add(schedule('cron(* * * * ? *)'));
  scheduler.pause();
  await clock.advance(120_000);
  scheduler.resume();
  await clock.advance(60_000);
  expect(calls).toEqual(['2026-11-21T05:02:00Z']);
});
