import { hourKey } from './calendar.ts';
import type { Kind, Snapshot } from './inventory.ts';

// docs: API_CreateDBClusterSnapshot — 1 to 63 letters, digits or hyphens, first a letter, no hyphen last, no two in a row.
// (API_CreateDBSnapshot allows 255.) RDS keeps names in lower case.
const MAX_NAME = 63;
const STAMP = 'yyyymmddthh'.length;
const HASH = 6;
const ATTEMPT = '-99'.length;

/** The name of a database's snapshot of one slot: the same for every duplicate, late or concurrent trigger. Attempt 2 and up is for a name that is taken. */
export const snapshotName = (prefix: string, id: string, resourceId: string, slotMs: number, attempt = 1): string => {
  const room = MAX_NAME - prefix.length - STAMP - HASH - ATTEMPT - 3;
  const short = hyphenated(hyphenated(id).slice(0, room));
  const stamp = stampOf(slotMs);
  const parts = [prefix, short, stamp, hash(resourceId), attempt > 1 ? String(attempt) : ''];
  return parts.filter((part) => part !== '').join('-');
};

const stampOf = (slotMs: number): string => hourKey(slotMs).replaceAll('-', '').toLowerCase();

/** A text as RDS takes it into a name: lower-case letters and digits, single hyphens between them. */
export const hyphenated = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** Six hex digits of FNV-1a (32 bits, folded to 24): enough to tell databases of one shortened id apart; a collision costs a suffix, not a snapshot. */
const hash = (text: string): string => {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (((value >>> 24) ^ value) & 0xff_ffff).toString(16).padStart(HASH, '0');
};

/** The first attempt whose name is free among these snapshots of the same kind. */
export const freeName = (
  name: (attempt: number) => string,
  taken: ReadonlySet<string>,
): { name: string; attempt: number } => {
  for (let attempt = 1; attempt < 99; attempt++) {
    if (!taken.has(name(attempt))) return { name: name(attempt), attempt };
  }
  return { name: name(99), attempt: 99 };
};

/** The names of a slot's snapshots among these, as RDS compares them: in lower case. Only these can be in a new one's way. */
export const namesOfSlot = (snapshots: readonly Snapshot[], kind: Kind, slotMs: number): ReadonlySet<string> => {
  const stamp = stampOf(slotMs);
  const names = new Set<string>();
  for (const snapshot of snapshots) {
    if (snapshot.kind !== kind) continue;
    const name = snapshot.id.toLowerCase();
    if (name.includes(stamp)) names.add(name);
  }
  return names;
};
