import type { Check, VerificationSettings } from '../policy.ts';
import type { Condition } from './phases.ts';
import {
  isAdoptable,
  type Look,
  mayRemove,
  REMOVAL_CONDITIONS,
  type RemovalCondition,
  type SeenDatabase,
} from './throw-away.ts';
import type { ThrowAway, Verification } from './verification.ts';

/** Everything that one step is decided from. */
export interface Situation {
  record: Verification;
  /** What is under each throw-away's id, in the record's order. */
  looks: readonly Look[];
  settings: VerificationSettings;
  stack: string;
  nowMs: number;
  /** Whether this run set the master password that is in force. */
  passwordKnown: boolean;
  conditions?: readonly RemovalCondition[];
}

/** After this, "there is nothing" is true of what was asked for: RDS's answers may lag behind its acts. */
export const SETTLE_MS = 5 * 60_000;
const RETRY_MS = 30_000;
/** Asked for and not to be seen: five of these are as long as `SETTLE_MS`. */
const ASK_RETRY_MS = 60_000;
const CHECK_RETRY_MS = 15_000;
const PASSWORD_LOST_MS = 60_000;
/** A doubt about whose database it is lasts this long before it is left to people. */
const KEPT_MS = 30 * 60_000;
const MOST_ASKS = 5;
const MOST_SECURES = 10;
/** Over all passwords: a run that ends between two checks takes its password along. */
const MOST_CHECKS = 20;

// docs: accessing-monitoring — DB instance status. A restore that says so never becomes available.
const BAD = /^(failed|restore-error|inaccessible-encryption-credentials|incompatible-.*|insufficient-capacity)$/;
const READY = new Set(['available', 'storage-optimization']);

interface Standing {
  entry: ThrowAway;
  look: Look;
  seen: SeenDatabase | undefined;
}

const standing = ({ record, looks }: Situation): Standing[] =>
  record.throwAways.map((entry, index) => {
    const look = looks[index] ?? { kind: 'unseen', detail: 'not looked at' };
    return { entry, look, seen: look.kind === 'seen' ? look.database : undefined };
  });

const asked = (situation: Situation): Standing[] =>
  standing(situation).filter(({ entry }) => entry.askedMs !== undefined);

/** The one that the phase is about: while adding it is the last, else the first. */
const current = (situation: Situation): Standing =>
  standing(situation).at(situation.record.phase === 'adding' ? -1 : 0) as Standing;

const settled = (entry: ThrowAway, nowMs: number): boolean =>
  entry.askedMs === undefined || nowMs - entry.askedMs >= SETTLE_MS;

const isOurs = ({ entry, seen }: Standing, { record, stack, conditions }: Situation): boolean =>
  seen !== undefined && mayRemove(seen, record, entry, stack, conditions ?? REMOVAL_CONDITIONS).may;

const isGone = (one: Standing, situation: Situation): boolean => {
  const { entry, look, seen } = one;
  if (entry.askedMs === undefined) return true;
  // Somebody was faster with this name: there was never anything of ours under it.
  if (seen !== undefined)
    return (
      entry.resourceId === undefined &&
      !isAdoptable(seen, situation.record, entry, situation.stack) &&
      settled(entry, situation.nowMs)
    );
  return look.kind === 'absent' && (entry.removedMs !== undefined || settled(entry, situation.nowMs));
};

/** What is to be removed next: the last that is not gone, for a cluster goes after its instance. */
const target = (situation: Situation): Standing | undefined =>
  standing(situation).findLast((one) => !isGone(one, situation));

const isReady = (situation: Situation): boolean => {
  const all = asked(situation);
  return (
    all.length > 0 &&
    all.every((one) => isOurs(one, situation) && READY.has(one.seen?.status ?? '') && !one.seen?.passwordPending)
  );
};

/** Seen at work now: what was not seen says nothing. */
const isRestoring = (situation: Situation): boolean =>
  asked(situation).some(
    (one) => isOurs(one, situation) && one.seen?.status !== 'deleting' && !READY.has(one.seen?.status ?? ''),
  );

const isDue = ({ record, nowMs }: Situation, everyMs = RETRY_MS): boolean =>
  record.attempts === 0 || nowMs - (record.triedMs ?? 0) >= everyMs;

/** Engines that the checking function can log in to. */
export const canLogIn = (engine: string): boolean => /^(postgres|aurora-postgresql)$/.test(engine);

/** The configured check of a database, or connecting alone. The first whose expression matches is used. */
export const checkFor = (databaseId: string, checks: readonly Check[]): Omit<Check, 'database'> =>
  checks.find(({ database }) => new RegExp(database, 'u').test(databaseId)) ?? {
    dbname: 'postgres',
    query: 'select 1',
    expect: { equals: 1 },
  };

const MOST: Partial<Record<Verification['phase'], number>> = {
  restoring: MOST_ASKS,
  adding: MOST_ASKS,
  securing: MOST_SECURES,
  recording: MOST_ASKS,
};

export const HOLDS: Record<Condition, (situation: Situation) => boolean> = {
  otherwise: () => true,
  unseen: (situation) => situation.looks.some(({ kind }) => kind === 'unseen'),
  overdue: ({ record, settings, nowMs }) => nowMs - record.startedMs > settings.maxMinutes * 60_000,
  'overdue-and-restoring': (situation) => HOLDS.overdue(situation) && isRestoring(situation),
  refused: ({ record }) => record.refused === true,
  'refused-and-no-login': ({ record }) => record.refused === true && !canLogIn(record.source.engine),
  vanished: (situation) =>
    asked(situation).some(
      ({ entry, look }) => entry.resourceId !== undefined && look.kind === 'absent' && settled(entry, situation.nowMs),
    ),
  'not-ours': (situation) =>
    asked(situation).some(
      (one) =>
        one.seen !== undefined &&
        one.entry.resourceId !== undefined &&
        !isOurs(one, situation) &&
        settled(one.entry, situation.nowMs),
    ),
  'ended-badly': (situation) =>
    asked(situation).some((one) => isOurs(one, situation) && BAD.test(one.seen?.status ?? '')),
  unrecorded: (situation) =>
    asked(situation).some(
      ({ entry, seen }) => seen !== undefined && isAdoptable(seen, situation.record, entry, situation.stack),
    ),
  'name-is-taken': (situation) => {
    const { entry, seen } = current(situation);
    return seen !== undefined && entry.resourceId === undefined && settled(entry, situation.nowMs);
  },
  'tried-too-often': (situation) => {
    const { phase, attempts } = situation.record;
    const isMaking = phase === 'restoring' || phase === 'adding';
    if (isMaking && current(situation).look.kind !== 'absent') return false;
    if (phase === 'checking') return (situation.record.checks ?? 0) >= MOST_CHECKS;
    return (
      attempts >= (MOST[phase] ?? Number.POSITIVE_INFINITY) && isDue(situation, isMaking ? ASK_RETRY_MS : RETRY_MS)
    );
  },
  'not-there-and-due': (situation) => {
    const { entry, look } = current(situation);
    return look.kind === 'absent' && entry.resourceId === undefined && isDue(situation, ASK_RETRY_MS);
  },
  ready: isReady,
  'ready-and-alone': (situation) =>
    isReady(situation) && situation.record.throwAways.some(({ askedMs }) => askedMs === undefined),
  'ready-and-due': (situation) => isReady(situation) && isDue(situation),
  'ready-and-no-login': (situation) => isReady(situation) && !canLogIn(situation.record.source.engine),
  'password-lost': ({ passwordKnown, record, nowMs }) =>
    !passwordKnown && nowMs - (record.triedMs ?? 0) >= PASSWORD_LOST_MS,
  'check-is-due': (situation) => situation.passwordKnown && isReady(situation) && isDue(situation, CHECK_RETRY_MS),
  inconclusive: ({ record }) => record.result === 'inconclusive',
  tagged: ({ record }) => record.taggedMs !== undefined,
  due: (situation) => isDue(situation),
  'all-gone': (situation) => target(situation) === undefined,
  kept: (situation) => {
    const one = target(situation);
    return one?.seen !== undefined && !isOurs(one, situation);
  },
  'kept-for-good': (situation) =>
    HOLDS.kept(situation) && situation.nowMs - (situation.record.keptSinceMs ?? situation.nowMs) >= KEPT_MS,
  going: (situation) => {
    const one = target(situation);
    if (one?.seen === undefined || one.seen.status === 'deleting') return true;
    // RDS took the order, and its answers lag behind.
    return one.entry.removedMs !== undefined && situation.nowMs - one.entry.removedMs < RETRY_MS;
  },
};

/** The entry that a step acts on, and what is under its id. */
export const subjectOf = (situation: Situation, step: string): Standing | undefined => {
  if (step === 'remove') return target(situation);
  if (step === 'adopt')
    return asked(situation).find(
      ({ entry, seen }) => seen !== undefined && isAdoptable(seen, situation.record, entry, situation.stack),
    );
  if (step === 'add-member') return standing(situation).at(-1);
  return current(situation);
};
