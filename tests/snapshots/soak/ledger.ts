import type { Kind } from './kinds.ts';
import { keptBy, type PolicyInWords } from './rules.ts';

// Who judges: a book of what was really done to RDS in one region, kept from the calls that reached it, with its own idea of
// what must never happen. It shares no line with the code under test.

/** A database as those who live with it know it. */
export interface Known {
  resourceId: string;
  selected: boolean;
  policy: PolicyInWords;
  minKeep: number;
  /** Somebody made a mistake in its tags. */
  garbled: boolean;
  exists: boolean;
}

export interface Entry {
  name: string;
  kind: Kind;
  resourceId: string;
  slotMs: number;
  /** Name of the snapshot that it is a copy of. */
  copyOf?: string | undefined;
  /** It cannot be done before. */
  readyMs: number;
  state: 'pending' | 'available' | 'failed';
}

export interface Ledger {
  /** By resource id. */
  databases: Map<string, Known>;
  violations: string[];
  created: number;
  deleted: number;
  failed: number;
  /** When one of a database failed last. */
  failedAtMs: Map<string, number>;
  /** Somebody else's snapshots: planted, never ours to touch. */
  foreign: Set<string>;
  held: Set<string>;
  isExpiryPaused: boolean;
  /** A run begins: its deletions are counted against what may go unconfirmed. */
  beginRun(allowedDeletions: number): void;
  onCreated(entry: Omit<Entry, 'state'>, nowMs: number): Promise<void>;
  /** Before RDS acts on it. */
  onDelete(name: string, nowMs: number): Promise<void>;
  onDeleted(name: string): void;
  /** The newest good snapshot's slot, or undefined. */
  newestGood(resourceId: string, nowMs: number): Promise<number | undefined>;
  /** Own of a database that did not fail; newest first. */
  of(resourceId: string): readonly Readonly<Entry>[];
  /** Whether one of that slot failed. */
  hasFailed(resourceId: string, slotMs: number): boolean;
  /** Whether a copy is being made from that snapshot. */
  isBeingCopied(name: string): Promise<boolean>;
  names(): string[];
  /** How many were there at that moment already and are kept by no rule, no floor and no hold. */
  overdue(resourceId: string, sinceMs: number): Promise<number>;
}

/** An empty book. `look` says what has become of one that was in the making; `isSource` whether a copy is made from it elsewhere. */
export const openLedger = (
  what: string,
  look: (entry: Entry) => Promise<Entry['state']>,
  isSource: (name: string) => Promise<boolean> = async () => false,
): Ledger => {
  const entries = new Map<string, Entry>();
  const byDatabase = new Map<string, Entry[]>();
  let deletionsLeft = Number.POSITIVE_INFINITY;
  const listOf = (resourceId: string) => byDatabase.get(resourceId) ?? [];
  const settle = async (list: readonly Entry[], nowMs: number) => {
    for (const entry of list) {
      if (entry.state !== 'pending' || entry.readyMs > nowMs) continue;
      entry.state = await look(entry);
      if (entry.state !== 'failed') continue;
      ledger.failed += 1;
      ledger.failedAtMs.set(entry.resourceId, entry.readyMs);
    }
  };
  const goodOf = async (resourceId: string, nowMs: number) => {
    await settle(listOf(resourceId), nowMs);
    return listOf(resourceId).filter(({ state }) => state === 'available');
  };
  const wrong = (sentence: string, name: string, nowMs: number): void =>
    void ledger.violations.push(`${what}: ${sentence}: ${name} at ${new Date(nowMs).toISOString()}`);

  const ledger: Ledger = {
    databases: new Map(),
    violations: [],
    created: 0,
    deleted: 0,
    failed: 0,
    failedAtMs: new Map(),
    foreign: new Set(),
    held: new Set(),
    isExpiryPaused: false,
    beginRun: (allowed) => {
      deletionsLeft = allowed;
    },
    onCreated: async (wanted, nowMs) => {
      const { name, resourceId, slotMs } = wanted;
      await settle(listOf(resourceId), nowMs);
      const others = ledger.of(resourceId);
      if (others.some((one) => one.slotMs === slotMs)) wrong('a slot twice', name, nowMs);
      if (others.some((one) => one.slotMs > slotMs)) wrong('data of now under a slot of the past', name, nowMs);
      if (!(slotMs <= nowMs)) wrong('a slot that has not begun', name, nowMs);
      if (ledger.databases.get(resourceId)?.selected !== true) wrong('a database that nobody selected', name, nowMs);
      const entry: Entry = { ...wanted, state: 'pending' };
      entries.set(name, entry);
      byDatabase.set(
        resourceId,
        [...listOf(resourceId), entry].sort((a, b) => b.slotMs - a.slotMs),
      );
      ledger.created += 1;
    },
    onDelete: async (name, nowMs) => {
      const entry = entries.get(name);
      const no = (sentence: string) => wrong(`wrong deletion, ${sentence}`, name, nowMs);
      if (entry === undefined) return ledger.foreign.has(name) ? no("somebody else's") : undefined;
      const [isCopied, seen] = [await isSource(name), await goodOf(entry.resourceId, nowMs)];
      // Another run, at it at the same time, was faster: RDS will say that there is nothing.
      if (entries.get(name) !== entry) return;
      const good = seen.filter((one) => entries.get(one.name) === one);
      const database = ledger.databases.get(entry.resourceId);
      if (ledger.isExpiryPaused) no('while deletions are paused');
      if (ledger.held.has(name)) no('somebody holds it');
      if (isCopied) no('a copy is being made from it');
      if (--deletionsLeft < 0) no('more in one run than may go unconfirmed');
      if (database?.exists && database.garbled) no('of a database with a mistake in its tags');
      // No backup, and nothing to miss.
      if (entry.state === 'failed') return;
      if (database === undefined || !database.exists) return no('all that is left of a database');
      if (!database.selected) no('of a database whose tag was taken off');
      if (good[0] === entry) no('the newest good one');
      if (good.length - 1 < database.minKeep) no(`fewer than ${database.minKeep} would be left`);
      const slots = good.map(({ slotMs }) => slotMs);
      if (keptBy(database.policy, slots).has(entry.slotMs)) no('a rule keeps it');
    },
    onDeleted: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) return;
      entries.delete(name);
      byDatabase.set(
        entry.resourceId,
        listOf(entry.resourceId).filter((one) => one !== entry),
      );
      ledger.deleted += 1;
    },
    newestGood: async (resourceId, nowMs) => (await goodOf(resourceId, nowMs))[0]?.slotMs,
    of: (resourceId) => listOf(resourceId).filter(({ state }) => state !== 'failed'),
    hasFailed: (resourceId, slotMs) =>
      listOf(resourceId).some((one) => one.slotMs === slotMs && one.state === 'failed'),
    isBeingCopied: async (name) => {
      const copies = [...entries.values()].filter(({ copyOf, state }) => copyOf === name && state === 'pending');
      await settle(copies, Number.POSITIVE_INFINITY);
      return copies.some(({ state }) => state === 'pending');
    },
    names: () => [...entries.keys()],
    overdue: async (resourceId, sinceMs) => {
      const { policy, minKeep } = ledger.databases.get(resourceId)!;
      const good = (await goodOf(resourceId, sinceMs)).filter(({ readyMs }) => readyMs <= sinceMs);
      const slots = good.map(({ slotMs }) => slotMs);
      const kept = keptBy(policy, slots);
      return good
        .filter(({ name, slotMs }) => !kept.has(slotMs) && !ledger.held.has(name))
        .slice(Math.max(0, minKeep - kept.size)).length;
    },
  };
  return ledger;
};
