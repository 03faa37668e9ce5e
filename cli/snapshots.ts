import { awsPorts } from '../functions/snapshots/aws/compose.ts';
import { formatAge, formatInstant, formatSlot, parseInstant } from '../functions/snapshots/core/calendar.ts';
import type { SnapshotVerdict } from '../functions/snapshots/core/expiry.ts';
import type { DatabaseVerdict } from '../functions/snapshots/core/plan.ts';
import { newestFirst } from '../functions/snapshots/core/retention.ts';
import {
  databaseSentence,
  forecastSentence,
  momentText,
  policySentence,
  snapshotReason,
  snapshotSentence,
  warningSentence,
} from '../functions/snapshots/core/sentences.ts';
import { groupOf } from '../functions/snapshots/core/tags.ts';
import { type Run, runSnapshots } from '../functions/snapshots/run/run.ts';
import { settingsOf } from '../functions/snapshots/run/settings.ts';
import { type Command, type CommandCall, UsageError } from './command.ts';
import { table } from './table.ts';

const at = {
  at: { type: 'string', description: 'the moment to plan for, such as 2026-08-14T01:00:00Z (default: now)' },
} as const;

/** The Lambda's own path, dry: what is printed is what a run would do. */
const dryRun = (call: CommandCall): Promise<Run> => {
  const text = call.values.at;
  const nowMs = typeof text === 'string' ? parseInstant(text) : Date.now();
  if (nowMs === undefined) throw new UsageError(`--at ${text}: expected a moment such as 2026-08-14T01:00:00Z`);
  const forever = { remainingMs: () => Number.POSITIVE_INFINITY };
  return runSnapshots(awsPorts(call.config, call.region), settingsOf(call.config), forever)({ nowMs, dryRun: true });
};

const dated = (verdict: SnapshotVerdict) => ({ id: verdict.snapshot.id, slotMs: verdict.slotMs ?? 0 });

/** Ours, by database, newest first. */
const ours = (run: Run): SnapshotVerdict[] =>
  run.plan.snapshots
    .filter(({ kind }) => kind !== 'ignore')
    .sort((a, b) => a.snapshot.databaseId.localeCompare(b.snapshot.databaseId) || newestFirst(dated(a), dated(b)));

const snapshotJson = (verdict: SnapshotVerdict) => ({
  snapshot: verdict.snapshot.id,
  database: verdict.snapshot.databaseId,
  resourceId: groupOf(verdict.snapshot),
  slot: verdict.slotMs === undefined ? null : formatInstant(verdict.slotMs),
  because: snapshotReason(verdict),
});

const databaseJson = (verdict: DatabaseVerdict) => ({
  database: verdict.database.id,
  kind: verdict.database.kind,
  engine: verdict.database.engine,
  selected: verdict.selected,
  decision: verdict.kind,
  because: verdict.because,
  sentence: databaseSentence(verdict),
  policy: policySentence(verdict),
  good: verdict.good,
  newestGood: verdict.newestGoodMs === undefined ? null : formatInstant(verdict.newestGoodMs),
  problems: verdict.problems,
});

const plan: Command = {
  wing: 'snapshots',
  verb: 'plan',
  summary: 'what a run would take, keep and remove, each with its reason; touches nothing',
  example: 'npx mainstay snapshots plan --at 2026-08-14T01:00:00Z',
  options: at,
  run: async (call) => {
    const run = await dryRun(call);
    const { plan: planned, outcome, sentence } = run;
    const listed = ours(run);
    const ignored = planned.snapshots.filter(({ kind }) => kind === 'ignore');
    const of = (kind: SnapshotVerdict['kind']) => listed.filter((verdict) => verdict.kind === kind).map(snapshotJson);
    const armed =
      planned.expiry === 'armed'
        ? 'Expiry is armed: a run deletes what is marked "remove".'
        : 'Expiry only plans: nothing is deleted until the config says expiry: armed.';
    return {
      json: {
        result: outcome.result,
        sentence,
        slot: formatInstant(planned.slotMs),
        expiry: planned.expiry,
        create: planned.creates.map(({ database, name }) => ({ database: database.id, kind: database.kind, name })),
        keep: of('keep'),
        remove: of('remove'),
        ignored: ignored.length,
        databases: planned.databases.map(databaseJson),
        forecasts: planned.forecasts,
        warnings: planned.warnings.map(warningSentence),
      },
      text: [
        sentence,
        ...planned.warnings.map((warning) => `! ${warningSentence(warning)}`),
        '',
        ...shown(planned.databases).map(databaseSentence),
        ...(listed.length > 0
          ? [
              '',
              table(
                ['database', 'slot (UTC)', 'snapshot', 'verdict', 'why'],
                listed.map((verdict) => [
                  verdict.snapshot.databaseId,
                  verdict.slotMs === undefined ? '?' : formatSlot(verdict.slotMs),
                  verdict.snapshot.id,
                  verdict.kind,
                  snapshotReason(verdict),
                ]),
              ),
            ]
          : []),
        '',
        ...planned.forecasts.map(forecastSentence),
        armed,
        ...(ignored.length > 0 ? [`${ignored.length} manual snapshots of others are left alone.`] : []),
      ].join('\n'),
    };
  },
};

/** Databases that a person asked about: selected ones, and those whose tags are wrong. */
const shown = (databases: readonly DatabaseVerdict[]) =>
  databases.filter(({ selected, problems, because }) => selected || problems.length > 0 || because !== 'not-tagged');

const status: Command = {
  wing: 'snapshots',
  verb: 'status',
  summary: 'each selected database: its good snapshots and the age of the newest',
  example: 'npx mainstay snapshots status',
  options: at,
  run: async (call) => {
    const { plan: planned, outcome } = await dryRun(call);
    const selected = planned.databases.filter((one) => one.selected);
    const age = (ms: number | undefined) => (ms === undefined ? 'none yet' : formatAge(planned.nowMs - ms));
    return {
      json: {
        expiry: planned.expiry,
        worstAgeSeconds: outcome.worstAgeMs === undefined ? null : outcome.worstAgeMs / 1000,
        withoutGood: outcome.withoutGood,
        databases: selected.map(databaseJson),
        warnings: planned.warnings.map(warningSentence),
      },
      text: [
        table(
          ['database', 'engine', 'good', 'newest good (UTC)', 'age', 'policy'],
          selected.map((one) => [
            one.database.id,
            one.database.engine,
            one.good,
            momentText(one.newestGoodMs),
            age(one.newestGoodMs),
            policySentence(one),
          ]),
        ),
        ...planned.databases.flatMap(({ database, problems }) => problems.map((one) => `! ${database.id}: ${one}`)),
        ...planned.warnings.map((warning) => `! ${warningSentence(warning)}`),
      ].join('\n'),
    };
  },
};

const explain: Command = {
  wing: 'snapshots',
  verb: 'explain',
  summary: 'why a database or a snapshot is treated as it is',
  usage: 'DATABASE|SNAPSHOT',
  example: 'npx mainstay snapshots explain ledger-primary',
  options: at,
  run: async (call) => {
    const [name] = call.positionals;
    if (name === undefined || call.positionals.length > 1) throw new UsageError('expected one database or snapshot');
    const { plan: planned } = await dryRun(call);
    const databases = planned.databases.filter(({ database }) => database.id === name);
    const resources = new Set(databases.map(({ database }) => database.resourceId));
    const snapshots = planned.snapshots.filter(
      ({ snapshot }) => snapshot.id === name || resources.has(groupOf(snapshot)) || snapshot.databaseId === name,
    );
    if (databases.length + snapshots.length === 0) {
      return { json: { databases: [], snapshots: [] }, text: `Nothing here is called ${name}.`, exitCode: 1 };
    }
    return {
      json: { databases: databases.map(databaseJson), snapshots: snapshots.map(snapshotJson) },
      text: [
        ...databases.flatMap((one) => [databaseSentence(one), `${one.database.id} ${policySentence(one)}.`]),
        ...snapshots.map(snapshotSentence),
      ].join('\n'),
    };
  },
};

export const commands: Command[] = [plan, status, explain];
