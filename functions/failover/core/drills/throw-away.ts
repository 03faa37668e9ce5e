import type { Drill, Part } from './drill.ts';

// The only thing in this wing that deletes an instance asks here first. Every condition is a function of its own, in a table, so
// that a test can take one away and see the harm. IAM has the first one too.

/** The tags of what a drill made. */
export const DRILL_TAGS = { pair: 'mainstay:drill', name: 'mainstay:drill-name' } as const;

/** An instance as RDS describes it now. */
export interface Sight {
  instance: string;
  region: string;
  resourceId: string;
  status: string;
  tags: Readonly<Record<string, string>>;
  /** Absent while it is being made. */
  createdMs?: number | undefined;
  source?: string | undefined;
  endpoint?: { host: string; port: number } | undefined;
  backupRetentionDays: number;
  securityGroups: readonly { id: string; active: boolean }[];
  parameterGroup?: string | undefined;
}

/** What is under a name now. `unseen` is no evidence of anything. */
export type Look<One> = { kind: 'absent' } | { kind: 'seen'; one: One } | { kind: 'unseen'; detail: string };

export type ConditionName = 'our-tag' | 'this-drill' | 'recorded-resource' | 'recorded-name' | 'not-the-pair';

interface Case {
  seen: Sight;
  drill: Drill;
  part: Part;
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
    holds: ({ seen, drill }) => seen.tags[DRILL_TAGS.pair] === drill.pair,
    otherwise: `its tag ${DRILL_TAGS.pair} does not name this pair`,
  },
  {
    name: 'this-drill',
    holds: ({ seen, drill }) => seen.tags[DRILL_TAGS.name] === drill.name,
    otherwise: `its tag ${DRILL_TAGS.name} does not name this drill`,
  },
  {
    name: 'recorded-resource',
    holds: ({ seen, drill, part }) =>
      drill[part].resourceId !== undefined && seen.resourceId === drill[part].resourceId,
    otherwise: 'its resource id is not the one that this drill recorded',
  },
  {
    name: 'recorded-name',
    holds: ({ seen, drill, part }) => seen.instance === drill[part].instance && seen.region === drill[part].region,
    otherwise: 'its name is not the one that this drill recorded',
  },
  {
    name: 'not-the-pair',
    holds: ({ seen, drill: { production } }) =>
      [production.leader, production.candidate].every(
        ({ instance, resourceId }) => seen.instance !== instance && seen.resourceId !== resourceId,
      ),
    otherwise: 'it is an instance of the pair itself',
  },
];

export type Removal = { may: true } | { may: false; because: ConditionName; sentence: string };

/**
 * Whether an instance may be changed or deleted by a drill: only when it is its own throw-away beyond doubt. Asked when the step
 * is decided, and again by the adapter with a fresh look right before the call.
 */
export const mayTouch = (
  seen: Sight,
  drill: Drill,
  part: Part,
  conditions: readonly RemovalCondition[] = REMOVAL_CONDITIONS,
): Removal => {
  const failed = conditions.find((condition) => !condition.holds({ seen, drill, part }));
  return failed === undefined
    ? { may: true }
    : { may: false, because: failed.name, sentence: `${seen.instance} is left alone: ${failed.otherwise}.` };
};

/** RDS's clock and ours may differ by this much. */
const SKEW_MS = 5 * 60_000;

/**
 * Whether what stands under the recorded name is what was asked for, so that its resource id may be written down: both tags are
 * ours, it is no older than the drill, and the replica replicates the drill's own primary.
 */
export const isAdoptable = (seen: Sight, drill: Drill, part: Part): boolean => {
  const { askedMs, resourceId } = drill[part];
  return (
    askedMs !== undefined &&
    resourceId === undefined &&
    seen.resourceId !== '' &&
    seen.tags[DRILL_TAGS.pair] === drill.pair &&
    seen.tags[DRILL_TAGS.name] === drill.name &&
    (seen.createdMs === undefined || seen.createdMs >= drill.startedMs - SKEW_MS) &&
    mayTouch(seen, { ...drill, [part]: { ...drill[part], resourceId: seen.resourceId } }, part).may
  );
};

/** Tags of what a drill makes: these and no others, so that nothing takes it for the database that it is a copy of. */
export const drillTags = (drill: Pick<Drill, 'pair' | 'name'>): Record<string, string> => ({
  [DRILL_TAGS.pair]: drill.pair,
  [DRILL_TAGS.name]: drill.name,
});
