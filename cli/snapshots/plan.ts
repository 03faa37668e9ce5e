import { type Bill, billOf } from '../../functions/snapshots/core/bill.ts';
import { formatInstant, formatSlot } from '../../functions/snapshots/core/calendar.ts';
import { copySentence, copyWarningSentence } from '../../functions/snapshots/core/copies/sentences.ts';
import type { SnapshotVerdict } from '../../functions/snapshots/core/expiry.ts';
import type { DatabaseVerdict } from '../../functions/snapshots/core/plan.ts';
import {
  adviceSentence,
  billSentence,
  databaseSentence,
  expirySentence,
  forecastSentence,
  snapshotReason,
} from '../../functions/snapshots/core/sentences.ts';
import { warningSentence } from '../../functions/snapshots/core/warning-sentences.ts';
import { plural } from '../../functions/snapshots/core/words.ts';
import type { Report } from '../../functions/snapshots/run/report.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { invokeFunction } from '../invoke.ts';
import { table } from '../table.ts';
import { copyJson, databaseJson, dryCopies, dryRun, ours, snapshotJson } from './looking.ts';
import { atOption, inPrimary } from './words.ts';

/** Databases that a person asked about: selected ones, and those whose tags are wrong. */
const shown = (databases: readonly DatabaseVerdict[]) =>
  databases.filter(({ selected, problems, because }) => selected || problems.length > 0 || because !== 'not-tagged');

/** Keep or remove, each with its reason. */
const verdictTable = (listed: readonly SnapshotVerdict[]): string[] =>
  listed.length === 0
    ? []
    : [
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
      ];

/** What it would add and free, where there is anything. */
const billLines = (adds: Bill, frees: Bill): string[] => [
  ...(adds.snapshots > 0 ? [billSentence('adds', adds)] : []),
  ...(frees.snapshots > 0 ? [billSentence('frees', frees)] : []),
];

const othersLine = (snapshots: readonly SnapshotVerdict[]): string[] => {
  const { length } = snapshots.filter(({ kind }) => kind === 'ignore');
  return length === 0
    ? []
    : [`${plural(length, 'manual snapshot')} of others ${length === 1 ? 'is' : 'are'} left alone.`];
};

/** Paragraphs, with a line between them; an empty one is none. */
const paragraphs = (...parts: readonly (readonly string[])[]): string =>
  parts
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');

const judged = (snapshots: readonly SnapshotVerdict[]) => {
  const listed = ours(snapshots);
  const of = (kind: SnapshotVerdict['kind']) => listed.filter((verdict) => verdict.kind === kind).map(snapshotJson);
  return { listed, keep: of('keep'), remove: of('remove') };
};

const planOfSnapshots = async (call: CommandCall): Promise<CommandResult> => {
  const { plan: planned, outcome, sentence } = await dryRun(call);
  const { listed, keep, remove } = judged(planned.snapshots);
  return {
    json: {
      result: outcome.result,
      sentence,
      slot: formatInstant(planned.slotMs),
      expiry: planned.expiry,
      create: planned.creates.map(({ database, name }) => ({ database: database.id, kind: database.kind, name })),
      keep,
      remove,
      ignored: planned.snapshots.filter(({ kind }) => kind === 'ignore').length,
      databases: planned.databases.map(databaseJson),
      forecasts: planned.forecasts,
      frees: planned.frees,
      adds: planned.adds,
      warnings: planned.warnings.map(warningSentence),
      advice: planned.advice.map(adviceSentence),
    },
    text: paragraphs(
      [sentence, ...planned.warnings.map((warning) => `! ${warningSentence(warning)}`)],
      shown(planned.databases).map(databaseSentence),
      verdictTable(listed),
      [
        ...planned.forecasts.map(forecastSentence),
        ...billLines(planned.adds, planned.frees),
        ...planned.advice.map(adviceSentence),
        expirySentence(planned.expiry),
        ...othersLine(planned.snapshots),
      ],
    ),
  };
};

/** What arming expiry does to the copies is to be seen before it is armed, too. */
const planOfCopies = async (call: CommandCall): Promise<CommandResult> => {
  const run = await dryCopies(call);
  if (run === undefined) throw new UsageError('--copies: the config has no snapshots.copies');
  const { plan: planned, outcome, sentence } = run;
  const { usdPerGibMonth } = call.config.snapshots;
  const { listed, keep, remove } = judged(planned.snapshots);
  const starts = planned.databases.flatMap((one) => (one.kind === 'copy' ? [one] : []));
  const adds = billOf(
    starts.map(({ source }) => source),
    usdPerGibMonth,
  );
  const frees = billOf(
    planned.removals.map(({ snapshot }) => snapshot),
    usdPerGibMonth,
  );
  return {
    json: {
      result: outcome.result,
      sentence,
      expiry: planned.expiry,
      copy: starts.map(({ database, source }) => ({ database: database.id, kind: database.kind, name: source.id })),
      keep,
      remove,
      databases: planned.databases.map(copyJson),
      forecasts: planned.forecasts,
      frees,
      adds,
      warnings: planned.warnings.map(copyWarningSentence),
    },
    text: paragraphs(
      [sentence, ...planned.warnings.map((warning) => `! ${copyWarningSentence(warning)}`)],
      planned.databases.map(copySentence),
      verdictTable(listed),
      [
        ...planned.forecasts.map((one) => `${call.config.regions.recovery}: ${forecastSentence(one)}`),
        ...billLines(adds, frees),
        expirySentence(planned.expiry),
        ...othersLine(planned.snapshots),
      ],
    ),
  };
};

const plan: Command = {
  wing: 'snapshots',
  verb: 'plan',
  summary: 'what a run would take, keep and remove, each with its reason; touches nothing',
  usage: '[--copies]',
  example: 'npx mainstay snapshots plan --at 2026-08-14T01:00:00Z',
  options: { ...atOption, copies: { type: 'boolean', description: 'of the copies, in the recovery region' } },
  run: (call) => (call.values.copies === true ? planOfCopies(call) : planOfSnapshots(call)),
};

/** A Lambda's longest run, and a little more to hear of it. */
const RUN_SECONDS = 905;

const run: Command = {
  wing: 'snapshots',
  verb: 'run',
  summary: 'has the deployed function do a run now, and prints its report (exit code 1: FAILED)',
  example: 'npx mainstay snapshots run',
  run: async (call) => {
    inPrimary(call);
    const { config, region, progress } = call;
    progress('Asked the function; a run may take minutes.');
    const event = { kind: 'command', verb: 'run' };
    const report = await invokeFunction<Report>(config, region, 'snapshots', event, RUN_SECONDS);
    const more = report.more > 0 ? [`… and ${report.more} more: see the function's log.`] : [];
    return {
      json: report,
      text: [report.sentence, '', ...report.lines, ...more].join('\n'),
      exitCode: report.result === 'FAILED' ? 1 : 0,
    };
  },
};

export const commands: Command[] = [plan, run];
