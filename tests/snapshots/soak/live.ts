import type { Ports } from '../../../functions/snapshots/run/ports.ts';
import type { Run } from '../../../functions/snapshots/run/run.ts';
import { asCopied, compare, isUnsettled, isWithin, overdueIn, type Spread, spreadOf, usedManual } from './audit.ts';
import { openEstate } from './estate.ts';
import { COPY_EVERY_HOURS, MIN_KEEP, MOST_DELETIONS, openFunctions, RULES_EACH } from './functions.ts';
import { openLedger } from './ledger.ts';
import type { PolicyInWords } from './rules.ts';
import { HOUR_MS, MINUTE_MS, type Scenario } from './scenario.ts';
import { openWire } from './wire.ts';
import { openRecords } from './world.ts';

// One estate through its days: triggers as the schedule delivers them, people and faults around it, and a look at every
// hour's end.

export interface Figures {
  runs: number;
  results: Record<string, number>;
  deaths: number;
  incidents: number;
  faults: number;
  calls: number;
  created: number;
  deleted: number;
  failed: number;
  copied: number;
  copiesDeleted: number;
  /** Hours in which a database went without, each explained by what was done to it. */
  explained: number;
  /** Age of the newest good snapshot, and of the newest good copy, at every hour's end, of every selected database. */
  ageHours: Spread;
  copyAgeHours: Spread;
  /** Own snapshots at the end that no rule, floor or hold keeps. */
  overdue: number;
  violations: readonly string[];
}

const before: PolicyInWords = { hourly: 6, daily: 3, weekly: 2 };
const after: PolicyInWords = { hourly: 3, daily: 2, weekly: 1 };
/** What was done at the end of the hour before must have been seen by the next run. */
const EARLY_MS = 5 * MINUTE_MS;
/** Minutes of an hour in which the copies' function looks: every quarter, as deployed, where the estate needs it; a small one can be looked at less. */
const sweepsOf = (hour: number, { databases }: Scenario): number[] =>
  databases > 60 ? [8, 22, 37, 51] : hour % 2 === 0 ? [25] : [];
/** A copy may come this much later than its time: the sweep, the queue, the copying itself, and one that fails. */
const COPY_SLACK_HOURS = 6;

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
  const records = openRecords(scenario, scenario.startMs - 2 * HOUR_MS);
  const { clock } = records;
  const copied = openLedger('copies', (entry) => records.look('recovery', entry));
  const ledger = openLedger(
    'snapshots',
    (entry) => records.look('primary', entry),
    (name) => copied.isBeingCopied(name),
  );
  const wire = openWire(records, scenario, { primary: ledger, recovery: copied });
  const functions = openFunctions(wire, clock, () => policy, wrap);
  const { control, queue } = functions.state;
  const estate = await openEstate(scenario, {
    ...{ records, ledger, policyNow: () => policy, minKeep: MIN_KEEP },
    onBuilt: (known) => copied.databases.set(known.resourceId, asCopied(known)),
  });
  const figures = { runs: 0, deaths: 0, incidents: 0, explained: 0, results: {} as Record<string, number> };
  const ages: number[] = [];
  const copyAges: number[] = [];
  let operator: { stopped: number; confirmsAtHour: number } | undefined;
  let confirmed = { deletions: 0, untilMs: 0 };
  let due: Due[] = [];
  let sent = 0;

  const until = (ms: number) => clock.advance(Math.max(0, ms - clock.now()));
  const hourNow = () => Math.floor((clock.now() - scenario.startMs) / HOUR_MS);
  const schedule = (one: Due) => {
    due = [...due, one].sort((a, b) => a.atMs - b.atMs);
  };
  const selected = () => estate.residents.filter(({ known }) => known.exists && known.selected);

  /** A person who reads the report looks at what the breaker stopped, and lets just that pass hours later. */
  const read = ({ plan, outcome, sentence }: Run) => {
    figures.results[outcome.result] = (figures.results[outcome.result] ?? 0) + 1;
    said(sentence);
    const breaker = plan.warnings.find((warning) => warning.kind === 'circuit-breaker');
    if (breaker === undefined) return;
    const confirmsAtHour = operator?.confirmsAtHour ?? hourNow() + scenario.confirmedAfterHours;
    operator = { stopped: breaker.stopped, confirmsAtHour };
  };

  /** As Lambda and SQS deliver: what died comes again, and what was sent to ourselves comes when it is due. */
  const deliver = async (one: Due) => {
    await until(one.atMs);
    const unconfirmed = Math.max(MOST_DELETIONS, RULES_EACH * selected().length);
    ledger.beginRun(Math.max(unconfirmed, clock.now() <= confirmed.untilMs ? confirmed.deletions : 0));
    figures.runs += 1;
    const served = await functions.hourly(one.event, one.dieAfter);
    if (served === undefined) {
      figures.deaths += 1;
      schedule({ atMs: clock.now() + MINUTE_MS, event: one.event });
    } else {
      for (const run of served.runs) read(run);
      if (served.again.length > 0) schedule({ ...one, atMs: clock.now() + 15 * MINUTE_MS });
    }
    for (const { continuation, delaySeconds } of queue.splice(0)) {
      const { slotMs, part } = continuation;
      const body = JSON.stringify({ kind: 'continue', slot: new Date(slotMs).toISOString(), part });
      const event = { Records: [{ messageId: `m-${++sent}`, eventSource: 'aws:sqs', body }] };
      const atMs = clock.now() + delaySeconds * 1000;
      schedule({ atMs, event });
      if (scenario.fate('message twice', sent) < 0.05) schedule({ atMs: atMs + 5_000, event });
    }
  };

  const sweep = async (atMs: number) => {
    await until(atMs);
    copied.beginRun(Math.max(MOST_DELETIONS, RULES_EACH * selected().length));
    figures.runs += 1;
    const event = { kind: 'schedule', scheduledTime: new Date(atMs).toISOString() };
    const dies = scenario.fate('copies die', atMs) < 0.05;
    const run = await functions.copies(event, dies ? 1 + Math.floor(scenario.fate('when', atMs) * 40) : undefined);
    if (run === undefined) figures.deaths += 1;
    else said(run.sentence);
  };

  /** What people and AWS do to the estate as a whole. */
  const turn = async (hour: number) => {
    const { outage, squeeze, pause, copyOutage } = scenario;
    const nowMs = clock.now();
    const setDown = (region: 'primary' | 'recovery', isDown: boolean) =>
      void (isDown ? wire.down.add(region) : wire.down.delete(region));
    setDown('primary', isWithin(hour, outage));
    setDown('recovery', isWithin(hour, copyOutage));
    if (hour === squeeze.fromHour) records.setQuota((await usedManual(records)) + squeeze.room);
    if (hour === squeeze.fromHour + squeeze.hours) records.setQuota(1_000_000);
    if (hour === pause.fromHour) await control.pause({ part: 'expiry', by: 'ada', why: 'an audit', atMs: nowMs });
    if (hour === pause.fromHour + pause.hours) await control.resume('expiry');
    ledger.isExpiryPaused = isWithin(hour, pause);
    copied.isExpiryPaused = ledger.isExpiryPaused;
    if (hour === scenario.shortenedAtHour) {
      policy = after;
      for (const known of ledger.databases.values()) if (known.policy === before) known.policy = after;
    }
    if (operator !== undefined && hour >= operator.confirmsAtHour) {
      confirmed = { deletions: operator.stopped, untilMs: nowMs + 6 * HOUR_MS };
      const [by, why] = ['grace', 'these are meant to go'];
      await control.confirm({ of: 'snapshots', ...confirmed, newestSlotMs: nowMs, atMs: nowMs, by, why });
      operator = undefined;
    }
  };

  /** The hour is over: who went without, and is it explained? */
  const audit = async (hour: number, slotMs: number, isLost: boolean) => {
    const nowMs = clock.now();
    const excused = isLost || isWithin(hour, scenario.outage) || isWithin(hour, scenario.squeeze);
    for (const { id, known, disturbedUntilHour } of selected()) {
      const { resourceId } = known;
      const newest = await ledger.newestGood(resourceId, nowMs);
      if (newest !== undefined) ages.push((nowMs - newest) / HOUR_MS);
      if (!ledger.of(resourceId).some((one) => one.slotMs === slotMs)) {
        if (excused || hour < disturbedUntilHour || ledger.hasFailed(resourceId, slotMs)) figures.explained += 1;
        else ledger.violations.push(`nothing explains why ${id} has none of ${new Date(slotMs).toISOString()}`);
      }
      const newestCopy = await copied.newestGood(resourceId, nowMs);
      if (newestCopy !== undefined) copyAges.push((nowMs - newestCopy) / HOUR_MS);
    }
  };

  /** In calm the copies must be as young as they are asked to be. */
  const auditCopies = async (hour: number) => {
    const bound = COPY_EVERY_HOURS + COPY_SLACK_HOURS;
    const { outage, copyOutage, squeeze } = scenario;
    const isCalm = [outage, copyOutage, squeeze].every(
      (one) => hour < one.fromHour || hour > one.fromHour + one.hours + bound,
    );
    if (!isCalm || hour < bound + 2) return;
    for (const { id, known, disturbedUntilHour } of selected().filter((one) => !isUnsettled(one, hour - bound))) {
      const newest = (await copied.newestGood(known.resourceId, clock.now())) ?? 0;
      const ageHours = (clock.now() - newest) / HOUR_MS;
      const failedMs = copied.failedAtMs.get(known.resourceId) ?? Number.NEGATIVE_INFINITY;
      if (ageHours > bound && clock.now() - failedMs > bound * HOUR_MS)
        copied.violations.push(
          `nothing explains why the newest copy of ${id} is ${ageHours.toFixed(1)} h old (${disturbedUntilHour})`,
        );
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
    const deliverUntil = async (ms: number) => {
      for (let next = due[0]; next !== undefined && next.atMs < ms; next = due[0]) {
        const { atMs } = next;
        const together = due.filter((one) => one.atMs === atMs);
        due = due.filter((one) => one.atMs !== atMs);
        await Promise.all(together.map(deliver));
      }
    };
    for (const minute of sweepsOf(hour, scenario)) {
      await deliverUntil(slotMs + minute * MINUTE_MS);
      await sweep(slotMs + minute * MINUTE_MS);
    }
    await deliverUntil(endMs);
    await until(endMs);
    await audit(
      hour,
      slotMs,
      delivery.kind === 'lost' || (delivery.kind === 'late' && delivery.byMs >= HOUR_MS - EARLY_MS),
    );
    await auditCopies(hour);
    if (hour % 24 === 23) said(`day ${(hour + 1) / 24}: ${ledger.created} created, ${ledger.deleted} deleted`);
  }

  await compare(records, 'primary', ledger);
  await compare(records, 'recovery', copied);
  return {
    ...figures,
    faults: wire.faults,
    calls: [...wire.calls.values()].reduce((sum, one) => sum + one, 0),
    ...{ created: ledger.created, deleted: ledger.deleted, failed: ledger.failed },
    ...{ copied: copied.created, copiesDeleted: copied.deleted },
    ...{ ageHours: spreadOf(ages), copyAgeHours: spreadOf(copyAges) },
    overdue: await overdueIn(ledger, clock.now()),
    violations: [...ledger.violations, ...copied.violations],
  };
};
