import { copySentence, copyWarningSentence } from '../../functions/snapshots/core/copies/sentences.ts';
import { heldSentence } from '../../functions/snapshots/core/hold.ts';
import { pausedSentence } from '../../functions/snapshots/core/order-sentences.ts';
import {
  databaseSentence,
  expirySentence,
  momentText,
  policySentence,
  snapshotSentence,
} from '../../functions/snapshots/core/sentences.ts';
import { ageText, verdictSentence, verdictText } from '../../functions/snapshots/core/status-sentences.ts';
import { groupOf } from '../../functions/snapshots/core/tags.ts';
import { verdictOf } from '../../functions/snapshots/core/verification/tags.ts';
import { warningSentence } from '../../functions/snapshots/core/warning-sentences.ts';
import type { Command } from '../command.ts';
import { table } from '../table.ts';
import {
  copyJson,
  databaseJson,
  dryCopies,
  dryRun,
  lastVerdict,
  newestFirst,
  pausesNow,
  snapshotJson,
  verdictJson,
  verificationBook,
} from './looking.ts';
import { atOption, only } from './words.ts';

const status: Command = {
  wing: 'snapshots',
  verb: 'status',
  summary: 'each selected database: good snapshots, age of the newest and of its copy, whether it restores',
  example: 'npx mainstay snapshots status',
  options: atOption,
  run: async (call) => {
    const [{ plan: planned, outcome }, copies, { book, unseen }, pauses] = await Promise.all([
      dryRun(call),
      dryCopies(call),
      verificationBook(call),
      pausesNow(call),
    ]);
    const { nowMs } = planned;
    const rows = planned.databases
      .filter(({ selected }) => selected)
      .map((one) => ({
        one,
        copy: copies?.plan.databases.find(({ database }) => database.arn === one.database.arn),
        verdict: lastVerdict(planned.snapshots, one.database, book, nowMs),
      }));
    const { verification } = call.config.snapshots;
    // Those of creation, and of the copies' run, are among the warnings of their plans.
    const others = pauses.filter(({ part }) => part === 'verification' || (part === 'expiry' && copies === undefined));
    const warnings = [
      ...planned.warnings.map(warningSentence),
      ...(copies?.plan.warnings ?? []).map(copyWarningSentence),
      ...others.map(pausedSentence),
      ...unseen,
    ];
    return {
      json: {
        expiry: planned.expiry,
        pauses,
        worstAgeSeconds: outcome.worstAgeMs === undefined ? null : outcome.worstAgeMs / 1000,
        withoutGood: outcome.withoutGood,
        databases: rows.map(({ one, copy, verdict }) => ({
          ...databaseJson(one),
          copy: copy === undefined ? null : copyJson(copy),
          verified: verdictJson(verdict),
        })),
        warnings,
      },
      text: [
        table(
          [
            ...['database', 'engine', 'good', 'newest good (UTC)', 'age'],
            ...(copies ? ['newest copy'] : []),
            ...(verification ? ['verified'] : []),
            'policy',
          ],
          rows.map(({ one, copy, verdict }) => [
            ...[one.database.id, one.database.engine, one.good, momentText(one.newestGoodMs)],
            ageText(one.newestGoodMs, nowMs),
            ...(copies ? [copy?.wanted === false ? 'switched off' : ageText(copy?.newestGoodMs, nowMs)] : []),
            ...(verification ? [verdictText(verdict, nowMs)] : []),
            policySentence(one),
          ]),
        ),
        ...planned.databases.flatMap(({ database, problems }) => problems.map((one) => `! ${database.id}: ${one}`)),
        ...warnings.map((warning) => `! ${warning}`),
        expirySentence(planned.expiry),
      ].join('\n'),
    };
  },
};

const explain: Command = {
  wing: 'snapshots',
  verb: 'explain',
  summary: 'why a database or a snapshot is treated as it is, copies and restores included',
  usage: 'DATABASE|SNAPSHOT',
  example: 'npx mainstay snapshots explain ledger-primary',
  options: atOption,
  run: async (call) => {
    const name = only(call, 'one database or snapshot');
    const [{ plan: planned }, copied] = await Promise.all([dryRun(call), dryCopies(call)]);
    const databases = planned.databases.filter(({ database }) => database.id === name);
    const resources = new Set(databases.map(({ database }) => database.resourceId));
    const isMeant = ({ snapshot }: (typeof planned.snapshots)[number]) =>
      snapshot.id === name || resources.has(groupOf(snapshot)) || snapshot.databaseId === name;
    const snapshots = newestFirst(planned.snapshots.filter(isMeant));
    const copies = newestFirst((copied?.plan.snapshots ?? []).filter(isMeant));
    const ofCopies = copied?.plan.databases.filter(({ database }) => database.id === name) ?? [];
    if (databases.length + snapshots.length + copies.length === 0) {
      const text = `Nothing here is called ${name}.`;
      return { json: { databases: [], snapshots: [], copies: [] }, text, exitCode: 1 };
    }
    const verdict = (one: (typeof snapshots)[number]) => verdictOf(one.snapshot, planned.nowMs);
    return {
      json: {
        databases: databases.map(databaseJson),
        snapshots: snapshots.map((one) => ({ ...snapshotJson(one), verified: verdictJson(verdict(one)) })),
        copies: copies.map(snapshotJson),
        copying: ofCopies.map(copyJson),
      },
      text: [
        ...databases.flatMap((one) => [databaseSentence(one), `${one.database.id} ${policySentence(one)}.`]),
        ...ofCopies.map(copySentence),
        ...snapshots.flatMap((one) => {
          const tried = verdict(one);
          return [
            snapshotSentence(one),
            ...[heldSentence(one.snapshot, planned.nowMs) ?? []].flat(),
            ...(tried ? [verdictSentence(one.snapshot, tried)] : []),
          ];
        }),
        ...copies.map((one) => `In ${call.config.regions.recovery}: ${snapshotSentence(one)}`),
      ].join('\n'),
    };
  },
};

export const commands: Command[] = [status, explain];
