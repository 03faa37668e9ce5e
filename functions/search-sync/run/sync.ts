import { type Change, type Malformed, readRecord, refusedView } from '../core/change.ts';
import { checkpoint } from '../core/checkpoint.ts';
import { collapse } from '../core/collapse.ts';
import { poisonBudget } from '../core/outcome.ts';
import type { SyncReport } from '../core/sentences.ts';
import { isAtLeast, versionOf } from '../core/version.ts';
import { type Built, buildWrites, type StreamTarget, stubWrite } from './build.ts';
import { inFlight } from './in-flight.ts';
import type { DeadLetters } from './ports.ts';
import { type RepairPorts, repair } from './repair.ts';
import { type SendSettings, type Sent, sendAll, sendSettings } from './send.ts';

export interface SyncPorts extends RepairPorts {
  deadLetters: DeadLetters;
}

/** The rules that keep index and table equal. An argument, so that a test can show what each one is for. */
export interface SyncRules {
  collapse: (changes: readonly Change[]) => Change[];
  version: (seconds: number, sequence: string) => bigint;
  /** Is a refused write proven to be older than what is stored? */
  isStale: (stored: string, ours: string) => boolean;
  checkpoint: (sequences: readonly (string | undefined)[], undone: Iterable<number>) => string | undefined;
}

export const syncRules: SyncRules = { collapse, version: versionOf, isStale: isAtLeast, checkpoint };

const REPAIRS_IN_FLIGHT = 8;

/**
 * Brings one batch of a table's stream into its index. Returns what came of it; what is not done is delivered again.
 * A batch that goes to two indexes is read once and handed in.
 */
export const syncBatch = async (
  ports: SyncPorts,
  target: StreamTarget,
  records: readonly unknown[],
  settings: SendSettings = sendSettings,
  rules: SyncRules = syncRules,
  batch: ReadBatch = readBatch(ports, target, records, rules),
): Promise<SyncReport> => {
  const { latest, malformed, sequences } = batch;
  const run: Run = {
    ports,
    target,
    records,
    settings,
    undone: new Set(),
    repaired: 0,
    stubbed: 0,
    stale: 0,
    incident: undefined,
  };
  if (records.some(refusedView)) {
    run.incident = 'the stream carries OLD_IMAGE only; set it to NEW_IMAGE or NEW_AND_OLD_IMAGES';
    for (const position of sequences.keys()) run.undone.add(position);
    return report(run, 0, 0, 0, sequences, rules);
  }
  const { writes, refused, looks } = buildWrites(latest, target, ports.hash);
  const sent = await sendAll(ports.index, writes, ports.patience, settings);
  const written = settle(run, sent);
  const poison = [...refused, ...poisonOf(sent)];
  const conflicts = [...conflictsOf(sent), ...(await standIn(run, poison))];
  const doubtful = await newer(run, conflicts, rules);
  await repairAll(run, [...doubtful, ...looks]);
  const buried = await buryMalformed(run, malformed);
  return report(run, latest.length, written, buried, sequences, rules);
};

/** What gathers while one batch is worked on. */
interface Run {
  ports: SyncPorts;
  target: StreamTarget;
  records: readonly unknown[];
  settings: SendSettings;
  undone: Set<number>;
  repaired: number;
  stubbed: number;
  stale: number;
  incident: string | undefined;
}

/** A batch as it was read, whichever index it goes to. */
export interface ReadBatch {
  /** The last change of each key. */
  latest: readonly Change[];
  malformed: readonly Malformed[];
  sequences: readonly (string | undefined)[];
}

/** Reads the records of a batch; never throws. */
export const readBatch = (
  ports: SyncPorts,
  target: StreamTarget,
  records: readonly unknown[],
  rules: SyncRules,
): ReadBatch => {
  const changes: Change[] = [];
  const malformed: Malformed[] = [];
  const sequences: (string | undefined)[] = [];
  records.forEach((record, position) => {
    const read = readRecord(record, position, target.keys, ports.hash, rules.version);
    if (read.kind === 'malformed') malformed.push(read.malformed);
    else changes.push(read.change);
    sequences.push(read.kind === 'malformed' ? read.malformed.sequence : read.change.sequence);
  });
  return { latest: rules.collapse(changes), malformed, sequences };
};

/** Notes what is not done and why; returns how many are. Conflicts and poison are looked at later. */
const settle = (run: Run, sent: readonly Sent<Built>[]): number => {
  for (const { of, outcome } of sent) {
    if (outcome.kind === 'incident') run.incident ??= outcome.reason;
    if (outcome.kind === 'incident' || outcome.kind === 'retry') run.undone.add(of.change.position);
  }
  return sent.filter(({ outcome }) => outcome.kind === 'done').length;
};

interface Poison {
  built: Built;
  reason: string;
}

const poisonOf = (sent: readonly Sent<Built>[]): Poison[] =>
  sent.flatMap(({ of, outcome }) => (outcome.kind === 'poison' ? [{ built: of, reason: outcome.reason }] : []));

const conflictsOf = (sent: readonly Sent<Built>[]): Change[] =>
  sent.filter(({ outcome }) => outcome.kind === 'verify').map(({ of }) => of.change);

/**
 * A stub at the same version, so that no older content stays searchable, then the dead letter; both, or the record comes
 * again. Above the budget nothing is buried: that is a broken mapping, and an incident. Returns the conflicts of the stubs.
 */
const standIn = async (run: Run, poison: readonly Poison[]): Promise<Change[]> => {
  const { ports, target } = run;
  if (poison.length > poisonBudget(run.records.length)) {
    run.incident ??= `${poison.length} documents of one batch were refused; the first: ${poison[0]?.reason}`;
    for (const { built } of poison) run.undone.add(built.change.position);
    return [];
  }
  const writes = poison.map(({ built, reason }) => stubWrite(built, target, reason, ports.hash));
  const sent = await sendAll(ports.index, writes, ports.patience, run.settings);
  settle(run, sent);
  const stubs = sent.filter(({ outcome }) => outcome.kind === 'done');
  await inFlight(stubs, REPAIRS_IN_FLIGHT, async ({ of }) => {
    const reason = poison.find(({ built }) => built.change === of.change)?.reason ?? 'refused';
    if (await buryChange(run, of.change, reason)) run.stubbed++;
  });
  for (const { of, outcome } of sent) {
    if (outcome.kind === 'poison') {
      run.incident ??= `even a stub was refused: ${outcome.reason}`;
      run.undone.add(of.change.position);
    }
  }
  return conflictsOf(sent);
};

/** A conflict proves nothing by itself: only a stored sequence number of the same stream, at least ours, does. */
const newer = async (run: Run, conflicts: readonly Change[], rules: SyncRules): Promise<Change[]> => {
  if (conflicts.length === 0) return [];
  const { ports, target } = run;
  try {
    const ids = conflicts.map(({ id }) => id);
    const stamps = await ports.index.stamps(target.index, ids);
    const doubtful = conflicts.filter((change, i) => {
      const stamp = stamps[i];
      return !(stamp !== undefined && stamp.stream === target.stream && rules.isStale(stamp.sequence, change.sequence));
    });
    run.stale += conflicts.length - doubtful.length;
    return doubtful;
  } catch {
    // Not known to be older: the repair reads for itself.
    return [...conflicts];
  }
};

const repairAll = async (run: Run, changes: readonly Change[]): Promise<void> => {
  const { ports, target, settings, undone } = run;
  await inFlight(changes, REPAIRS_IN_FLIGHT, async (change) => {
    if (ports.patience.remainingMs() < settings.reserveMs) {
      undone.add(change.position);
      return;
    }
    const end = await repair(ports, target, change.keys, change.version);
    if (end.kind === 'gave-up' || end.kind === 'incident') {
      undone.add(change.position);
      if (end.kind === 'incident') run.incident ??= end.reason;
    } else if (end.kind === 'agreed') run.repaired++;
    else if (await buryChange(run, change, end.reason)) run.stubbed++;
  });
};

/** Puts a dead letter; without it the record is not done. */
const buryChange = async (run: Run, change: Change, reason: string): Promise<boolean> =>
  bury(run, change.position, change.sequence, reason, change);

const buryMalformed = async (run: Run, malformed: readonly Malformed[]): Promise<number> => {
  const buried = await inFlight(malformed, REPAIRS_IN_FLIGHT, ({ position, sequence, reason }) =>
    bury(run, position, sequence ?? run.ports.hash(JSON.stringify(run.records[position]) ?? ''), reason),
  );
  return buried.filter(Boolean).length;
};

const bury = async (run: Run, position: number, name: string, reason: string, change?: Change): Promise<boolean> => {
  const { ports, target, records } = run;
  try {
    await ports.deadLetters.put({
      name: `${target.table}/${target.stream}/${name}`,
      reason,
      source: target.table,
      keys: change?.keys,
      record: records[position],
    });
    return true;
  } catch (error) {
    run.incident ??= `a dead letter could not be put: ${error instanceof Error ? error.message : String(error)}`;
    run.undone.add(position);
    return false;
  }
};

const report = (
  run: Run,
  keys: number,
  written: number,
  malformed: number,
  sequences: readonly (string | undefined)[],
  rules: SyncRules,
): SyncReport => ({
  table: run.target.table,
  index: run.target.index,
  records: run.records.length,
  keys,
  written,
  stale: run.stale,
  repaired: run.repaired,
  stubbed: run.stubbed,
  malformed,
  undone: run.undone.size,
  checkpoint: rules.checkpoint(sequences, run.undone),
  incident: run.incident,
});
