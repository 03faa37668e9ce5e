import { rdsDatabases, rdsQuotas, rdsSnapshots } from '../../../functions/snapshots/aws/rds.ts';
import type { Settings } from '../../../functions/snapshots/core/policy.ts';
import { openInMemoryState } from '../../../functions/snapshots/run/in-memory-state.ts';
import type { Ports } from '../../../functions/snapshots/run/ports.ts';
import type { Run } from '../../../functions/snapshots/run/run.ts';
import { serve } from '../../../functions/snapshots/run/serve.ts';
import { readTrigger } from '../../../functions/snapshots/run/trigger.ts';
import { openEstate } from './estate.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { HOUR_MS, MINUTE_MS, type Scenario } from './scenario.ts';
import { openWire, type Wire } from './wire.ts';
import { openRecords, SNAPSHOT_MS } from './world.ts';

// One estate through its days: triggers as the schedule delivers them, the wing's own code from the event on, people and faults
// around it, and a look at every hour's end.

export interface Figures {
  runs: number;
  results: Record<string, number>;
  deaths: number;
  incidents: number;
  faults: number;
  calls: number;
  created: number;
  deleted: number;
  /** Hours in which a database went without, each explained by what was done to it. */
  explained: number;
  /** Age of the newest good snapshot at every hour's end, of every selected database. */
  ageHours: { p50: number; p99: number; worst: number };
  /** Own snapshots at the end that no rule, floor or hold keeps. */
  overdue: number;
  violations: readonly string[];
}

const before = { hourly: 8, daily: 4, weekly: 2 };
const after = { hourly: 3, daily: 2, weekly: 1 };
const MIN_KEEP = 2;
const MOST_DELETIONS = 20;
const LAMBDA_MS = 15 * MINUTE_MS;
/** What was done at the end of the hour before must have been seen by the next run. */
const EARLY_MS = 5 * MINUTE_MS;

const settingsWith = (policy: typeof before): Settings => ({
  stack: 'mainstay-soak',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepHourly: policy.hourly, keepDaily: policy.daily, keepWeekly: policy.weekly },
  minKeep: MIN_KEEP,
  maxDeletionsPerRun: MOST_DELETIONS,
  creationBrokenAfterHours: 12,
  includeReplicas: false,
  failedKeepHours: 24,
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
});

interface Due {
  atMs: number;
  event: object;
  dieAfter?: number;
}

/** Lives through a scenario. `wrap` lets a test of the soak itself put something careless in front of the ports. */
export const live = async (
  scenario: Scenario,
  { wrap = (ports) => ports, said = () => {} }: { wrap?: (ports: Ports) => Ports; said?: (line: string) => void } = {},
): Promise<Figures> => {
  let policy = before;
  const ledger = openLedger();
  const records = await openRecords(scenario.startMs - 2 * HOUR_MS);
  const { clock } = records;
  const wire = openWire({ service: records.service, clock, durationMs: SNAPSHOT_MS }, scenario, ledger);
  const estate = await openEstate(scenario, {
    wire,
    ledger,
    policyNow: () => policy,
    minKeep: MIN_KEEP,
    plant: records.plant,
  });
  const state = openInMemoryState();
  const figures = { runs: 0, deaths: 0, incidents: 0, explained: 0, results: {} as Record<string, number> };
  const ages: number[] = [];
  let operator: { stopped: number; confirmsAtHour: number } | undefined;
  let confirmed = { deletions: 0, untilMs: 0 };
  let due: Due[] = [];
  let sent = 0;

  const until = (ms: number) => clock.advance(Math.max(0, ms - clock.now()));
  const schedule = (one: Due) => {
    due = [...due, one].sort((a, b) => a.atMs - b.atMs);
  };

  /** One invocation of the function. Undefined: it died. */
  const invoke = async ({ event, dieAfter }: Due) => {
    const startedMs = clock.now();
    let die = () => {};
    const death = new Promise<undefined>((resolve) => {
      die = () => resolve(undefined);
    });
    const client = wire.client(dieAfter, () => die());
    const ports: Ports = wrap({
      databases: rdsDatabases(client),
      snapshots: rdsSnapshots(client),
      quotas: rdsQuotas(client),
      keys: { state: async () => 'usable' },
      ...state,
      reports: { publish: async () => {} },
      throttles: () => 0,
    });
    const deadline = { remainingMs: () => startedMs + LAMBDA_MS - clock.now() };
    const selected = estate.residents.filter(({ known }) => known.exists && known.selected);
    // As many rules as a steady hour can release by, of each database; or what a person let pass.
    const unconfirmed = Math.max(MOST_DELETIONS, 3 * selected.length);
    ledger.beginRun(Math.max(unconfirmed, clock.now() <= confirmed.untilMs ? confirmed.deletions : 0));
    figures.runs += 1;
    const served = await Promise.race([
      serve(ports, settingsWith(policy), deadline, () => clock.now())(readTrigger(event, clock.now())),
      death,
    ]);
    for (const { run } of served?.runs ?? [])
      figures.results[run.outcome.result] = (figures.results[run.outcome.result] ?? 0) + 1;
    for (const { run } of served?.runs ?? []) read(run, Math.floor((clock.now() - scenario.startMs) / HOUR_MS));
    for (const line of served?.runs.map(({ run }) => run.sentence) ?? []) said(line);
    return served;
  };

  /** As Lambda and SQS deliver: what died comes again, and what was sent to ourselves comes when it is due. */
  const deliver = async (one: Due) => {
    await until(one.atMs);
    const served = await invoke(one);
    if (served === undefined) {
      figures.deaths += 1;
      schedule({ atMs: clock.now() + MINUTE_MS, event: one.event });
    }
    if (served !== undefined && served.again.length > 0) schedule({ ...one, atMs: clock.now() + LAMBDA_MS });
    for (const { continuation, delaySeconds } of state.queue.splice(0)) {
      const body = JSON.stringify({
        kind: 'continue',
        slot: new Date(continuation.slotMs).toISOString(),
        part: continuation.part,
      });
      const event = { Records: [{ messageId: `m-${++sent}`, eventSource: 'aws:sqs', body }] };
      schedule({ atMs: clock.now() + delaySeconds * 1000, event });
      if (scenario.fate('message twice', sent) < 0.05)
        schedule({ atMs: clock.now() + delaySeconds * 1000 + 5_000, event });
    }
  };

  const isWithin = (hour: number, { fromHour, hours }: { fromHour: number; hours: number }) =>
    hour >= fromHour && hour < fromHour + hours;

  /** What people and RDS do to the estate as a whole. */
  const turn = async (hour: number) => {
    const { outage, squeeze, pause } = scenario;
    const nowMs = clock.now();
    wire.isDown = isWithin(hour, outage);
    if (hour === squeeze.fromHour) records.setQuota((await used(wire)) + squeeze.room);
    if (hour === squeeze.fromHour + squeeze.hours) records.setQuota(1_000_000);
    if (hour === pause.fromHour) await state.control.pause({ part: 'expiry', by: 'ada', why: 'an audit', atMs: nowMs });
    if (hour === pause.fromHour + pause.hours) await state.control.resume('expiry');
    ledger.isExpiryPaused = isWithin(hour, pause);
    if (hour === scenario.shortenedAtHour) {
      policy = after;
      for (const known of ledger.databases.values()) if (known.policy === before) known.policy = after;
    }
    if (operator !== undefined && hour >= operator.confirmsAtHour) {
      confirmed = { deletions: operator.stopped, untilMs: nowMs + 6 * HOUR_MS };
      await state.control.confirm({
        ...{ ...confirmed, newestSlotMs: nowMs, atMs: nowMs },
        ...{ by: 'grace', why: 'these are meant to go' },
      });
      operator = undefined;
    }
  };

  /** A person who reads the report looks at what the breaker stopped, and lets just that pass hours later. */
  const read = (run: Run, hour: number) => {
    const breaker = run.plan.warnings.find((warning) => warning.kind === 'circuit-breaker');
    if (breaker === undefined) return;
    const confirmsAtHour = operator?.confirmsAtHour ?? hour + scenario.confirmedAfterHours;
    operator = { stopped: breaker.stopped, confirmsAtHour };
  };

  /** The hour is over: who went without, and is it explained? */
  const audit = (hour: number, slotMs: number, isLost: boolean) => {
    const isDown = isWithin(hour, scenario.outage);
    const isShort = isWithin(hour, scenario.squeeze);
    for (const { id, known, disturbedUntilHour } of estate.residents) {
      if (!known.exists || !known.selected) continue;
      const newest = ledger.newestGood(known.resourceId, clock.now());
      if (newest !== undefined) ages.push((clock.now() - newest) / HOUR_MS);
      if (ledger.hasSlot(known.resourceId, slotMs)) continue;
      if (isLost || isDown || isShort || hour < disturbedUntilHour) figures.explained += 1;
      else ledger.violations.push(`nothing explains why ${id} has none of ${new Date(slotMs).toISOString()}`);
    }
  };

  const hours = scenario.days * 24;
  for (let hour = 0; hour < hours; hour++) {
    const slotMs = scenario.startMs + hour * HOUR_MS;
    const endMs = slotMs + HOUR_MS - EARLY_MS;
    await until(slotMs - EARLY_MS);
    await turn(hour);
    figures.incidents += await estate.liveThrough(hour);
    const delivery = scenario.deliveryOf(hour);
    const event = { kind: 'schedule', scheduledTime: new Date(slotMs).toISOString() };
    if (delivery.kind === 'late') schedule({ atMs: slotMs + delivery.byMs, event });
    else if (delivery.kind === 'dies') schedule({ atMs: slotMs, event, dieAfter: delivery.afterCalls });
    else if (delivery.kind !== 'lost') schedule({ atMs: slotMs, event });
    if (delivery.kind === 'twice') schedule({ atMs: slotMs + delivery.afterMs, event });
    if (delivery.kind === 'twice-at-once') schedule({ atMs: slotMs, event });
    for (let next = due[0]; next !== undefined && next.atMs < endMs; next = due[0]) {
      const together = due.filter(({ atMs }) => atMs === next.atMs);
      due = due.filter(({ atMs }) => atMs !== next.atMs);
      await Promise.all(together.map(deliver));
    }
    await until(endMs);
    const isLost = delivery.kind === 'lost' || (delivery.kind === 'late' && delivery.byMs >= HOUR_MS - EARLY_MS);
    audit(hour, slotMs, isLost);
    if (hour % 24 === 23) said(`day ${(hour + 1) / 24}: ${ledger.created} created, ${ledger.deleted} deleted`);
  }

  const ours = (await records.names()).filter((name) => !ledger.foreign.has(name));
  const missing = ledger.names().filter((name) => !ours.includes(name));
  if (ours.length !== ledger.names().length || missing.length > 0)
    ledger.violations.push(`the book and RDS differ: ${ours.length} there, ${ledger.names().length} in the book`);
  ages.sort((a, b) => a - b);
  const agePart = (part: number) => ages[Math.floor((ages.length - 1) * part)] ?? Number.NaN;
  return {
    ...figures,
    faults: wire.faults,
    calls: [...wire.calls.values()].reduce((sum, one) => sum + one, 0),
    created: ledger.created,
    deleted: ledger.deleted,
    ageHours: { p50: agePart(0.5), p99: agePart(0.99), worst: agePart(1) },
    overdue: overdueIn(ledger, clock.now()),
    violations: ledger.violations,
  };
};

const used = async (wire: Wire): Promise<number> => {
  const text = await wire.direct('DescribeAccountAttributes');
  return Number(/<AccountQuotaName>ManualSnapshots<\/AccountQuotaName><Used>(\d+)</.exec(text)?.[1]);
};

/** Who should have gone for hours: a wing that never deletes is no safe one. */
const overdueIn = (ledger: Ledger, nowMs: number): number => {
  let overdue = 0;
  for (const [resourceId, known] of ledger.databases) {
    if (!known.exists || !known.selected || known.garbled) continue;
    overdue += ledger.overdue(resourceId, nowMs - 3 * HOUR_MS);
  }
  return overdue;
};
