import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import { isForwardOnly } from '../../../functions/failover/core/record.ts';
import { judgeCourse } from './judge-course.ts';
import { FENCED, PRIMARY_HOST, type World } from './world.ts';

/** A decision rests on a snapshot at most this old, and on a few calls after it. */
const STALE_MS = 25_000;

/** What must be true of the world, not of what was seen, when an incident is committed or goes past its point of no return. */
export const judgeSave = (world: World, before: FailoverRecord | undefined, after: FailoverRecord): void => {
  judgeCourse(world, before, after);
  if (after.epoch < (before?.epoch ?? 0)) world.violate('the epoch went down');
  if (before && after.version !== before.version + 1) world.violate('a write was lost');
  if (before && isForwardOnly(before.phase) && !isForwardOnly(after.phase)) world.violate('a promotion was called off');
  if (after.epoch > (before?.epoch ?? 0)) judgeCommit(world, after);
};

/** A planned change begins only when somebody asked for it, with a leader that lives and a replica that hears it. */
const judgeSwitchover = (world: World, record: FailoverRecord): void => {
  const { now } = world;
  if (world.scenario.mode === 'observe') world.violate('switched over in mode observe');
  if (record.paused) world.violate('switched over while paused');
  if (world.switchoverAtMs === undefined) world.violate('switched over unasked');
  if (world.downSinceMs !== undefined && now - world.downSinceMs > STALE_MS)
    world.violate('switched over from a dead leader');
  if (now - world.heardMs > STALE_MS + 15_000) world.violate('switched over to a replica that hears nothing');
};

const judgeCommit = (world: World, record: FailoverRecord): void => {
  if (record.phase === 'quiescing') {
    judgeSwitchover(world, record);
    return;
  }
  const { scenario, now } = world;
  if (scenario.mode === 'observe') world.violate('committed in mode observe');
  if (record.paused) world.violate('committed while paused');
  if (world.vetoedAtMs !== undefined && (world.downSinceMs ?? now) <= world.vetoedAtMs)
    world.violate('committed against a veto');
  if (scenario.fence === 'lease' && scenario.leaseSeconds === undefined && world.forcedAtMs === undefined)
    world.violate('committed with a fence that cannot be had');
  if ((record.cooldownUntilMs ?? 0) > now && world.forcedAtMs === undefined) world.violate('committed in cooldown');
  if (world.mustBeFenced() && now - world.statusNotAvailableMs > STALE_MS) {
    world.violate('an epoch was used where no fence could be proven');
  }
  const healsOrWaits = ['stopped', 'maintenance', 'storage-full'].includes(world.primaryStatus);
  if (healsOrWaits && now - world.statusSinceMs > STALE_MS && world.forcedAtMs === undefined) {
    world.violate(`committed though the leader is ${world.primaryStatus}`);
  }
  // A lease closes a primary that lives behind a cut: what must not be is one that could have renewed.
  const mayHaveLapsed = isLeasedWorld(world) && world.storeUpMs() <= STALE_MS + 60_000;
  if (
    world.upSinceMs !== undefined &&
    now - world.upSinceMs > STALE_MS &&
    !mayHaveLapsed &&
    world.forcedAtMs === undefined
  )
    world.violate('committed against a living leader');
  if (
    !wasDownFor(world, scenario.confirmSeconds * 1000 - 1_000) &&
    !scenario.faults.some(({ kind }) => kind.endsWith('-cut') || kind === 'guard-login-broken')
  ) {
    world.violate('committed before the confirm window was over');
  }
  if (
    world.primaryStatus === 'rebooting' &&
    world.forcedAtMs === undefined &&
    world.downSinceMs !== undefined &&
    scenario.faults.length === 1 &&
    now - world.downSinceMs < scenario.selfHealSeconds * 1000 - 1_000
  ) {
    world.violate('committed while RDS may heal it');
  }
  const changedInSight = now - world.replicaChangedMs > STALE_MS;
  if (changedInSight && isAnother(world)) world.violate('committed for another replica');
  if (changedInSight && !world.replicaStandby && world.promotedAtMs === undefined)
    world.violate('committed for a replica with writes of its own');
  if (now - world.namesMovedMs > STALE_MS && world.names.value !== PRIMARY_HOST)
    world.violate('committed though DNS names something else');
  if (world.hearsSinceMs !== undefined && now - world.hearsSinceMs > STALE_MS) {
    world.violate('committed while the replica receives');
  }
  const lossMs = world.lastCommitMs - Math.max(world.replayedCommitMs, world.heartbeatMs);
  if (lossMs > scenario.maxLossSeconds * 1000 && world.forcedAtMs === undefined)
    world.violate('committed with more loss than allowed');
};

/** Whether the leader was down for so long without a break, now or when the snapshot may have been taken. */
const wasDownFor = ({ downs, downSinceMs, now }: World, ms: number): boolean =>
  [...downs, { fromMs: downSinceMs ?? now, toMs: now }].some(
    ({ fromMs, toMs }) => now - toMs <= STALE_MS && toMs - fromMs >= ms,
  );

/** Whether the replica was replaced after the trouble began; one that came while all was well was learned, as it should be. */
const isAnother = ({ replicaResource, replicaChangedMs, downSinceMs, now }: World): boolean =>
  replicaResource !== 'db-NEW' && replicaChangedMs >= (downSinceMs ?? now);

/** What must be true when the old primary's door is shut: nobody shuts out a leader that lives, except one that was replaced. */
export const judgeFence = (world: World, record: FailoverRecord | undefined): void => {
  const { scenario, now, upSinceMs } = world;
  if (scenario.fence !== 'confirmed' || (record && isForwardOnly(record.phase))) return;
  // A planned change shuts a living leader out, and opens it again when it is called off.
  if (record?.phase === 'closing' || now - (record?.passed.closing ?? Number.NEGATIVE_INFINITY) <= STALE_MS) return;
  if (upSinceMs !== undefined && now - upSinceMs > STALE_MS) world.violate('fenced a living leader');
};

/** What must be true in the end: a leader that is well is not shut out by what was called off long ago. */
export const judgeEnd = (world: World, record: FailoverRecord | undefined): void => {
  const isCalm = record?.phase === 'healthy' && world.now - record.phaseSinceMs > 60_000;
  const isUp = world.upSinceMs !== undefined && world.now - world.upSinceMs > 60_000;
  const isReached = world.guardReachable.recovery && world.storeUp && record?.paused === undefined;
  if (isCalm && isUp && isReached && !world.roleMayLogin && !world.guardRefused)
    world.violate('left a living leader without logins');
};

/** What must be true when the old primary is snapshotted or stopped: another instance leads. */
export const judgeAftermath = (world: World, record: FailoverRecord | undefined): void => {
  if (record?.phase !== 'degraded' || record.previousLeader?.resourceId !== 'db-OLD')
    world.violate(`cleared up after the old primary in phase ${record?.phase}`);
  if (!world.replicaAccepts()) world.violate('cleared up after the old primary while nobody leads');
};

/** What must be true when RDS is asked to promote. */
export const judgePromotion = (world: World, record: FailoverRecord | undefined): void => {
  const { now } = world;
  world.count(`promote-epoch-${record?.epoch}`);
  if (record?.phase !== 'promoting') world.violate(`promoted in phase ${record?.phase}`);
  if (now - world.replicaChangedMs > STALE_MS && isAnother(world))
    world.violate('promoted another instance than the one that was watched');
  if (record?.switchover !== undefined) {
    if (world.lastRowMs > world.replayedCommitMs) world.violate('a switchover lost rows');
    if (world.primaryAccepts()) world.violate('switched over while the old primary takes writes');
    return;
  }
  if (isLeasedWorld(world) && world.forcedAtMs === undefined) {
    if (world.primaryAccepts()) world.violate('promoted while the old primary takes writes');
    judgeLoss(world, record);
  }
  if (!world.mustBeFenced()) return;
  if (world.groups.some(({ id }) => id !== FENCED)) world.violate('promoted without a fence');
  if (world.primaryAccepts()) world.violate('promoted while the old primary takes writes');
  judgeLoss(world, record);
  if (now < world.namesChangedMs) world.violate('time went back');
};

const isLeasedWorld = ({ scenario }: World): boolean =>
  scenario.fence === 'lease' && scenario.leaseSeconds !== undefined;

const judgeLoss = (world: World, record: FailoverRecord | undefined): void => {
  const lossMs = world.lastCommitMs - Math.max(world.replayedCommitMs, world.heartbeatMs);
  if (record?.lossSeconds !== undefined && lossMs > record.lossSeconds * 1000)
    world.violate('lost more than the published bound');
};
