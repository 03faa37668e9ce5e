import { formatInstant, parseInstant } from './calendar.ts';
import type { Database, Snapshot, Tags } from './inventory.ts';

/** The tags that make a snapshot ours. All of them are needed: half a set is somebody's copy or somebody's hand. */
export const OWN = {
  stack: 'mainstay:stack',
  /** The snapshot's own name: a copy that took our tags along names another one, so it is not ours. */
  name: 'mainstay:snapshot',
  slot: 'mainstay:slot',
  resourceId: 'mainstay:resource-id',
  source: 'mainstay:source',
} as const;

/** What people put on a snapshot to keep it. */
export const HOLD = { always: 'mainstay:hold', until: 'mainstay:hold-until' } as const;

/** What a restore verification writes on the snapshot that it tried. */
export const VERIFIED = { at: 'mainstay:verified-at', result: 'mainstay:verified' } as const;

// docs: USER_Tagging — 50 tags, keys up to 128 characters, values up to 256, letters, digits, space and _.:/=+-@;
// the prefixes aws: and rds: are reserved (the API model says so of values too).
/** Of the 50, four are left for what comes later: a verification's result and a person's hold. */
const MAX_TAGS = 50 - 4;
const MAX_KEY = 128;
const MAX_VALUE = 256;
const ILLEGAL = /[^\p{L}\p{N}\p{Z}_.:/=+\-@]/gu;
const RESERVED = /^(aws|rds):/i;
const LAST_OF_OURS = new Set<string>([...Object.values(OWN), ...Object.values(HOLD), ...Object.values(VERIFIED)]);

/** The tags of a new snapshot: ours first, then the source's own, for tags in the request switch CopyTagsToSnapshot off. */
export const tagsFor = (database: Database, name: string, slotMs: number, stack: string): Record<string, string> => {
  const tags: Record<string, string> = {
    [OWN.stack]: stack,
    [OWN.name]: name,
    [OWN.slot]: formatInstant(slotMs),
    [OWN.resourceId]: database.resourceId,
    [OWN.source]: database.arn.slice(0, MAX_VALUE),
  };
  for (const [key, value] of Object.entries(database.tags)) {
    if (Object.keys(tags).length === MAX_TAGS) break;
    const legalKey = legal(key, MAX_KEY);
    // A restored database carries the tags of the snapshot that it came from: they are about that one.
    if (RESERVED.test(legalKey) || LAST_OF_OURS.has(legalKey) || legalKey in tags || legalKey === '') continue;
    tags[legalKey] = legalValue(value);
  }
  return tags;
};

/** How many of a source's tags found no room beside ours on its snapshot. */
export const tagsCut = (database: Database): number => {
  const own = Object.keys(database.tags).filter((key) => !RESERVED.test(key) && !LAST_OF_OURS.has(key)).length;
  return Math.max(0, own + Object.keys(OWN).length - MAX_TAGS);
};

const legal = (text: string, max: number): string => text.replace(ILLEGAL, '_').slice(0, max);

/** A text as a tag's value: what RDS does not take becomes `_`, and a reserved prefix gets one before it. */
export const legalValue = (text: string): string => {
  const value = legal(text, MAX_VALUE);
  return RESERVED.test(value) ? `_${value}`.slice(0, MAX_VALUE) : value;
};

/** The slot that a snapshot says it is of; undefined when its tag is missing or unreadable. */
export const slotOf = (snapshot: Snapshot): number | undefined => parseInstant(snapshot.tags[OWN.slot] ?? '');

/** The resource id that a snapshot belongs to: AWS's word first, else our tag (a copy in another account loses AWS's). */
export const groupOf = (snapshot: Snapshot): string =>
  snapshot.resourceId ?? snapshot.tags[OWN.resourceId] ?? `unknown:${snapshot.databaseId}`;

/** Until when a hold lasts: a moment, or the end of a day (UTC); undefined when it cannot be read. */
export const holdEnd = (text: string): number | undefined => {
  const until = text.trim();
  return parseInstant(/^\d{4}-\d\d-\d\d$/.test(until) ? `${until}T23:59:59Z` : until);
};

/** True when somebody wants this snapshot kept. A date that cannot be read holds: no deletion on doubt. */
export const isHeld = (tags: Tags, nowMs: number): boolean => {
  const always = tags[HOLD.always]?.trim().toLowerCase();
  if (always !== undefined && !NO.has(always)) return true;
  const until = tags[HOLD.until];
  if (until === undefined) return false;
  const untilMs = holdEnd(until);
  return untilMs === undefined || nowMs <= untilMs;
};

const YES = new Set(['true', 'yes', 'on', '1']);
const NO = new Set(['false', 'no', 'off', '0']);

/** Reads a tag that says yes or no, as people write it; undefined when it says neither. */
export const readSwitch = (text: string): boolean | undefined => {
  const word = text.trim().toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : undefined;
};
