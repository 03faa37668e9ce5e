import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsControl, awsPorts } from '../../functions/snapshots/aws/compose.ts';
import { awsCopyPorts, copySettingsOf } from '../../functions/snapshots/aws/copies/compose.ts';
import { stateTableName } from '../../functions/snapshots/aws/state-table.ts';
import { tableVerifications } from '../../functions/snapshots/aws/verification/table.ts';
import { formatInstant } from '../../functions/snapshots/core/calendar.ts';
import type { CopyVerdict } from '../../functions/snapshots/core/copies/copies.ts';
import { copySentence } from '../../functions/snapshots/core/copies/sentences.ts';
import type { SnapshotVerdict } from '../../functions/snapshots/core/expiry.ts';
import type { Database, Pause } from '../../functions/snapshots/core/inventory.ts';
import type { DatabaseVerdict } from '../../functions/snapshots/core/plan.ts';
import { newestFirst as byAge } from '../../functions/snapshots/core/retention.ts';
import { databaseSentence, policySentence, snapshotReason } from '../../functions/snapshots/core/sentences.ts';
import { bookUnseenSentence } from '../../functions/snapshots/core/status-sentences.ts';
import { groupOf } from '../../functions/snapshots/core/tags.ts';
import { verdictsOf } from '../../functions/snapshots/core/verification/choice.ts';
import type { Verdict } from '../../functions/snapshots/core/verification/tags.ts';
import { type Book, emptyBook } from '../../functions/snapshots/core/verification/verification.ts';
import { type CopyRun, runCopies } from '../../functions/snapshots/run/copies/copies.ts';
import { type Run, runSnapshots } from '../../functions/snapshots/run/run.ts';
import { settingsOf } from '../../functions/snapshots/run/settings.ts';
import { clientConfig } from '../../shared/aws/client-config.ts';
import { errorText } from '../../shared/aws/errors.ts';
import type { CommandCall } from '../command.ts';
import { inPrimary, moment } from './words.ts';

// The functions' own paths, dry: what is printed is what a run would do. And what they find, as JSON.

const FOREVER = { remainingMs: () => Number.POSITIVE_INFINITY };

/** A run of the snapshots function that touches nothing. */
export const dryRun = async (call: CommandCall): Promise<Run> => {
  inPrimary(call);
  const nowMs = moment(call);
  return runSnapshots(awsPorts(call.config, call.region), settingsOf(call.config), FOREVER)({ nowMs, dryRun: true });
};

/** A run of the copies function that touches nothing; undefined where the config has no copies. */
export const dryCopies = async (call: CommandCall): Promise<CopyRun | undefined> => {
  if (call.config.snapshots.copies === undefined) return undefined;
  const run = runCopies(awsCopyPorts(call.config, FOREVER), copySettingsOf(call.config), FOREVER);
  return run({ nowMs: moment(call), dryRun: true, tellAgain: false });
};

const dated = (verdict: SnapshotVerdict) => ({ id: verdict.snapshot.id, slotMs: verdict.slotMs ?? 0 });

/** By database, newest first. */
export const newestFirst = (snapshots: readonly SnapshotVerdict[]): SnapshotVerdict[] =>
  [...snapshots].sort(
    (a, b) => a.snapshot.databaseId.localeCompare(b.snapshot.databaseId) || byAge(dated(a), dated(b)),
  );

/** Ours, by database, newest first. */
export const ours = (snapshots: readonly SnapshotVerdict[]): SnapshotVerdict[] =>
  newestFirst(snapshots.filter(({ kind }) => kind !== 'ignore'));

/** The newest verdict of a restore on a database, from its snapshots and from the book of verifications. */
export const lastVerdict = (
  snapshots: readonly SnapshotVerdict[],
  database: Database,
  book: Book,
  nowMs: number,
): Verdict | undefined => {
  const own = ours(snapshots).map(({ snapshot }) => snapshot);
  const mine = own.filter((one) => one.kind === database.kind && groupOf(one) === database.resourceId);
  return verdictsOf(database, mine, book, nowMs).sort((a, b) => b.atMs - a.atMs)[0];
};

/** What was tried lately: none where the config has no verification. Where the table cannot say, the snapshots' tags are left, and it is said. */
export const verificationBook = async ({ config }: CommandCall): Promise<{ book: Book; unseen: string[] }> => {
  if (config.snapshots.verification === undefined) return { book: emptyBook(), unseen: [] };
  const db = new DynamoDBClient(clientConfig(config.regions.primary, { requestTimeoutMs: 3_000 }));
  try {
    return { book: await tableVerifications(db, stateTableName(config)).load(), unseen: [] };
  } catch (error) {
    return { book: emptyBook(), unseen: [bookUnseenSentence(errorText(error))] };
  }
};

/** What people have stopped. Where nobody can say, the plan's own warnings do. */
export const pausesNow = async ({ config }: CommandCall): Promise<readonly Pause[]> => {
  try {
    return (await awsControl(config).orders()).pauses;
  } catch {
    return [];
  }
};

const instant = (ms: number | undefined): string | null => (ms === undefined ? null : formatInstant(ms));

/** A snapshot or a copy, judged. */
export const snapshotJson = (verdict: SnapshotVerdict) => ({
  snapshot: verdict.snapshot.id,
  database: verdict.snapshot.databaseId,
  resourceId: groupOf(verdict.snapshot),
  slot: instant(verdict.slotMs),
  verdict: verdict.kind,
  because: snapshotReason(verdict),
});

/** A database, judged. */
export const databaseJson = (verdict: DatabaseVerdict) => ({
  database: verdict.database.id,
  kind: verdict.database.kind,
  engine: verdict.database.engine,
  selected: verdict.selected,
  decision: verdict.kind,
  because: verdict.because,
  sentence: databaseSentence(verdict),
  policy: policySentence(verdict),
  good: verdict.good,
  newestGood: instant(verdict.newestGoodMs),
  problems: verdict.problems,
});

/** A database's copies, judged. */
export const copyJson = (verdict: CopyVerdict) => ({
  database: verdict.database.id,
  decision: verdict.kind,
  because: verdict.because,
  sentence: copySentence(verdict),
  good: verdict.good,
  newestGood: instant(verdict.newestGoodMs),
});

/** What a restore said of a snapshot. */
export const verdictJson = (verdict: Verdict | undefined) =>
  verdict === undefined ? null : { at: formatInstant(verdict.atMs), result: verdict.result };
