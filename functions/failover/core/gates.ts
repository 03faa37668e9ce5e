import { guardWord, isEngineDown } from './diagnose.ts';
import { isInstance, reportOf, sameHost, type Unsettled } from './evidence.ts';
import { fenceNeeded } from './fence.ts';
import { isKeptFor, isLeased, isOurs, leaseDoubt, leaseSeconds, leaseSilentMs } from './lease.ts';
import { epochOf } from './names.ts';
import { acceptedIn } from './record.ts';
import type { Situation } from './situation.ts';

/** A gate's answer: why not, in words for a person, or nothing. */
export type Gate = (situation: Situation) => string | undefined;

export type GateName = 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7' | 'G8' | 'G9' | 'G10';

export interface GateRow {
  name: GateName;
  asks: string;
  whyNot: Gate;
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const allowed: Gate = ({ record, policy, nowMs }) => {
  if (record.paused) return `paused by ${record.paused.by}: ${record.paused.why}`;
  if (policy.mode === 'observe') return 'the mode is observe: this pair is watched only';
  if ((record.cooldownUntilMs ?? 0) > nowMs && !acceptedIn(record).cooldown) {
    return `in cooldown for another ${seconds((record.cooldownUntilMs ?? 0) - nowMs)}`;
  }
  return undefined;
};

const agreed: Gate = ({ agree, agreedMs, policy }) => {
  if (!agree) return 'no two vantage points agree that the leader takes no writes';
  if (agreedMs < policy.confirmSeconds * 1000) {
    return `two vantage points have agreed for ${seconds(agreedMs)} of ${policy.confirmSeconds} s`;
  }
  return undefined;
};

const replicaSilent: Gate = ({ evidence, mayReceive }) => {
  if (reportOf(evidence.replica) === undefined) return 'the replica could not be asked what it hears';
  return mayReceive ? 'the replica still hears from its source: the leader is alive' : undefined;
};

const disaster: Gate = ({ record, diagnosis, failingMs, policy, primary }) => {
  if (acceptedIn(record).cause) return undefined;
  switch (diagnosis) {
    case 'broken':
    case 'region-down':
    // A leader that its replica still hears from is G3's to stop.
    case 'alive-to-replica':
      return undefined;
    case 'self-healing': {
      if (failingMs >= policy.selfHealSeconds * 1000) return undefined;
      return `RDS may heal this itself (status ${primary?.status ?? 'unknown'}): ${seconds(failingMs)} of ${policy.selfHealSeconds} s given`;
    }
    case 'unknown-status':
      return `RDS's word for the leader is ${primary?.status ?? 'not to be had'}: no evidence of a disaster`;
    case 'maintenance':
      return `RDS maintains the leader (status ${primary?.status}): it comes back by itself`;
    case 'operator':
      return `somebody stopped or removed the leader (status ${primary?.status}): that is for people to undo`;
    case 'storage-full':
      return 'the leader is out of storage: grow it, its replica is as full';
    case 'answers':
      return 'a server answers and refuses the write probe: it is alive';
    default:
      return `this is no disaster of the leader (${diagnosis})`;
  }
};

const fitCandidate: Gate = ({ candidate, primary, record }) => {
  if (candidate === undefined) return 'RDS could not be asked about the replica';
  if (record.candidate.resourceId !== undefined && candidate.resourceId !== record.candidate.resourceId) {
    return `${candidate.instance} is another instance than the one that was watched (${candidate.resourceId})`;
  }
  // First, for it says what to do: a stranger to the leader's global database follows nobody, either.
  if (candidate.unfit !== undefined) return candidate.unfit;
  if (candidate.source === undefined)
    return `${candidate.instance} is no replica (any more): build one of ${record.leader.instance} in its place`;
  if (!isInstance(candidate.source, record.leader.instance)) {
    return `${candidate.instance} is a replica of ${candidate.source}, not of ${record.leader.instance}`;
  }
  if (primary?.source !== undefined)
    return `${primary.instance} is itself a replica of ${primary.source}: a replica of a replica is not failed over to. Replicate that one directly, or promote ${primary.instance} first`;
  // PromoteReadReplica refuses other states, `backing-up` above all (docs: USER_ReadRepl.Promote).
  return candidate.status === 'available' ? undefined : `${candidate.instance} is ${candidate.status}, not available`;
};

const affordable: Gate = ({ record, loss, policy }) => {
  const accepted = acceptedIn(record).loss ?? 0;
  if (accepted === 'any' || loss.seconds <= Math.max(policy.maxLossSeconds, accepted)) return undefined;
  const bound = Number.isFinite(loss.seconds) ? `up to ${seconds(loss.seconds * 1000)}` : 'an unknown amount';
  const because = loss.unsettled === undefined ? '' : ` (${UNSETTLED[loss.unsettled]})`;
  return `${bound} of commits may be missing on the replica${because}, and ${policy.maxLossSeconds} s are allowed`;
};

const UNSETTLED: Readonly<Record<Unsettled, string>> = {
  applying: 'it still applies what it received',
  'out-of-order': 'it applies transactions in another order than its source',
};

const fenceable: Gate = (situation) => {
  const { primary, evidence, policy, record } = situation;
  const fence = fenceNeeded(situation);
  if (fence === 'none') return undefined;
  if (policy.fencedSecurityGroups[record.leader.region] === undefined)
    return `the config names no empty security group in ${record.leader.region}: the leader could not be fenced`;
  if (fence === 'lease') {
    if (!isLeased(policy)) return 'a lease needs a table that outlives the recovery region, and none is configured';
    // A guard that answers is judged as ever; a silent region closes its own door, if it does not renew.
    if (guardWord(evidence) === undefined) return stillRenewed(situation);
  } else if (reportOf(evidence.guard) === undefined)
    return "the guard in the leader's region does not answer: nothing can be fenced or proven";
  if (primary === undefined) return 'the guard could not ask RDS about the leader: a fence could not be proven';
  // With sessions possibly alive behind tracked connections, an empty security group would prove nothing.
  return isEngineDown(primary.status)
    ? undefined
    : `RDS calls the leader ${primary.status} though nothing answers: sessions may be alive, so a fence could not be proven`;
};

const stillRenewed: Gate = ({ lease, record, policy, evidence, nowMs }) => {
  const doubt = lease && leaseDoubt(lease);
  if (doubt !== undefined) return doubt;
  if (lease !== undefined && !isKeptFor(lease, record.leader, policy))
    return `the lease is another leader's, and keeps no door of ${record.leader.instance}`;
  if (isOurs(lease, record)) return undefined;
  if (lease === undefined) {
    const because = evidence.lease?.kind === 'no-answer' ? ` (${evidence.lease.because})` : '';
    return `no lease of this pair was seen${because}: its region may take writes for ever`;
  }
  const [unchangedMs, neededMs] = [nowMs - lease.sinceMs, leaseSilentMs(leaseSeconds(lease, policy))];
  return unchangedMs < neededMs
    ? `the lease has not been renewed for ${seconds(unchangedMs)} of ${seconds(neededMs)}: the leader's region may live`
    : undefined;
};

const namesAsKnown: Gate = ({ evidence, record, policy }) => {
  const seen = reportOf(evidence.names);
  if (seen === undefined) return 'Route 53 could not be asked for the writer name';
  if (record.leader.endpoint === undefined) return "the leader's endpoint was never seen";
  if (!sameHost(seen.value, record.leader.endpoint.host)) {
    return `${policy.names.writer} names ${seen.value ?? 'nothing'}, not the leader ${record.leader.endpoint.host}`;
  }
  return epochOf(seen.epochText) > record.epoch
    ? `DNS says epoch ${epochOf(seen.epochText)} and this record ${record.epoch}: the record is old`
    : undefined;
};

/** What only the replica has, where nothing else speaks against it as a standby: a person can take that upon himself. */
export const divergence: Gate = (situation) =>
  standbyDoubt(situation) === undefined ? reportOf(situation.evidence.replica)?.errant : undefined;

const engineAgrees: Gate = (situation) => {
  const own = acceptedIn(situation.record).divergence ? undefined : divergence(situation);
  return own === undefined
    ? standbyDoubt(situation)
    : `the replica has transactions of its own, which the leader never had: ${own}`;
};

const standbyDoubt: Gate = ({ evidence, candidate, primary }) => {
  const replica = reportOf(evidence.replica);
  if (replica !== undefined && !replica.inRecovery) return 'the replica is no standby: it takes writes of its own';
  const [mine, its] = [major(candidate?.engineVersion), major(primary?.engineVersion)];
  return mine !== undefined && its !== undefined && mine !== its
    ? `the replica runs engine version ${mine}, the leader ${its}: upgrade the one that is behind`
    : undefined;
};

const unvetoed: Gate = ({ record }) =>
  record.vetoed ? `vetoed by ${record.vetoed.by}: ${record.vetoed.why}` : undefined;

/** Every gate must be silent, in one snapshot, before an incident is committed. */
export const GATES: readonly GateRow[] = [
  { name: 'G1', asks: 'May this pair fail over now: mode, pause, cooldown?', whyNot: allowed },
  { name: 'G2', asks: 'Do two vantage points agree, for the whole confirm window?', whyNot: agreed },
  { name: 'G3', asks: 'Does the replica hear nothing, by the age of the last message?', whyNot: replicaSilent },
  { name: 'G4', asks: 'Is it a disaster that RDS does not heal by itself?', whyNot: disaster },
  { name: 'G5', asks: 'Is the candidate this replica of this leader, and available?', whyNot: fitCandidate },
  { name: 'G6', asks: 'Is the bound on the loss within the policy?', whyNot: affordable },
  { name: 'G7', asks: 'Can the fence be put up and proven?', whyNot: fenceable },
  { name: 'G8', asks: 'Does DNS name the leader that we know, at no later epoch?', whyNot: namesAsKnown },
  { name: 'G9', asks: 'Is the candidate a standby of the same engine version?', whyNot: engineAgrees },
  { name: 'G10', asks: 'Has nobody vetoed it?', whyNot: unvetoed },
];

/** All reasons against, in the order of the gates. */
export const closedGates = (gates: readonly GateRow[], situation: Situation): { gate: GateName; whyNot: string }[] =>
  gates.flatMap(({ name, whyNot }) => {
    const because = whyNot(situation);
    return because === undefined ? [] : [{ gate: name, whyNot: because }];
  });

const major = (version: string | undefined): string | undefined => version?.split('.')[0];
