import type { Database, Snapshot, Tags } from '../inventory.ts';
import type { Settings } from '../policy.ts';
import { OWN, readSwitch, tagsFor } from '../tags.ts';

/** The ARN of the snapshot that a copy of ours was made from. */
export const SOURCE_SNAPSHOT = 'mainstay:source-snapshot';

// What was written down about the source itself is not true of its copy: that it was checked, or what it was restored to.
const OF_THE_SOURCE = /^mainstay:(source-snapshot|verified|verification|throw-away|restored)/;
const MOST_TAGS = 50;

/**
 * The tags of a copy: ours first, then the source snapshot's own. Always given, because CopyTags fails on tags that begin
 * with `aws:` (docs: API_CopyDBSnapshot, Tags; USER_Tagging).
 */
export const copyTags = (
  source: Snapshot,
  database: Database,
  slotMs: number,
  stack: string,
): Readonly<Record<string, string>> => {
  const tags: Tags = Object.fromEntries(Object.entries(source.tags).filter(([key]) => !OF_THE_SOURCE.test(key)));
  const ours = tagsFor({ ...database, tags }, source.id, slotMs, stack);
  return Object.fromEntries([[SOURCE_SNAPSHOT, source.arn], ...Object.entries(ours)].slice(0, MOST_TAGS));
};

/** The ARN that a snapshot was copied from: RDS's word, else our tag; undefined for one that is no copy. */
export const sourceArnOf = ({ sourceArn, tags }: Snapshot): string | undefined => sourceArn ?? tags[SOURCE_SNAPSHOT];

/** The region in an ARN, or nothing for a text that is none. */
export const regionOf = (arn: string | undefined): string | undefined => arn?.split(':')[3] || undefined;

/**
 * A copy as expiry judges it. It belongs to the database that our tag names: that RDS keeps the source's resource id on
 * a copy is likely, and nowhere promised.
 */
export const asCopy = (snapshot: Snapshot): Snapshot => {
  const resourceId = snapshot.tags[OWN.resourceId];
  return SOURCE_SNAPSHOT in snapshot.tags && resourceId !== undefined ? { ...snapshot, resourceId } : snapshot;
};

/** Whether a database's snapshots are copied: yes, unless its tag says no. A value that cannot be read is `readWishes`'s problem, and means yes. */
export const wantsCopies = ({ tags }: Pick<Database, 'tags'>, { tagKey }: Pick<Settings, 'tagKey'>): boolean =>
  readSwitch(tags[`${tagKey}:copies`] ?? 'true') ?? true;
