import type { ClusterSeen, GlobalSeen } from './aurora.ts';
import { type Answer, type Evidence, type InstanceView, isInstance, reportOf, sameHost } from './evidence.ts';
import { epochOf } from './names.ts';
import type { Policy } from './policy.ts';
import { clusterBackups, clusterPair, clusterShape, noClusterDrill } from './readiness-clusters.ts';
import { blocked, type Check, type CheckName, type Finding, ready, unknown, warning } from './readiness-finding.ts';
import { leaseFinding } from './readiness-lease.ts';
import { replicationFinding, setupOf } from './readiness-replication.ts';
import { checkRoles } from './readiness-roles.ts';
import { checkTags } from './readiness-tags.ts';
import type { FailoverRecord } from './record.ts';

/** A DB instance, or a cluster, with what its twin should equal on the day. */
export interface InstanceShape extends InstanceView {
  arn: string;
  /** The pair that its tag names (policy.ts, PAIR_TAG). */
  pairTag?: string | undefined;
  instanceClass: string;
  storageGb: number;
  /** DBParameterGroups[0]; `inSync` is false while a change waits for a reboot. */
  parameterGroup?: { name: string; inSync: boolean } | undefined;
  isMultiAz: boolean;
  isProtected: boolean;
  /** The ARN of the key; undefined where the storage is not encrypted. */
  kmsKey?: string | undefined;
  /** Of a cluster: what it is made of, and the global database that it is part of. */
  cluster?: { seen: ClusterSeen; global?: GlobalSeen | undefined } | undefined;
}

export interface SecretView {
  /** RDS made it and rotates it (ManageMasterUserPassword). */
  isManagedByRds: boolean;
}

/** What a readiness report is made of: read, never changed. */
export interface ReadinessFacts {
  policy: Policy;
  record: FailoverRecord;
  evidence: Evidence;
  leader: Answer<InstanceShape>;
  replica: Answer<InstanceShape>;
  /** The login's secret in each region; undefined where the login is by IAM. An answer of `missing` is a secret that is not there. */
  secrets?: Record<'leader' | 'replica', Answer<SecretView | 'missing'>> | undefined;
  /** The last rehearsal on record, and how long RDS took to promote. */
  lastDrill?: { atMs: number; promoteSeconds: number } | undefined;
  /** A newer one that failed. */
  failedDrill?: { atMs: number; sentence: string } | undefined;
  /** Throw-aways that no drill under way knows. */
  strays?: readonly string[] | undefined;
  nowMs: number;
}

const replica = ({ policy, record, leader, replica: answer }: ReadinessFacts): Finding => {
  const one = reportOf(answer);
  if (one === undefined) return unknown(`RDS in ${record.candidate.region}`, answer);
  const { instance } = record.leader;
  if (record.phase === 'degraded') {
    return blocked(
      `${instance} leads since epoch ${record.epoch}, and nobody follows it yet: there is no further failover.`,
      record.acked === undefined
        ? 'Say that you have seen it: mainstay failover ack.'
        : 'mainstay failover status says what it waits for.',
    );
  }
  const amiss = clusterPair(policy.kind, leader, one);
  if (amiss !== undefined) return amiss;
  if (!isInstance(one.source ?? '', instance)) {
    return blocked(
      `${one.instance} replicates ${one.source ?? 'nothing'}, not ${instance}.`,
      `Create a read replica of ${instance} and name it in the config.`,
    );
  }
  // The reason names what would make it possible.
  if (one.unfit !== undefined) return blocked(`RDS would not let ${one.instance} lead: ${one.unfit}.`, one.unfit);
  if (one.status !== 'available') {
    return blocked(
      `${one.instance} is ${one.status}, and RDS promotes only an available replica.`,
      'Bring it back to available.',
    );
  }
  const source = reportOf(leader)?.source;
  if (source !== undefined)
    return blocked(
      `${instance} is itself a replica of ${source}: a replica of a replica is not failed over to.`,
      `Replicate ${source} directly, or promote ${instance} first.`,
    );
  const its = reportOf(leader)?.engineVersion;
  if (its !== undefined && its !== one.engineVersion) {
    return warning(
      `${one.instance} runs ${one.engineVersion} and its source ${its}.`,
      'Upgrade them to the same version.',
    );
  }
  return ready(`${one.instance} is an available replica of ${instance}, of the same version.`);
};

const backups = ({ policy, record, leader, replica: answer }: ReadinessFacts): Finding => {
  const one = reportOf(answer);
  if (one === undefined) return unknown(`RDS in ${record.candidate.region}`, answer);
  if (policy.kind !== undefined) return clusterBackups(one, reportOf(leader));
  // docs: USER_ReadRepl.Promote: enable backups, and let one be made, before a promotion.
  return one.backupRetentionDays > 0
    ? ready(`${one.instance} keeps backups for ${one.backupRetentionDays} days.`)
    : warning(
        `${one.instance} keeps no backups: the new leader would have none at first, and could have no replica.`,
        `Give ${one.instance} a backup retention, in a window apart from a backup of the source.`,
      );
};

const shape = ({ policy, record, leader: first, replica: second }: ReadinessFacts): Finding => {
  const [leader, one] = [reportOf(first), reportOf(second)];
  if (leader === undefined) return unknown(`RDS in ${record.leader.region}`, first);
  if (one === undefined) return unknown(`RDS in ${record.candidate.region}`, second);
  if (policy.kind !== undefined) return clusterShape(leader, one);
  const unlike = [
    leader.instanceClass !== one.instanceClass && `its class is ${one.instanceClass}, not ${leader.instanceClass}`,
    one.storageGb < leader.storageGb && `it has ${one.storageGb} GB, not ${leader.storageGb}`,
    leader.parameterGroup?.name !== one.parameterGroup?.name &&
      `its parameter group is ${one.parameterGroup?.name ?? 'none'}, not ${leader.parameterGroup?.name ?? 'none'}`,
    one.parameterGroup?.inSync === false && 'a change of its parameters waits for a reboot',
    leader.isMultiAz && !one.isMultiAz && 'it is in one Availability Zone, its source in two',
    leader.isProtected && !one.isProtected && 'it may be deleted, its source may not',
  ].filter((word) => word !== false);
  return unlike.length === 0
    ? ready(`${one.instance} has the class, storage, parameter group and protection of ${leader.instance}.`)
    : warning(
        `${one.instance} is not like ${leader.instance}: ${unlike.join('; ')}.`,
        `Change ${one.instance} until it is.`,
      );
};

const securityGroups = ({ policy, record, leader, replica: answer }: ReadinessFacts): Finding => {
  const one = reportOf(answer);
  if (one === undefined) return unknown(`RDS in ${record.candidate.region}`, answer);
  if (one.securityGroups.length === 0) {
    return blocked(
      `${one.instance} has no security group: nobody could reach it.`,
      'Give it the groups that applications need.',
    );
  }
  const empty = policy.fencedSecurityGroups[record.leader.region];
  const shut = reportOf(leader)?.securityGroups.some(({ id }) => id === empty);
  return shut
    ? blocked(
        `${record.leader.instance} stands behind the empty group ${empty}: it is fenced.`,
        'If no incident is open, give it its own groups back.',
      )
    : ready(`${one.instance} has security groups of its own, and its source is not fenced.`);
};

const encryption = ({ record, leader, replica: answer }: ReadinessFacts): Finding => {
  const one = reportOf(answer);
  if (one === undefined) return unknown(`RDS in ${record.candidate.region}`, answer);
  if (one.status.startsWith('inaccessible-encryption-credentials')) {
    return blocked(
      `${one.instance} cannot use its KMS key (status ${one.status}).`,
      `Enable the key ${one.kmsKey ?? ''} again.`,
    );
  }
  if (one.kmsKey === undefined) {
    return reportOf(leader)?.kmsKey === undefined
      ? ready(`${one.instance} is not encrypted, and neither is its source.`)
      : warning(
          `${one.instance} is not encrypted, and its source is.`,
          'Create the replica anew with a key of its region.',
        );
  }
  const region = one.kmsKey.split(':')[3];
  return region === record.candidate.region
    ? ready(`${one.instance} is encrypted by a key of ${region}, which RDS can use.`)
    : blocked(`The key of ${one.instance} lives in ${region}.`, `Use a key of ${record.candidate.region}.`);
};

const login = ({ record, secrets }: ReadinessFacts): Finding => {
  if (secrets === undefined) return ready('The login is by IAM: there is no secret to keep alike.');
  for (const side of ['leader', 'replica'] as const) {
    const { region } = side === 'leader' ? record.leader : record.candidate;
    const found = reportOf(secrets[side]);
    if (found === undefined) return unknown(`Secrets Manager in ${region}`, secrets[side]);
    if (found === 'missing') {
      return blocked(`The login's secret is not in ${region}.`, `Replicate the secret to ${region}.`);
    }
    // RDS makes no read replica of a source whose password it manages itself (docs: rds-secrets-manager, limitations).
    if (found.isManagedByRds) {
      return blocked(
        `The login's secret in ${region} is managed by RDS, which rotates it where the other side cannot follow.`,
        'Use a secret of your own for the role mainstay, replicated to both regions.',
      );
    }
  }
  return ready('The login has a secret of its own in both regions.');
};

const names = ({ policy, record, evidence }: ReadinessFacts): Finding => {
  const seen = reportOf(evidence.names);
  if (seen === undefined) return unknown('Route 53', evidence.names);
  const { writer, ttlSeconds } = policy.names;
  const host = record.leader.endpoint?.host;
  if (host === undefined)
    return { state: 'unknown', sentence: 'The leader was not seen yet.', fix: 'Let the reconciler look once.' };
  if (!sameHost(seen.value, host)) {
    return blocked(
      `${writer} names ${seen.value ?? 'nothing'}, not the leader ${host}.`,
      'Point the name at the leader.',
    );
  }
  if (epochOf(seen.epochText) > record.epoch) {
    return blocked(
      `DNS says epoch ${epochOf(seen.epochText)} and the record ${record.epoch}: the record is old.`,
      'Find out who moved the name; do not arm this pair before.',
    );
  }
  return (seen.ttlSeconds ?? ttlSeconds) > ttlSeconds
    ? warning(
        `${writer} has a TTL of ${seen.ttlSeconds} s, and ${ttlSeconds} s are planned.`,
        `Set it to ${ttlSeconds} s now: an old TTL outlives the change.`,
      )
    : ready(`${writer} names the leader, with a TTL of ${seen.ttlSeconds ?? ttlSeconds} s.`);
};

const heartbeat = ({ policy, evidence, nowMs }: ReadinessFacts): Finding => {
  const [guard, one] = [reportOf(evidence.guard), reportOf(evidence.replica)];
  if (guard === undefined) return unknown("The guard in the leader's region", evidence.guard);
  if (guard.write.kind !== 'wrote') {
    return blocked(
      `The guard's write was not accepted: ${guard.write.because}.`,
      `Run ${setupOf(policy)} on the leader and check the login of the guard.`,
    );
  }
  if (one === undefined) return unknown("The observer in the replica's region", evidence.replica);
  if (one.heartbeat === undefined) {
    return blocked(
      'No heartbeat is on the replica: a loss could not be bounded.',
      `Run ${setupOf(policy)} on the leader.`,
    );
  }
  const amiss = replicationFinding(evidence, policy);
  if (amiss !== undefined) return amiss;
  const ageSeconds = Math.round((nowMs - one.heartbeat.atMs) / 1000);
  return ageSeconds <= policy.maxLossSeconds
    ? ready(`The newest heartbeat on the replica is ${ageSeconds} s old, and ${policy.maxLossSeconds} s may be lost.`)
    : blocked(
        `The newest heartbeat on the replica is ${ageSeconds} s old, and only ${policy.maxLossSeconds} s may be lost.`,
        'Look at the replication: a failover now would be held by G6.',
      );
};

const setup = ({ policy, evidence }: ReadinessFacts): Finding => {
  const script = setupOf(policy);
  const one = reportOf(evidence.replica);
  if (one === undefined) return unknown("The observer in the replica's region", evidence.replica);
  const { lacks } = one;
  if (lacks === undefined)
    return {
      state: 'unknown',
      sentence: `Whether ${script} has run, and which roles there are, could not be asked.`,
      fix: 'Deploy this release in both regions, and look again.',
    };
  return lacks.length === 0
    ? ready(
        `${script} of this release has run, each application role can be fenced, and the login may no more than it needs.`,
      )
    : blocked(
        `A fence or a switchover would not shut everybody out: ${lacks.join('; ')}.`,
        `Run ${script} on the leader again, and name in applicationRoles the roles that applications log in with.`,
      );
};

const fence = ({ policy, record, leader, evidence, nowMs }: ReadinessFacts): Finding => {
  if (policy.fence === 'none') {
    return warning(
      'No fence is asked for: a primary that lives behind a cut goes on taking writes.',
      'Set fence: confirmed.',
    );
  }
  if (reportOf(leader) === undefined) return unknown(`RDS in ${record.leader.region}`, leader);
  const empty = policy.fencedSecurityGroups[record.leader.region];
  if (empty === undefined) {
    return blocked(
      `The config names no empty security group in ${record.leader.region}: the leader could not be fenced.`,
      'Make one without rules in its VPC and name it (fencedSecurityGroupId of that side).',
    );
  }
  if (policy.fence === 'lease') return leaseFinding(policy, record, evidence, nowMs);
  return policy.mode === 'observe'
    ? warning('The mode is observe: this pair is watched only.', 'Set mode: approve or armed when you trust it.')
    : ready(`The fence is confirmed: nothing is promoted without proof, by the group ${empty}.`);
};

/** A rehearsal older than this says little about today. */
const DRILL_DAYS = 90;

const drill = ({ policy, record, lastDrill, failedDrill, strays = [], nowMs }: ReadinessFacts): Finding => {
  if (strays.length > 0)
    return warning(
      `Left by a drill, and costing money: ${strays.join(', ')}.`,
      'Look at it, and delete it by hand: no drill that is under way knows it.',
    );
  const fix = `Rehearse it: mainstay failover drill ${policy.pair}.`;
  if (failedDrill !== undefined) return warning(failedDrill.sentence, fix);
  if (lastDrill === undefined && policy.kind !== undefined) return noClusterDrill(policy, record);
  if (lastDrill === undefined)
    return warning('No rehearsal is on record: how long a promotion takes is not known.', fix);
  const days = Math.floor((nowMs - lastDrill.atMs) / 86_400_000);
  const sentence = `The last rehearsal was ${days} days ago; RDS took ${lastDrill.promoteSeconds} s to promote.`;
  return days > DRILL_DAYS ? warning(sentence, fix) : ready(sentence);
};

const CHECKS: readonly [CheckName, (facts: ReadinessFacts) => Finding][] = [
  ['replica', replica],
  ['backups', backups],
  ['shape', shape],
  ['security-groups', securityGroups],
  ['encryption', encryption],
  ['login', login],
  ['names', names],
  ['heartbeat', heartbeat],
  ['setup', setup],
  ['fence', fence],
  ['drill', drill],
];

/** What would go wrong on the day, found before it: eleven checks, and those of a pair that failed over; each a sentence and, where something is amiss, a fix. */
export const checkReadiness = (facts: ReadinessFacts): Check[] => [
  ...CHECKS.map(([name, check]) => ({ name, ...check(facts) })),
  ...checkTags(facts),
  ...checkRoles(facts),
];
