import { keptBy, type PolicyInWords } from './rules.ts';

// Who judges: a book of what was really done to RDS, kept from the calls that reached it, with its own idea of what must never
// happen. It shares no line with the code under test.

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

interface Entry {
  name: string;
  resourceId: string;
  slotMs: number;
  madeMs: number;
  availableMs: number;
}

export interface Ledger {
  /** By resource id. */
  databases: Map<string, Known>;
  violations: string[];
  created: number;
  deleted: number;
  /** Somebody else's snapshots: planted, never ours to touch. */
  foreign: Set<string>;
  held: Set<string>;
  /** Names of snapshots that a copy is being made from. */
  copying: Set<string>;
  isExpiryPaused: boolean;
  /** A run begins: its deletions are counted against what may go unconfirmed. */
  beginRun(allowedDeletions: number): void;
  onCreated(entry: { name: string; resourceId: string; slotMs: number; nowMs: number; durationMs: number }): void;
  /** Before RDS acts on it. */
  onDelete(name: string, nowMs: number): void;
  onDeleted(name: string): void;
  /** The newest good snapshot's slot, or undefined. */
  newestGood(resourceId: string, nowMs: number): number | undefined;
  hasSlot(resourceId: string, slotMs: number): boolean;
  /** Own, in being or made; newest first. */
  of(resourceId: string): readonly Readonly<Entry>[];
  names(): string[];
  /** How many were there at that moment already and are kept by no rule, no floor and no hold. */
  overdue(resourceId: string, sinceMs: number): number;
}

/** An empty book. */
export const openLedger = (): Ledger => {
  const entries = new Map<string, Entry>();
  const byDatabase = new Map<string, Entry[]>();
  let deletionsLeft = Number.POSITIVE_INFINITY;
  const listOf = (resourceId: string) => byDatabase.get(resourceId) ?? [];
  const goodOf = (resourceId: string, nowMs: number) =>
    listOf(resourceId).filter(({ availableMs }) => availableMs <= nowMs);

  const ledger: Ledger = {
    databases: new Map(),
    violations: [],
    created: 0,
    deleted: 0,
    foreign: new Set(),
    held: new Set(),
    copying: new Set(),
    isExpiryPaused: false,
    beginRun: (allowed) => {
      deletionsLeft = allowed;
    },
    onCreated: ({ name, resourceId, slotMs, nowMs, durationMs }) => {
      const wrong = (what: string) => ledger.violations.push(`${what}: ${name} at ${new Date(nowMs).toISOString()}`);
      const others = listOf(resourceId);
      if (others.some((one) => one.slotMs === slotMs)) wrong('a slot twice');
      if (others.some((one) => one.slotMs > slotMs)) wrong('data of now under a slot of the past');
      if (slotMs > nowMs) wrong('a slot that has not begun');
      if (ledger.databases.get(resourceId)?.selected === false) wrong('a database that nobody selected');
      const entry = { name, resourceId, slotMs, madeMs: nowMs, availableMs: nowMs + durationMs };
      entries.set(name, entry);
      byDatabase.set(
        resourceId,
        [...others, entry].sort((a, b) => b.slotMs - a.slotMs),
      );
      ledger.created += 1;
    },
    onDelete: (name, nowMs) => {
      const wrong = (what: string) =>
        ledger.violations.push(`wrong deletion, ${what}: ${name} at ${new Date(nowMs).toISOString()}`);
      const entry = entries.get(name);
      if (entry === undefined) {
        if (ledger.foreign.has(name)) wrong("somebody else's");
        return;
      }
      const database = ledger.databases.get(entry.resourceId);
      const good = goodOf(entry.resourceId, nowMs);
      if (database === undefined || !database.exists) return void wrong('all that is left of a database');
      if (!database.selected) wrong('of a database whose tag was taken off');
      if (database.garbled) wrong('of a database with a mistake in its tags');
      if (ledger.isExpiryPaused) wrong('while deletions are paused');
      if (ledger.held.has(name)) wrong('somebody holds it');
      if (ledger.copying.has(name)) wrong('a copy is being made from it');
      if (good[0]?.name === name) wrong('the newest good one');
      if (good.length - 1 < database.minKeep) wrong(`fewer than ${database.minKeep} would be left`);
      const slots = good.map(({ slotMs }) => slotMs);
      if (keptBy(database.policy, slots).has(entry.slotMs)) wrong('a rule keeps it');
      if (--deletionsLeft < 0) wrong('more in one run than may go unconfirmed');
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
    newestGood: (resourceId, nowMs) => goodOf(resourceId, nowMs)[0]?.slotMs,
    hasSlot: (resourceId, slotMs) => listOf(resourceId).some((one) => one.slotMs === slotMs),
    of: listOf,
    names: () => [...entries.keys()],
    overdue: (resourceId, sinceMs) => {
      const { policy, minKeep } = ledger.databases.get(resourceId)!;
      const good = goodOf(resourceId, sinceMs);
      const kept = keptBy(
        policy,
        good.map(({ slotMs }) => slotMs),
      );
      return good
        .filter(({ name, slotMs }) => !kept.has(slotMs) && !ledger.held.has(name))
        .slice(Math.max(0, minKeep - kept.size)).length;
    },
  };
  return ledger;
};
