import type { Advice } from './advice.ts';
import type { Bill } from './bill.ts';
import { formatAge, formatInstant, formatSlot } from './calendar.ts';
import type { SnapshotVerdict } from './expiry.ts';
import { pauseText } from './orders.ts';
import type { Act, NotCreated, NotDeleted, Outcome } from './outcome.ts';
import type { DatabaseVerdict, ExpiryState, Plan } from './plan.ts';
import { policyText } from './policy.ts';
import type { Forecast } from './quota.ts';
import type { Match } from './retention.ts';
import type { CreateReason, SkipReason } from './selection.ts';
import { KIND_NAMES, named, plural } from './words.ts';

// One decision, one sentence: the log line, the report, the notification and the command all say this.

const SKIPS: Record<SkipReason, (detail: string) => string> = {
  'not-tagged': () => 'it is not tagged for snapshots',
  'switched-off': () => 'its tag switches snapshots off',
  'cluster-member': (cluster) =>
    `it is a member of cluster ${cluster}, which is snapshotted as a whole, by its own tag`,
  'engine-denied': (detail) => `its engine ${detail}`,
  'unsupported-replica': (engine) => `RDS takes no snapshots of ${engine} read replicas`,
  'replica-not-included': (source) => `it is a replica of ${source}, and replicas are not included`,
  'already-taken': (snapshot) => `this slot has ${snapshot}`,
  'in-progress': (snapshot) => `this slot's ${snapshot} is being made`,
  'previous-running': (snapshot) => `${snapshot} of an earlier slot is still being made`,
  'slot-closed': (snapshot) => `this slot has closed: ${snapshot} is of a later one`,
  'unusable-state': (state) => `a database that is ${state} cannot be snapshotted`,
  deferred: (state) => `it is ${state}, which passes`,
  'creation-paused': (pause) => `creation is paused ${pause}`,
  quota: (used) => `the quota of manual snapshots is full (${used}), and others have waited longer`,
};

const CREATES: Record<CreateReason, (detail: string) => string> = {
  due: () => 'its slot is due',
  'due-by-default': () => 'its slot is due, by the default policy, for its tags cannot be read',
  'state-unknown': (state) => `its slot is due, and "${state}" is a state that is new here, so it is tried`,
  'previous-failed': (detail) => `this slot's ${detail}`,
};

/** What is to become of a database in this slot. */
export const databaseSentence = (verdict: DatabaseVerdict): string => {
  const { database, detail, problems } = verdict;
  const first =
    verdict.kind === 'create'
      ? `${named(database)} gets a snapshot: ${CREATES[verdict.because](detail)}.`
      : `${named(database)} gets none: ${SKIPS[verdict.because](detail)}.`;
  return [first, ...problems.map((problem) => `${named(database)}: ${problem}.`)].join(' ');
};

const matchText = ({ rule, period, oldest }: Match): string =>
  rule === 'last'
    ? oldest
      ? 'oldest'
      : 'last'
    : rule === 'within-hours'
      ? `within ${period}`
      : `${oldest ? 'oldest ' : ''}${rule} ${period}`;

const REASONS: Record<Exclude<SnapshotVerdict['because'], 'policy'>, string> = {
  'outside-policy': 'no rule of its policy keeps it',
  'tags-unreadable': "the database's tags cannot be read, so nothing of it is deleted",
  'policy-keeps-nothing': 'the policy keeps nothing, and is refused',
  'orphan-expired': 'its database is gone, and what is left of it has been kept for as long as the config says',
  failed: 'it failed, and is no backup',
  quota: 'the quota is short, and the config lets the oldest go that only its policy keeps',
  'databases-unseen': 'the databases could not be seen, so nobody knows whether its own is gone',
  orphan: 'its database is gone: what is left of it is all that is left',
  'not-selected': 'its database is no longer selected',
  'creation-broken': 'no new snapshot has come for too long, so nothing is deleted',
  'copies-unseen': 'nobody could say whether a copy of it is being made',
  held: 'somebody holds it',
  'copy-pending': 'a copy of it is being made, which its deletion would end',
  'last-good': 'it is the last good one',
  'min-keep': 'there would be too few good ones',
  'orders-unseen': 'nobody could say whether expiry is paused',
  'expiry-paused': 'expiry is paused',
  'unreadable-tags': 'our tags on it cannot be read',
  'not-available': 'it is not available',
  'key-unusable': 'its key is not known to be usable, without which it does not restore',
  'in-the-future': 'it is dated after now: a clock is wrong',
  'circuit-breaker': 'too much would be deleted at once',
  'not-manual': 'it is no manual snapshot',
  'not-of-this-stack': "it is not this stack's",
  'copied-tags': "it is somebody's copy of one of ours",
};

/** Why a snapshot is kept, removed or not ours to judge, without naming it. */
export const snapshotReason = (verdict: SnapshotVerdict): string =>
  verdict.because === 'policy' ? verdict.matches.map(matchText).join(', ') : REASONS[verdict.because];

const VERBS: Record<SnapshotVerdict['kind'], string> = {
  keep: 'is kept',
  remove: 'may be deleted',
  ignore: 'is not ours to judge',
};

/** What is to become of a snapshot. */
export const snapshotSentence = (verdict: SnapshotVerdict): string =>
  `${verdict.snapshot.id} ${VERBS[verdict.kind]}: ${snapshotReason(verdict)}.`;

/** What the policies need of the quota. */
export const forecastSentence = ({ kind, databases, needed, max, assumed, used, others, fits }: Forecast): string =>
  `${KIND_NAMES[kind]}: ${plural(databases, 'database')} will need up to ${plural(needed, 'manual snapshot')} by policy; the quota is ${max}${assumed ? ' (the default: RDS did not say)' : ''}, ${used} used, ${others} of them by others: ${fits ? 'it fits' : `${needed + others - max} too many: raise the quota or keep less`}.`;

/** What people should know, once per plan. */
export const adviceSentence = (advice: Advice): string => {
  switch (advice.kind) {
    case 'expiry-paused':
      return `Nothing is deleted: expiry is paused ${pauseText(advice.pause)}.`;
    case 'io-pause':
      return `RDS stops input and output of ${plural(advice.databases, 'selected instance')} for a moment at every snapshot (Single-AZ, SQL Server or Db2), ${named(advice.example)} for one: where that hurts, make it Multi-AZ where that helps, or rely on point-in-time recovery and keep fewer snapshots.`;
    case 'raise-quota':
      return `${KIND_NAMES[advice.of]}: Service Quotas raises the limit under ${advice.code}; the policies need ${advice.to}.`;
    case 'tags-cut':
      return `${plural(advice.databases, 'selected database')}, ${named(advice.example)} for one, ${advice.databases === 1 ? 'has' : 'have'} so many tags that not all fit beside ours on a snapshot (RDS takes 50).`;
  }
};

/** What deletions would free, or creations add, at most. */
export const billSentence = (verb: 'frees' | 'adds', { snapshots, atMostGib, atMostUsdPerMonth, unknown }: Bill) =>
  `${verb === 'frees' ? 'Deleting' : 'Taking'} ${plural(snapshots, 'snapshot')} ${verb} at most ${atMostGib} GiB, ${atMostUsdPerMonth.toFixed(2)} USD a month${unknown > 0 ? `, without ${unknown} of unknown size` : ''}: snapshots are incremental, so often far less.`;

/** Whether what may be deleted is deleted. */
export const expirySentence = (expiry: ExpiryState): string => EXPIRY[expiry];

const EXPIRY: Record<ExpiryState, string> = {
  armed: 'Expiry is armed: a run deletes what is marked "remove".',
  plan: 'Expiry only plans: nothing is deleted until the config says expiry: armed.',
  paused: 'Expiry is paused: nothing is deleted.',
  'orders-unseen': 'Nobody could say whether expiry is paused: nothing is deleted.',
};

const NOT_CREATED: Record<NotCreated, string> = {
  deferred: 'its state changed meanwhile, which passes',
  missed: 'it was busy until the slot closed; the next run takes it',
  gone: 'it is gone',
  quota: 'the quota of manual snapshots is full',
  refused: 'RDS refused',
  'no-evidence': 'there was no answer, and no snapshot is to be seen',
  'name-taken': "the name is somebody else's",
  'out-of-time': 'the run had no time left',
};

const NOT_DELETED: Record<NotDeleted, string> = {
  'not-armed': 'expiry is not armed, it only plans',
  paused: 'it was paused meanwhile',
  'orders-unseen': 'nobody could say whether it is paused',
  'confirmation-lost': 'the confirmation that would let it pass was used by another run',
  state: 'its state does not allow it now; the next run tries again',
  refused: 'RDS refused',
  'no-evidence': 'there was no answer',
  'out-of-time': 'the run had no time left',
};

const tail = (detail: string): string => (detail === '' ? '' : ` (${detail})`);

/** What became of one step. */
export const actSentence = (act: Act): string => {
  switch (act.kind) {
    case 'created':
      return act.how === 'new'
        ? `${named(act.create.database)}: ${act.name} was asked for.`
        : `${named(act.create.database)}: ${act.name} was there already, and is ours of this slot.`;
    case 'not-created':
      return `${named(act.create.database)} has no snapshot of this slot: ${NOT_CREATED[act.because]}${tail(act.detail)}.`;
    case 'deleted':
      return act.how === 'now' ? `${act.snapshot.id} was deleted.` : `${act.snapshot.id} was gone already.`;
    case 'not-deleted':
      return act.because === 'not-armed'
        ? `${act.snapshot.id} would be deleted: ${NOT_DELETED['not-armed']}.`
        : `${act.snapshot.id} was not deleted: ${NOT_DELETED[act.because]}${tail(act.detail)}.`;
  }
};

const HELD_BACK = { paused: 'none deleted (paused)', 'orders-unseen': 'none deleted (orders unseen)' } as const;

/** The run in one sentence. */
export const runSentence = (
  plan: Plan,
  { result, counts, worstAgeMs, withoutGood }: Outcome,
  dryRun: boolean,
): string => {
  const { selected, created, alreadyThere, deferred, failed, leftOutByQuota, wouldDelete, deleted } = counts;
  const parts = [
    dryRun
      ? `${plural(plan.creates.length, 'snapshot')} to take`
      : `${created} taken${alreadyThere > 0 ? `, ${alreadyThere} there already` : ''}`,
    ...(deferred > 0 ? [`${deferred} deferred`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(leftOutByQuota > 0 ? [`${leftOutByQuota} left out by the quota`] : []),
    ...(plan.warnings.some(({ kind }) => kind === 'creation-paused') ? ['creation paused'] : []),
    plan.expiry === 'paused' || plan.expiry === 'orders-unseen'
      ? HELD_BACK[plan.expiry]
      : plan.expiry === 'armed' && !dryRun
        ? `${deleted} deleted`
        : `${wouldDelete} could be deleted`,
    ...(withoutGood > 0 ? [`${withoutGood} without a good snapshot yet`] : []),
    ...(worstAgeMs !== undefined ? [`oldest newest snapshot ${formatAge(worstAgeMs)}`] : []),
  ];
  return `${result}: slot ${formatSlot(plan.slotMs)} UTC, ${plural(selected, 'database')} selected: ${parts.join(', ')}.`;
};

/** A policy with its floor. */
export const policySentence = ({ policy, minKeep }: Pick<DatabaseVerdict, 'policy' | 'minKeep'>): string =>
  `keeps ${policyText(policy)}, never fewer than ${minKeep}`;

/** A moment for a table. */
export const momentText = (ms: number | undefined): string => (ms === undefined ? '–' : formatInstant(ms));
