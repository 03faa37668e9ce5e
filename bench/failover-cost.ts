import type { Evidence, GuardReport, InstanceView } from '../functions/failover/core/evidence.ts';
import type { Policy } from '../functions/failover/core/policy.ts';
import { loop, staggerMs } from '../functions/failover/run/loop.ts';
import type { ReconcilerPorts } from '../functions/failover/run/reconcile.ts';
import { memoryRecords } from '../tests/failover/simulation/memory-records.ts';
import { live } from '../tests/failover/simulation/run.ts';
import { lostHost } from '../tests/failover/simulation/scenario.ts';
import { VirtualTime } from '../tests/failover/simulation/virtual-time.ts';
import { inTurn, type Measure, spread } from './measure.ts';

// What looking costs, without AWS: the function's own CPU, and how many calls it makes. In process, on virtual time.

const STEP_CPU_MS = 2;
/** Six questions a look, a look every 3 s, from the first to the announcement; and what an order needs. */
const CALLS_PER_INCIDENT = 300;
const ROUTE53_PER_SECOND = 10;
const LINEAR_RATIO = 1.25;
const TICK_MS = 60_000;
/** A call of AWS from the reconciler, answered in this time. */
const CALL_MS = 50;
const REGION_SIZES = [1, 100, 1_000] as const;

const policyNamed = (pair: string): Policy => ({
  pair,
  mode: 'armed',
  fence: 'confirmed',
  primary: { instance: `${pair}-primary`, region: 'eu-west-1' },
  replica: { instance: `${pair}-replica`, region: 'eu-central-1' },
  applicationRoles: ['app'],
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
  names: { zoneId: 'Z1', writer: `${pair}.example.internal`, ttlSeconds: 5 },
  confirmSeconds: 60,
  selfHealSeconds: 300,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 5,
});

/** An AWS in which all is well, and which counts what it is asked. */
const quietPorts = (policy: Policy, time: VirtualTime, count: () => void): ReconcilerPorts => {
  const answers = async <Result>(result: () => Result | Promise<Result>): Promise<Result> => {
    count();
    await time.sleep(CALL_MS);
    return result();
  };
  const unasked = () => Promise.reject(new Error('a quiet pair asks for nothing of this'));
  const others = <Part extends object>(asked: object): Part =>
    new Proxy(asked, { get: (part, name) => Reflect.get(part, name) ?? unasked }) as Part;
  const view = (instance: string, source?: string): InstanceView => ({
    instance,
    resourceId: `db-${instance.toUpperCase()}`,
    status: 'available',
    endpoint: { host: `${instance}.rds.amazonaws.com`, port: 5432 },
    engineVersion: '16.4',
    source,
    securityGroups: [{ id: 'sg-app', active: true }],
    backupRetentionDays: 7,
  });
  const guard = (): GuardReport => ({
    atMs: time.nowMs,
    instance: { kind: 'ok', report: view(policy.primary.instance) },
    write: { kind: 'wrote', lsn: '0/3000000', epoch: 0, latencyMs: 2 },
  });
  const replica = (): Extract<Evidence['replica'], { kind: 'ok' }>['report'] => ({
    atMs: time.nowMs,
    inRecovery: true,
    lastMessageAgeMs: 100,
    receivedLsn: '0/3000000',
    replayedLsn: '0/3000000',
    lastReplayedCommitMs: time.nowMs,
    heartbeat: { atMs: time.nowMs, epoch: 0 },
  });
  const memory = memoryRecords();
  const source = `arn:aws:rds:eu-west-1:111122223333:db:${policy.primary.instance}`;
  const asked: Partial<ReconcilerPorts> = {
    clock: { now: () => time.nowMs, sleep: (ms) => time.sleep(ms) },
    records: {
      ...memory,
      load: (pair) => answers(() => memory.load(pair)),
      save: (record, expected) => answers(() => memory.save(record, expected)),
    },
    observers: others({ guard: () => answers(guard), replica: () => answers(replica) }),
    instances: others({ describe: () => answers(() => view(policy.replica.instance, source)) }),
  };
  return new Proxy(asked, { get: (parts, name) => Reflect.get(parts, name) ?? others({}) }) as ReconcilerPorts;
};

interface Tick {
  steps: number;
  calls: number;
  cpuMs: number;
  /** Until the last pair's look has ended, on the clock of the tick. */
  lastedMs: number;
  troubled: number;
}

/** One quiet minute of a region with so many pairs, as the handler lives it: all pairs at once, each in its loop. */
const quietTick = async (pairs: number): Promise<Tick> => {
  const time = new VirtualTime();
  const startMs = time.nowMs;
  const tick: Tick = { steps: 0, calls: 0, cpuMs: 0, lastedMs: 0, troubled: 0 };
  const before = process.cpuUsage();
  const all = Array.from({ length: pairs }, (_, number) => {
    const policy = policyNamed(`ledger-${number}`);
    return loop(
      quietPorts(policy, time, () => {
        tick.calls += 1;
      }),
      policy,
      {
        remainingMs: () => startMs + TICK_MS - time.nowMs,
        watchQuiet: true,
        delayMs: staggerMs(number),
        said: ({ decision }) => {
          tick.steps += 1;
          if (decision.kind !== 'watch') tick.troubled += 1;
        },
        failed: () => {
          tick.troubled += 1;
        },
      },
    ).then(() => {
      tick.lastedMs = Math.max(tick.lastedMs, time.nowMs - startMs);
    });
  });
  await time.run(startMs + 2 * TICK_MS, () => {}, TICK_MS);
  await Promise.all(all);
  const { user, system } = process.cpuUsage(before);
  return { ...tick, cpuMs: (user + system) / 1000 };
};

/** CPU of a step, calls of an incident, and a quiet tick of a region with 1, 100 and 1,000 pairs. */
export const lookingCost = async (progress: (line: string) => void): Promise<Measure[]> => {
  const measures: Measure[] = [];
  const incident = await incidentCalls();
  progress(`an incident: ${incident.calls} calls in ${incident.seconds.toFixed(0)} s`);
  measures.push(
    {
      name: `API calls of an incident, ${incident.steps} steps in ${incident.seconds.toFixed(0)} s`,
      value: incident.calls,
      unit: 'calls',
      baseline: CALLS_PER_INCIDENT,
      ratio: incident.calls / CALLS_PER_INCIDENT,
      goal: `≤ ${CALLS_PER_INCIDENT}`,
      met: incident.calls <= CALLS_PER_INCIDENT,
    },
    {
      name: 'Route 53 calls of an incident, in its busiest second',
      value: incident.route53,
      unit: 'calls/s',
      baseline: ROUTE53_PER_SECOND,
      ratio: incident.route53 / ROUTE53_PER_SECOND,
      goal: `≤ ${ROUTE53_PER_SECOND}`,
      met: incident.route53 <= ROUTE53_PER_SECOND,
    },
  );
  for (const pairs of REGION_SIZES) {
    const ticks: Tick[] = [];
    // The first of each size warms up and does not count.
    for (let round = 0; round < 4; round += 1) {
      const tick = await quietTick(pairs);
      if (round > 0) ticks.push(tick);
    }
    const [one] = ticks;
    if (one === undefined || one.troubled > 0) throw new Error('a quiet tick was not quiet');
    const cpuMs = spread(ticks.map((tick) => tick.cpuMs)).median;
    progress(`${pairs} pairs: ${cpuMs.toFixed(0)} ms of CPU, ${one.calls} calls`);
    if (pairs === 1) {
      measures.push({
        name: `CPU of a reconciler's step, 100 pairs`,
        ...(await stepCpu()),
      });
    }
    measures.push({
      name: `quiet tick, ${pairs} pairs: lasts until its last look ended (calls of ${CALL_MS} ms)`,
      value: (one.lastedMs + cpuMs) / 1000,
      unit: 's',
      baseline: TICK_MS / 1000,
      ratio: (one.lastedMs + cpuMs) / TICK_MS,
      goal: '≤ the minute',
      met: one.lastedMs + cpuMs <= TICK_MS,
    });
    measures.push({
      name: `quiet tick, ${pairs} pairs: API calls a pair`,
      value: one.calls / pairs,
      unit: 'calls',
      baseline: one.steps / pairs,
      ratio: one.calls / one.steps,
      goal: '≤ 5 a look',
      met: one.calls / one.steps <= 5,
    });
    if (pairs === 1_000) {
      // For the account's limits: a fifth of them are DescribeDBInstances, and RDS has limits of its own.
      const perSecond = (one.calls / TICK_MS) * 1000;
      measures.push({
        name: 'quiet tick, 1000 pairs: API calls a second',
        value: perSecond,
        unit: 'calls/s',
        baseline: perSecond,
        ratio: 1,
        met: true,
      });
      measures.push(await growth());
    }
  }
  return measures;
};

/** As many pairs in one tick as in ten: a tick of a hundred alone is too short to measure. */
const growth = async (): Promise<Measure> => {
  const [one, ten] = [1_000, 100];
  const cpuMs = async (pairs: number): Promise<number> => {
    let sum = 0;
    for (let done = 0; done < one; done += pairs) sum += (await quietTick(pairs)).cpuMs;
    return sum / one;
  };
  const { a, b, ratio } = await inTurn(
    () => cpuMs(one),
    () => cpuMs(ten),
    { warmUps: 2, repeats: 9 },
  );
  return {
    name: 'quiet tick, CPU a pair: 1,000 pairs against 100',
    value: a.median,
    unit: 'ms',
    baseline: b.median,
    ratio: ratio.median,
    goal: `≤ ${LINEAR_RATIO} ×`,
    met: ratio.median <= LINEAR_RATIO,
  };
};

const stepCpu = async () => {
  const ticks = [await quietTick(100), await quietTick(100), await quietTick(100)];
  const ms = spread(ticks.map(({ cpuMs, steps }) => cpuMs / steps)).median;
  return {
    value: ms,
    unit: 'ms',
    baseline: STEP_CPU_MS,
    ratio: ms / STEP_CPU_MS,
    goal: `≤ ${STEP_CPU_MS} ms`,
    met: ms <= STEP_CPU_MS,
  };
};

/** Every call from the fault to the announced new leader, with RDS's hint coming beside the tick. */
const incidentCalls = async () => {
  const scenario = lostHost();
  const faultMs = scenario.faults[0]?.atMs ?? 0;
  const at: { name: string; ms: number }[] = [];
  const { record, reports, world } = await live(scenario, {
    ports: (ports, { time }) => {
      const noting = <Part extends object>(part: Part): Part =>
        new Proxy(part, {
          get: (target, name) => {
            const member = Reflect.get(target, name);
            if (typeof member !== 'function') return member;
            return (...args: unknown[]) => {
              at.push({ name: String(name), ms: time.nowMs });
              return Reflect.apply(member, target, args);
            };
          },
        });
      const { clock, ...others } = ports;
      return {
        clock,
        ...Object.fromEntries(Object.entries(others).map(([name, part]) => [name, part && noting(part)])),
      } as typeof ports;
    },
  });
  const endMs = record?.passed.degraded;
  if (endMs === undefined) throw new Error('the incident did not end with a new leader');
  const startMs = 1_000_000 + faultMs;
  const within = ({ ms }: { ms: number }) => ms >= startMs && ms <= endMs + 5_000;
  const calls = at.filter(within);
  const route53 = new Map<number, number>();
  for (const { name, ms } of calls)
    if (['read', 'swap', 'answered'].includes(name))
      route53.set(Math.floor(ms / 1000), (route53.get(Math.floor(ms / 1000)) ?? 0) + 1);
  if (world.violations.length > 0) throw new Error(world.violations.join('; '));
  return {
    calls: calls.length,
    steps: reports.filter(({ record: { lastLookMs } }) => within({ ms: lastLookMs })).length,
    seconds: (endMs - startMs) / 1000,
    route53: Math.max(0, ...route53.values()),
  };
};
