import { receivingWithinMs, type Target } from '../../../functions/failover/core/policy.ts';
import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import { isForwardOnly } from '../../../functions/failover/core/record.ts';
import { type Database, EMPTY } from './database.ts';
import { judgeCourse } from './judge-course.ts';
import { arnOf, START_MS, type World } from './world.ts';

/** A decision rests on a snapshot at most this old, and on a few calls after it. */
const STALE_MS = 25_000;

/** What must be true of the world, not of what was seen, when an incident is committed or goes past its point of no return. */
export const judgeSave = (world: World, before: FailoverRecord | undefined, after: FailoverRecord): void => {
  judgeCourse(world, before, after);
  if (after.epoch < (before?.epoch ?? 0)) world.violate('the epoch went down');
  if (before && after.version !== before.version + 1) world.violate('a write was lost');
  if (before && isForwardOnly(before.phase) && !isForwardOnly(after.phase)) {
    if (before.phase === 'degraded' && after.phase === 'healthy') judgeRearm(world, before, after);
    else world.violate('a promotion was called off');
  }
  if (after.intents.rebuild && after.intents.rebuild.atMs !== before?.intents.rebuild?.atMs)
    judgeOrderToBuild(world, before, after);
  if (after.epoch > (before?.epoch ?? 0)) judgeCommit(world, after);
};

/** The roles are swapped only once a person knows of it, and to a standby that follows who leads in fact. */
const judgeRearm = (world: World, before: FailoverRecord, after: FailoverRecord): void => {
  const { now } = world;
  const [leader, candidate] = [world.find(after.leader), world.find(after.candidate)];
  if (leader === undefined || leader !== world.leading) world.violate('armed with a leader that does not lead');
  if (candidate === undefined || candidate === leader) world.violate('armed with nobody to follow');
  if (candidate && (candidate.source !== (leader && arnOf(leader)) || now - candidate.heardMs > STALE_MS + 15_000))
    world.violate('armed with a standby that does not follow the leader');
  if (candidate && wasDiverged(candidate, now)) world.violate('armed with a standby that has what nobody else has');
  if (world.ackedAtMs === undefined || world.ackedAtMs < before.phaseSinceMs)
    world.violate('armed before anybody knew');
  if ((before.cooldownUntilMs ?? 0) > now) world.violate('armed in cooldown');
  if (before.paused) world.violate('armed while paused');
  // A global database adds its old primary back: what stands in its place is the standby.
  const { previousLeader: last } = before;
  const isBack = after.candidate.instance === last?.instance && after.candidate.region === last?.region;
  if (!after.retired.some(({ epoch }) => epoch === after.epoch) && !isBack && world.deletedAtMs === undefined)
    world.violate('forgot the old primary');
};

/** A replica is ordered when a person has acknowledged; judged when it is written, for the call itself may come late. */
const judgeOrderToBuild = (
  world: World,
  before: FailoverRecord | undefined,
  { phase, paused }: FailoverRecord,
): void => {
  if (phase !== 'degraded' || paused !== undefined || world.ackedAtMs === undefined || before?.acked === undefined)
    world.violate(`ordered a replica in phase ${phase}`);
};

/** It is asked for under the name that was ordered, in the region that lost its leader. */
export const judgeBuild = (world: World, target: Target, record: FailoverRecord | undefined): void => {
  if (record?.intents.rebuild === undefined && world.ackedAtMs === undefined)
    world.violate('asked for a replica unordered');
  if (world.leading.region === target.region && record?.phase === 'degraded')
    world.violate('asked for a replica beside its leader');
};

/** A planned change begins only when somebody asked for it, with a leader that lives and a replica that hears it. */
const judgeSwitchover = (world: World, record: FailoverRecord): void => {
  const { now } = world;
  const [leader, candidate] = [world.find(record.leader), world.find(record.candidate)];
  if (world.scenario.mode === 'observe') world.violate('switched over in mode observe');
  if (record.paused) world.violate('switched over while paused');
  if (world.switchoverAtMs === undefined) world.violate('switched over unasked');
  if (leader?.downSinceMs !== undefined && now - leader.downSinceMs > STALE_MS)
    world.violate('switched over from a dead leader');
  if (candidate === undefined || now - candidate.heardMs > STALE_MS + 15_000)
    world.violate('switched over to a replica that hears nothing');
  if (candidate && wasDiverged(candidate, now))
    world.violate('switched over to a replica that has what nobody else has');
};

const judgeCommit = (world: World, record: FailoverRecord): void => {
  if (record.phase === 'quiescing') {
    judgeSwitchover(world, record);
    return;
  }
  const { scenario, now } = world;
  const isForced = world.isForced(record.epoch);
  const [leader, candidate] = [world.find(record.leader), world.find(record.candidate)];
  if (leader === undefined || leader !== world.leading) {
    world.violate('committed against an instance that does not lead');
    return;
  }
  if (scenario.mode === 'observe') world.violate('committed in mode observe');
  if (record.paused) world.violate('committed while paused');
  if (world.vetoedAtMs !== undefined && (leader.downSinceMs ?? now) <= world.vetoedAtMs)
    world.violate('committed against a veto');
  if (scenario.fence === 'lease' && scenario.leaseSeconds === undefined && !isForced)
    world.violate('committed with a fence that cannot be had');
  if ((record.cooldownUntilMs ?? 0) > now && !isForced) world.violate('committed in cooldown');
  if (scenario.fence === 'confirmed' && !isForced && now - leader.statusNotAvailableMs > STALE_MS) {
    world.violate('an epoch was used where no fence could be proven');
  }
  const healsOrWaits = ['stopped', 'maintenance', 'storage-full'].includes(leader.status);
  // Behind a cut nobody can see that; a lease, and only a lease, goes on without it.
  const isUnseen = isLeasedWorld(world) && wasOutOfSight(world);
  if (healsOrWaits && now - leader.statusSinceMs > STALE_MS && !isForced && !isUnseen) {
    world.violate(`committed though the leader is ${leader.status}`);
  }
  // A lease closes a primary that lives behind a cut: what must not be is one that could have renewed.
  const mayHaveLapsed = isLeasedWorld(world) && world.storeUpMs() <= STALE_MS + 60_000;
  if (leader.upSinceMs !== undefined && now - leader.upSinceMs > STALE_MS && !mayHaveLapsed && !isForced)
    world.violate('committed against a living leader');
  if (
    !wasDownFor(leader, now, scenario.confirmSeconds * 1000 - 1_000) &&
    !scenario.faults.some(({ kind }) => kind.endsWith('-cut') || kind === 'guard-login-broken')
  ) {
    world.violate('committed before the confirm window was over');
  }
  if (
    leader.status === 'rebooting' &&
    !isForced &&
    leader.downSinceMs !== undefined &&
    scenario.faults.length === 1 &&
    now - leader.downSinceMs < scenario.selfHealSeconds * 1000 - 1_000
  ) {
    world.violate('committed while RDS may heal it');
  }
  if (now - world.namesMovedMs > STALE_MS && world.names.value !== leader.host)
    world.violate('committed though DNS names something else');
  if (candidate === undefined) return;
  const changedInSight = now - candidate.changedMs > STALE_MS;
  if (changedInSight && isAnother(candidate, leader, now)) world.violate('committed for another replica');
  if (candidate.unfitSinceMs !== undefined && now - candidate.unfitSinceMs > STALE_MS)
    world.violate('committed for a cluster that cannot lead');
  if (changedInSight && !candidate.standby && candidate.promotedAtMs === undefined)
    world.violate('committed for a replica with writes of its own');
  if (wasDiverged(candidate, now) && !isForced) world.violate('committed for a replica that has what nobody else has');
  // Between two heartbeats an idle source is silent, as a lost one is: what holds then is the fence (README, MySQL and MariaDB).
  const isIdle = candidate.binlog !== undefined && now - candidate.binlog.messageMs >= receivingWithinMs(scenario);
  if (candidate.hearsSinceMs !== undefined && now - candidate.hearsSinceMs > STALE_MS && !isIdle) {
    world.violate('committed while the replica receives');
  }
  if (lossMs(leader, candidate) > scenario.maxLossSeconds * 1000 && !isForced)
    world.violate('committed with more loss than allowed');
};

const lossMs = (leader: Database, { binlog, replayedCommitMs, heartbeat }: Database): number =>
  leader.lastCommitMs - (binlog === undefined ? Math.max(replayedCommitMs, heartbeat.atMs) : replayedCommitMs);

/** Whether it had transactions of its own when the snapshot may have been taken. */
const wasDiverged = ({ errantSinceMs }: Database, now: number): boolean =>
  errantSinceMs !== undefined && now - errantSinceMs > STALE_MS;

/** Whether the leader's region did not answer the reconciler when the snapshot may have been taken. */
const wasOutOfSight = ({ scenario, now, farReachable, nearCut }: World): boolean =>
  !farReachable.recovery ||
  nearCut ||
  scenario.faults.some(
    ({ kind, atMs, forMs }) =>
      ['region-cut', 'observer-cut', 'recovery-cut'].includes(kind) &&
      now - START_MS >= atMs &&
      now - START_MS <= atMs + forMs + STALE_MS,
  );

/** Whether the leader was down for so long without a break, now or when the snapshot may have been taken. */
const wasDownFor = ({ downs, downSinceMs }: Database, now: number, ms: number): boolean =>
  [...downs, { fromMs: downSinceMs ?? now, toMs: now }].some(
    ({ fromMs, toMs }) => now - toMs <= STALE_MS && toMs - fromMs >= ms,
  );

/** Whether the replica was replaced after the trouble began; one that came while all was well was learned, as it should be. */
const isAnother = ({ resourceId, changedMs }: Database, { downSinceMs }: Database, now: number): boolean =>
  resourceId === 'db-OTHER' && changedMs >= (downSinceMs ?? now);

/** What must be true when a door is shut: nobody shuts out a leader that lives, except one that was replaced. */
export const judgeFence = (world: World, one: Database, record: FailoverRecord | undefined): void => {
  const { scenario, now } = world;
  const leads = record?.leader.instance === one.instance && record.leader.region === one.region;
  if (!leads && !record?.retired.some(({ resourceId }) => resourceId === undefined || resourceId === one.resourceId))
    world.violate('fenced an instance that never led');
  if (
    scenario.fence !== 'confirmed' ||
    !leads ||
    (record && isForwardOnly(record.phase) && record.phase !== 'degraded')
  )
    return;
  // A planned change shuts a living leader out, and opens it again when it is called off.
  if (record?.phase === 'closing' || now - (record?.passed.closing ?? Number.NEGATIVE_INFINITY) <= STALE_MS) return;
  if (one.upSinceMs !== undefined && now - one.upSinceMs > STALE_MS) world.violate('fenced a living leader');
};

/** What must be true in the end: a leader that is well is not shut out by what was called off long ago. */
export const judgeEnd = (world: World, record: FailoverRecord | undefined): void => {
  const leader = record && world.find(record.leader);
  const isCalm = record?.phase === 'healthy' && world.now - record.phaseSinceMs > 60_000;
  const isUp = leader?.upSinceMs !== undefined && world.now - leader.upSinceMs > 60_000;
  const isReached = world.farReachable.recovery && !world.nearCut && world.recordUp && record?.paused === undefined;
  if (isCalm && isUp && isReached && !leader.roleMayLogin && !world.guardRefused)
    world.violate('left a living leader without logins');
};

/** What must be true when the old primary is snapshotted or stopped: another instance leads. */
export const judgeAftermath = (world: World, one: Database, record: FailoverRecord | undefined): void => {
  // RDS takes names: a call that hung may meet what a person made under the old name meanwhile. RDS stops no replica.
  if (world.deletedAtMs !== undefined && one.source !== undefined) return;
  const isKnown = record?.retired.some(({ resourceId }) => resourceId === one.resourceId);
  if (!['degraded', 'healthy'].includes(record?.phase ?? '') || !isKnown)
    world.violate(`cleared up after the old primary in phase ${record?.phase}`);
  if (one === world.leading || (record && world.find(record.leader)?.opened === undefined))
    world.violate('cleared up after the old primary while nobody leads');
};

/** What must be true when RDS is asked to promote. */
export const judgePromotion = (world: World, one: Database, record: FailoverRecord | undefined): void => {
  const { now } = world;
  world.count(`promote-epoch-${record?.epoch}`);
  if (record?.phase !== 'promoting') world.violate(`promoted in phase ${record?.phase}`);
  const leader = record && world.find(record.leader);
  if (record === undefined || leader === undefined || leader === one) {
    world.violate('promoted nobody, or the leader itself');
    return;
  }
  if (record.candidate.instance !== one.instance) world.violate('promoted another instance than the candidate');
  if (now - one.changedMs > STALE_MS && isAnother(one, leader, now))
    world.violate('promoted another instance than the one that was watched');
  if (record.switchover !== undefined) {
    if (leader.lastRowMs > one.replayedCommitMs) world.violate('a switchover lost rows');
    if (leader.accepts(now)) world.violate('switched over while the old primary takes writes');
    return;
  }
  const isForced = world.isForced(record.epoch);
  const mustBeFenced = world.scenario.fence === 'confirmed' && !isForced;
  if (!mustBeFenced && !(isLeasedWorld(world) && !isForced)) return;
  if (mustBeFenced && leader.groups.some(({ id }) => id !== EMPTY[leader.region]))
    world.violate('promoted without a fence');
  if (leader.accepts(now) && !comesBackBehindACut(world, leader))
    world.violate('promoted while the old primary takes writes');
  if (
    record.lossSeconds !== undefined &&
    lossMs(leader, one) > record.lossSeconds * 1000 &&
    !comesBackBehindACut(world, leader, leader.lastCommitMs)
  )
    world.violate('lost more than the published bound');
  if (now < START_MS) world.violate('time went back');
};

/** The exposure that the lease publishes: what comes back behind a cut takes commits for one step of its guard. */
export const comesBackBehindACut = (world: World, { upSinceMs }: Database, untilMs = world.now): boolean =>
  isLeasedWorld(world) &&
  upSinceMs !== undefined &&
  upSinceMs > 0 &&
  untilMs - upSinceMs <= ((world.scenario.leaseSeconds ?? 0) * 1000) / 3 + 4_000;

const isLeasedWorld = ({ scenario }: World): boolean =>
  scenario.fence === 'lease' && scenario.leaseSeconds !== undefined;
