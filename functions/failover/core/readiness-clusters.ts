import { pairDoubts } from './aurora.ts';
import { type Answer, reportOf } from './evidence.ts';
import type { Policy } from './policy.ts';
import type { InstanceShape } from './readiness.ts';
import { blocked, type Finding, ready, unknown, warning } from './readiness-finding.ts';
import type { FailoverRecord } from './record.ts';

// What is asked of Aurora clusters before the day where that is not what is asked of DB instances.

/** What the two clusters are not to each other; undefined where nothing speaks against them, and for a pair of DB instances. */
export const clusterPair = (
  kind: Policy['kind'],
  leader: Answer<InstanceShape>,
  follower: InstanceShape,
): Finding | undefined => {
  if (kind === undefined) return undefined;
  const its = reportOf(leader);
  if (its === undefined) return unknown("RDS in the leader's region", leader);
  if (its.cluster === undefined || follower.cluster === undefined)
    return unknown(`What ${its.instance} and ${follower.instance} are made of`, { kind: 'not-asked' });
  const doubts = pairDoubts(kind, its.cluster.seen, follower.cluster.seen, follower.cluster.global);
  return doubts.length === 0
    ? undefined
    : blocked(`${doubts.map(({ doubt }) => doubt).join('; ')}.`, doubts.map(({ fix }) => fix).join(' '));
};

/** Backups of a cluster are always on (docs: Aurora.Managing.Backups), so that only their age may differ. */
export const clusterBackups = (one: InstanceShape, leader: InstanceShape | undefined): Finding =>
  leader !== undefined && one.backupRetentionDays < leader.backupRetentionDays
    ? warning(
        `${one.instance} keeps backups for ${one.backupRetentionDays} days, and ${leader.instance} for ${leader.backupRetentionDays}.`,
        `aws rds modify-db-cluster --db-cluster-identifier ${one.instance} --backup-retention-period ${leader.backupRetentionDays} --apply-immediately`,
      )
    : ready(`${one.instance} keeps backups for ${one.backupRetentionDays} days, as every cluster does.`);

/** Storage grows by itself; what may differ are classes, the number of DB instances, parameters and protection. */
export const clusterShape = (leader: InstanceShape, one: InstanceShape): Finding => {
  const [members, its] = [one, leader].map(({ cluster }) => cluster?.seen.members.length ?? 0) as [number, number];
  const group = (shape: InstanceShape) => shape.parameterGroup?.name ?? 'none';
  const unlike = [
    leader.instanceClass !== one.instanceClass &&
      `its DB instances are ${one.instanceClass}, and the writer of ${leader.instance} is ${leader.instanceClass}`,
    members < its && `it has ${count(members)}, and ${leader.instance} ${its}`,
    group(leader) !== group(one) && `its cluster parameter group is ${group(one)}, not ${group(leader)}`,
    one.parameterGroup?.inSync === false && 'a change of its cluster parameters waits for a reboot',
    leader.isProtected && !one.isProtected && 'it may be deleted, its source may not',
  ].filter((word) => word !== false);
  return unlike.length === 0
    ? ready(
        `${one.instance} has the class, DB instances, cluster parameter group and protection of ${leader.instance}.`,
      )
    : warning(
        `${one.instance} is not like ${leader.instance}: ${unlike.join('; ')}.`,
        `Change ${one.instance} until it is.`,
      );
};

const count = (members: number): string => (members === 1 ? '1 DB instance' : `${members} DB instances`);

/** A drill restores a DB instance and loses it; clusters have none, and the check says so instead of asking for one. */
export const noClusterDrill = ({ pair }: Policy, { epoch }: FailoverRecord): Finding =>
  warning(
    'There is no drill of Aurora clusters: how long a promotion takes is known from a switchover alone.',
    `Rehearse it in a quiet hour: mainstay failover switchover ${pair} --epoch ${epoch} --why "…".`,
  );
