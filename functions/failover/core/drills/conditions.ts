import type { Answer, NamesReport } from '../evidence.ts';
import { reportOf } from '../evidence.ts';
import type { FailoverRecord } from '../record.ts';
import type { Drill, DrillPhase, Part } from './drill.ts';
import type { DrillCondition, DrillStep } from './phases.ts';
import {
  isAdoptable,
  type Look,
  mayTouch,
  REMOVAL_CONDITIONS,
  type RemovalCondition,
  type Sight,
} from './throw-away.ts';

/** RDS gives a group's tags by another call: the name with its random end is the drill's alone, and IAM asks for the tag. */
export interface GroupSight {
  name: string;
}

/** Everything that one step is decided from. */
export interface DrillSituation {
  drill: Drill;
  leader: Look<Sight>;
  replica: Look<Sight>;
  group: Look<GroupSight>;
  /** The drill's own name. */
  names: Answer<NamesReport>;
  /** The drill's own record of the throw-away pair. */
  record: Answer<FailoverRecord | undefined>;
  /** The record of the pair itself. */
  pair: Answer<FailoverRecord | undefined>;
  snapshot: Answer<{ id: string; atMs: number } | undefined>;
  /** The empty group of the leader's region. */
  fencedSecurityGroupId: string;
  nowMs: number;
  conditions?: readonly RemovalCondition[];
}

/** Cost cap: whatever is not over by then is removed. */
export const MAX_DRILL_MS = 4 * 3_600_000;
/** After this, "there is nothing" is true of what was asked for: RDS's answers may lag behind its acts. */
export const SETTLE_MS = 5 * 60_000;
/** A doubt about whose instance it is lasts this long before it is left to people. */
const KEPT_MS = 30 * 60_000;
/** A primary that runs so long after the fault has withstood it. */
const CAME_BACK_MS = 10 * 60_000;
const ASK_AGAIN_MS = 60_000;
const CHANGE_AGAIN_MS = 15_000;
const MOST_ASKS = 10;
/** The guard's write was accepted at most so long ago, by a record that is written every 50 s in quiet times. */
const WATCHED_MS = 90_000;

// docs: accessing-monitoring, DB instance status. What says so never becomes available by itself.
const BAD = /^(failed|restore-error|inaccessible-encryption-credentials.*|incompatible-.*|insufficient-capacity)$/;

const sightOf = <One>(look: Look<One>): One | undefined => (look.kind === 'seen' ? look.one : undefined);

/** What is under a part's name, when it is the drill's own beyond doubt. */
export const ours = (situation: DrillSituation, part: Part): Sight | undefined => {
  const seen = sightOf(situation[part]);
  const { drill, conditions } = situation;
  return seen !== undefined && mayTouch(seen, drill, part, conditions ?? REMOVAL_CONDITIONS).may ? seen : undefined;
};

const isDue = ({ drill, nowMs }: DrillSituation, step: DrillStep, everyMs: number): boolean =>
  drill.triedStep !== step || nowMs - (drill.triedMs ?? 0) >= everyMs;

const settled = (askedMs: number | undefined, nowMs: number): boolean =>
  askedMs === undefined || nowMs - askedMs >= SETTLE_MS;

const parts: readonly Part[] = ['leader', 'replica'];

const isForeign = (s: DrillSituation, part: Part): boolean => {
  const seen = sightOf(s[part]);
  return seen !== undefined && ours(s, part) === undefined && !isAdoptable(seen, s.drill, part);
};

/** Nothing of ours is under this part's name any more, or there never was. */
const isGone = (s: DrillSituation, part: Part): boolean => {
  const { askedMs, removedMs, resourceId } = s.drill[part];
  if (askedMs === undefined) return true;
  // Somebody was faster with this name: there was never anything of ours under it.
  if (s[part].kind === 'seen') return resourceId === undefined && isForeign(s, part) && settled(askedMs, s.nowMs);
  return s[part].kind === 'absent' && (removedMs !== undefined || settled(askedMs, s.nowMs));
};

/** Asked for, ours, and RDS was not told to remove it within the last moments. */
const stands = (s: DrillSituation, part: Part): boolean => {
  const seen = ours(s, part);
  return seen !== undefined && seen.status !== 'deleting' && isDue(s, `remove-${part}`, CHANGE_AGAIN_MS);
};

const isGroupGone = ({ drill: { group }, group: look, nowMs }: DrillSituation): boolean =>
  group.askedMs === undefined ||
  (look.kind === 'absent' && (group.removedMs !== undefined || settled(group.askedMs, nowMs)));

/** The part that holds a removal up because it is not ours beyond doubt. */
export const keptPart = (s: DrillSituation): Part | undefined =>
  parts.find((part) => s.drill[part].askedMs !== undefined && isForeign(s, part) && !isGone(s, part));

/** Whether a host is an endpoint of the drill's own: RDS's names begin with the instance's. */
const isOurHost = ({ leader, replica }: Drill, host: string): boolean =>
  [leader, replica].some(({ instance }) => host.toLowerCase().startsWith(`${instance}.`));

/** What of the drill's name is the drill's own to delete. */
export const ownNames = ({ drill, names }: Pick<DrillSituation, 'drill' | 'names'>): NamesReport => {
  const { value, ttlSeconds, epochText, epochTtlSeconds } = reportOf(names) ?? {};
  return {
    ...(value !== undefined && isOurHost(drill, value) && { value, ttlSeconds }),
    ...(epochText?.includes(`leader=${drill.replica.instance}`) && { epochText, epochTtlSeconds }),
  };
};

const hasOwnNames = (s: DrillSituation): boolean => {
  const { value, epochText } = ownNames(s);
  return value !== undefined || epochText !== undefined;
};

const drillRecord = (s: DrillSituation): FailoverRecord | undefined => {
  const record = reportOf(s.record);
  return record?.leader.instance === s.drill.leader.instance || record?.candidate.instance === s.drill.replica.instance
    ? record
    : record?.leader.instance === s.drill.replica.instance
      ? record
      : undefined;
};

const isCutOff = (s: DrillSituation): boolean => {
  const one = ours(s, 'leader');
  return (
    one !== undefined &&
    one.securityGroups.length === 1 &&
    one.securityGroups[0]?.id === s.fencedSecurityGroupId &&
    one.parameterGroup === s.drill.group.name
  );
};

/** What of the world each phase cannot do without. */
const NEEDS: Readonly<
  Record<DrillPhase, readonly ('leader' | 'replica' | 'group' | 'names' | 'record' | 'snapshot')[]>
> = {
  asked: ['snapshot'],
  restoring: ['leader', 'group'],
  replicating: ['leader', 'replica'],
  naming: ['leader', 'replica', 'names', 'record'],
  settling: ['leader', 'replica', 'record'],
  breaking: ['leader', 'replica'],
  'failing-over': ['record'],
  removing: ['leader', 'replica', 'group', 'names'],
  over: [],
};

const unseen = (s: DrillSituation): boolean =>
  NEEDS[s.drill.phase].some((what) =>
    what === 'leader' || what === 'replica' || what === 'group' ? s[what].kind === 'unseen' : s[what].kind !== 'ok',
  );

/** What each condition of the table means. */
export const DRILL_HOLDS: Readonly<Record<DrillCondition, (s: DrillSituation) => boolean>> = {
  otherwise: () => true,
  unseen,
  'called-off': ({ drill }) => drill.calledOff !== undefined,
  'pair-in-trouble': ({ pair }) => {
    const record = reportOf(pair);
    return record !== undefined && record.phase !== 'healthy';
  },
  overdue: ({ drill, nowMs }) => nowMs - drill.startedMs > MAX_DRILL_MS,
  'not-ours': (s) => parts.some((part) => isForeign(s, part) && settled(s.drill[part].askedMs, s.nowMs)),
  vanished: (s) =>
    parts.some((part) => s.drill[part].resourceId !== undefined && s[part].kind === 'absent') ||
    parts.some((part) => part === 'replica' && BAD.test(ours(s, part)?.status ?? '')) ||
    (s.drill.phase !== 'failing-over' && s.drill.phase !== 'breaking' && BAD.test(ours(s, 'leader')?.status ?? '')),
  'tried-too-often': (s) =>
    ['restoring', 'replicating', 'naming', 'breaking'].includes(s.drill.phase) &&
    s.drill.attempts >= MOST_ASKS &&
    s.nowMs - (s.drill.triedMs ?? 0) >= CHANGE_AGAIN_MS,
  'snapshot-found': ({ snapshot }) => reportOf(snapshot) !== undefined,
  'leader-is-new': (s) => isNew(s, 'leader'),
  'replica-is-new': (s) => isNew(s, 'replica'),
  'group-is-due': (s) => s.group.kind === 'absent' && isDue(s, 'make-group', ASK_AGAIN_MS),
  'leader-is-due': (s) => partIsDue(s, 'leader'),
  'leader-is-ready': (s) => {
    const one = ours(s, 'leader');
    // A replica is made only of a source that keeps backups (docs: API_CreateDBInstanceReadReplica).
    return one?.status === 'available' && one.endpoint !== undefined && one.backupRetentionDays > 0;
  },
  'replica-is-due': (s) => partIsDue(s, 'replica'),
  'replica-is-ready': (s) => {
    const one = ours(s, 'replica');
    const { instance } = s.drill.leader;
    return one?.status === 'available' && (one.source === instance || one.source?.endsWith(`:db:${instance}`) === true);
  },
  'name-is-due': (s) => ownNames(s).value === undefined && isDue(s, 'name', CHANGE_AGAIN_MS),
  'record-is-due': (s) => ownNames(s).value !== undefined && drillRecord(s) === undefined,
  'named-and-enrolled': (s) => ownNames(s).value !== undefined && drillRecord(s) !== undefined,
  'pair-is-watched': (s) => {
    const record = drillRecord(s);
    return (
      record?.phase === 'healthy' &&
      record.hold === undefined &&
      record.failing === undefined &&
      record.lastWrite !== undefined &&
      s.nowMs - record.lastWrite.atMs < WATCHED_MS &&
      record.leader.endpoint !== undefined &&
      // Learned of a replica that receives, and of no other.
      record.candidate.resourceId !== undefined &&
      record.candidate.resourceId === s.drill.replica.resourceId
    );
  },
  'still-in-its-network': (s) =>
    !isCutOff(s) && ours(s, 'leader')?.status === 'available' && isDue(s, 'take-out', CHANGE_AGAIN_MS),
  'out-of-its-network': (s) => {
    const one = ours(s, 'leader');
    return (
      isCutOff(s) &&
      one?.status === 'available' &&
      one.securityGroups.every(({ active }) => active) &&
      isDue(s, 'reboot', ASK_AGAIN_MS)
    );
  },
  // Asked for is not done: RDS shows it, or the engine does.
  rebooted: (s) => {
    const status = ours(s, 'leader')?.status ?? 'available';
    return s.drill.rebootedMs !== undefined && isCutOff(s) && (status === 'rebooting' || BAD.test(status));
  },
  'came-back': (s) =>
    ours(s, 'leader')?.status === 'available' && s.nowMs - (s.drill.rebootedMs ?? s.nowMs) > CAME_BACK_MS,
  'failed-over': (s) => {
    const record = reportOf(s.record);
    return record?.phase === 'degraded' && record.leader.instance === s.drill.replica.instance;
  },
  'name-stands': (s) => hasOwnNames(s) && isDue(s, 'remove-name', CHANGE_AGAIN_MS),
  'replica-stands': (s) => stands(s, 'replica'),
  'leader-stands': (s) => isGone(s, 'replica') && stands(s, 'leader'),
  'group-stands': (s) =>
    s.drill.group.askedMs !== undefined &&
    s.group.kind === 'seen' &&
    isGone(s, 'leader') &&
    isDue(s, 'remove-group', CHANGE_AGAIN_MS),
  'kept-for-good': (s) => keptPart(s) !== undefined && s.nowMs - (s.drill.keptSinceMs ?? s.nowMs) >= KEPT_MS,
  'all-gone': (s) => !hasOwnNames(s) && parts.every((part) => isGone(s, part)) && isGroupGone(s),
};

const isNew = (s: DrillSituation, part: Part): boolean => {
  const seen = sightOf(s[part]);
  return seen !== undefined && isAdoptable(seen, s.drill, part);
};

/** Asked for the first time at once, and again only while nothing is to be seen of it. */
const partIsDue = (s: DrillSituation, part: Part): boolean =>
  s[part].kind === 'absent' &&
  s.drill[part].resourceId === undefined &&
  (s.drill[part].askedMs === undefined || isDue(s, part === 'leader' ? 'restore' : 'replicate', ASK_AGAIN_MS));
