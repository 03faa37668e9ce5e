import { formatInstant, formatSlot } from '../../functions/snapshots/core/calendar.ts';
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
import type { Report } from '../../functions/snapshots/run/report.ts';
import type { Command } from '../command.ts';
import { invokeFunction } from '../invoke.ts';
import { table } from '../table.ts';
import { databaseJson, dryRun, ours, snapshotJson } from './looking.ts';
import { atOption } from './words.ts';

/** Databases that a person asked about: selected ones, and those whose tags are wrong. */
const shown = (databases: readonly DatabaseVerdict[]) =>
  databases.filter(({ selected, problems, because }) => selected || problems.length > 0 || because !== 'not-tagged');

const plan: Command = {
  wing: 'snapshots',
  verb: 'plan',
  summary: 'what a run would take, keep and remove, each with its reason; touches nothing',
  example: 'npx mainstay snapshots plan --at 2026-08-14T01:00:00Z',
  options: atOption,
  run: async (call) => {
    const run = await dryRun(call);
    const { plan: planned, outcome, sentence } = run;
    const listed = ours(planned.snapshots);
    const ignored = planned.snapshots.filter(({ kind }) => kind === 'ignore');
    const of = (kind: SnapshotVerdict['kind']) => listed.filter((verdict) => verdict.kind === kind).map(snapshotJson);
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
        frees: planned.frees,
        adds: planned.adds,
        warnings: planned.warnings.map(warningSentence),
        advice: planned.advice.map(adviceSentence),
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
        billSentence('adds', planned.adds),
        billSentence('frees', planned.frees),
        ...planned.advice.map(adviceSentence),
        expirySentence(planned.expiry),
        ...(ignored.length > 0 ? [`${ignored.length} manual snapshots of others are left alone.`] : []),
      ].join('\n'),
    };
  },
};

/** A Lambda's longest run, and a little more to hear of it. */
const RUN_SECONDS = 905;

const run: Command = {
  wing: 'snapshots',
  verb: 'run',
  summary: 'has the deployed function do a run now, and prints its report (exit code 1: FAILED)',
  example: 'npx mainstay snapshots run',
  run: async ({ config, region, progress }) => {
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
