import type { Kind, Tags } from '../inventory.ts';
import { hyphenated } from '../names.ts';
import type { ThrowAway, Verification } from './verification.ts';

// The only thing in the wing that deletes a database asks here first. Every condition is a function of its own, in a
// table, so that a test can take one away and see the harm. IAM has the first one too.

/** The tags of a database that a restore verification made. */
export const THROW_AWAY = { stack: 'mainstay:throw-away', record: 'mainstay:verification' } as const;

/** A database as RDS describes it now. */
export interface SeenDatabase {
  kind: Kind;
  id: string;
  resourceId: string;
  status: string;
  tags: Tags;
  memberOf?: string | undefined;
  /** Absent while it is being made. */
  createdMs?: number | undefined;
  endpoint?: { host: string; port: number } | undefined;
  masterUsername?: string | undefined;
  /** A new master password is asked for and not there yet. */
  passwordPending?: boolean | undefined;
}

/** What is under an id now. `unseen` is no evidence of anything. */
export type Look = { kind: 'absent' } | { kind: 'seen'; database: SeenDatabase } | { kind: 'unseen'; detail: string };

export type ConditionName = 'our-tag' | 'this-record' | 'recorded-resource' | 'recorded-name' | 'not-the-source';

interface Case {
  seen: SeenDatabase;
  record: Verification;
  /** The entry of the record that is of this kind and about to go. */
  entry: ThrowAway;
  stack: string;
}

export interface RemovalCondition {
  name: ConditionName;
  holds(one: Case): boolean;
  /** Why not, in words. */
  otherwise: string;
}

export const REMOVAL_CONDITIONS: readonly RemovalCondition[] = [
  {
    name: 'our-tag',
    holds: ({ seen, stack }) => seen.tags[THROW_AWAY.stack] === stack,
    otherwise: `its tag ${THROW_AWAY.stack} does not name this stack`,
  },
  {
    name: 'this-record',
    holds: ({ seen, record }) => seen.tags[THROW_AWAY.record] === record.name,
    otherwise: `its tag ${THROW_AWAY.record} does not name this verification`,
  },
  {
    name: 'recorded-resource',
    holds: ({ seen, entry }) => entry.resourceId !== undefined && seen.resourceId === entry.resourceId,
    otherwise: 'its resource id is not the one that this verification recorded',
  },
  {
    name: 'recorded-name',
    holds: ({ seen, entry }) => seen.id.toLowerCase() === entry.id.toLowerCase(),
    otherwise: 'its name is not the one that this verification recorded',
  },
  {
    name: 'not-the-source',
    holds: ({ seen, record }) => seen.resourceId !== record.source.resourceId,
    otherwise: 'it is the database that the snapshot was taken from',
  },
];

export type Removal = { may: true } | { may: false; because: ConditionName; sentence: string };

/**
 * Whether a database may be changed or deleted by a verification: only when it is this one's own throw-away beyond doubt.
 * Asked when the step is decided, and again by the adapter with a fresh look right before the call.
 */
export const mayRemove = (
  seen: SeenDatabase,
  record: Verification,
  entry: ThrowAway,
  stack: string,
  conditions: readonly RemovalCondition[] = REMOVAL_CONDITIONS,
): Removal => {
  const failed = conditions.find((condition) => !condition.holds({ seen, record, entry, stack }));
  return failed === undefined
    ? { may: true }
    : { may: false, because: failed.name, sentence: `${seen.id} is left alone: ${failed.otherwise}.` };
};

/** RDS's clock and ours may differ by this much. */
const SKEW_MS = 5 * 60_000;

/**
 * After a crash between the call to RDS and writing its answer down: whether what stands under the recorded id is what was
 * asked for. It carries both tags, is no older than the verification, is not the source, and sits in our own cluster.
 */
export const isAdoptable = (seen: SeenDatabase, record: Verification, entry: ThrowAway, stack: string): boolean => {
  const [first] = record.throwAways;
  return (
    entry.askedMs !== undefined &&
    entry.resourceId === undefined &&
    seen.tags[THROW_AWAY.stack] === stack &&
    seen.tags[THROW_AWAY.record] === record.name &&
    seen.resourceId !== '' &&
    seen.resourceId !== record.source.resourceId &&
    (seen.createdMs === undefined || seen.createdMs >= record.startedMs - SKEW_MS) &&
    (first === entry || seen.memberOf === first?.id)
  );
};

/** Tags of what a verification makes: these and no others, so that nothing takes it for the database that it is a copy of. */
export const throwAwayTags = (stack: string, record: string): Record<string, string> => ({
  [THROW_AWAY.stack]: stack,
  [THROW_AWAY.record]: record,
});

// docs: API_RestoreDBInstanceFromDBSnapshot — 1 to 63 letters, digits, hyphens; first a letter, no hyphen last, no two in a row.
const MOST = 63;

/** A name for a throw-away: nobody else's, for its end is random. `random` is hexadecimal. */
export const throwAwayId = (prefix: string, databaseId: string, random: string): string => {
  const room = MOST - prefix.length - random.length - 'v--'.length - '-1'.length;
  return [`${prefix}v`, hyphenated(hyphenated(databaseId).slice(0, room)), random].filter(Boolean).join('-');
};

/** The databases to be made for a snapshot. A Multi-AZ cluster's snapshot restores to one instance; only Aurora needs a cluster and an instance in it. */
export const throwAwaysFor = (kind: Kind, engine: string, id: string): ThrowAway[] =>
  needsCluster(kind, engine)
    ? [
        { kind: 'cluster', id },
        { kind: 'instance', id: `${id}-1` },
      ]
    : [{ kind: 'instance', id }];

// docs: API_RestoreDBInstanceFromDBSnapshot, DBClusterSnapshotIdentifier — a Multi-AZ cluster's snapshot, and not an Aurora one's.
const needsCluster = (kind: Kind, engine: string): boolean => kind === 'cluster' && engine.startsWith('aurora');
