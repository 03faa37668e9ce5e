import type { Evidence } from './evidence.ts';
import { GUARD_GAP_MS, leaseWaitMs, renewEveryMs } from './lease.ts';
import { CLOCK_SKEW_MS, type Policy } from './policy.ts';
import type { Check } from './readiness-finding.ts';
import type { FailoverRecord } from './record.ts';

const HELD = 'a silent region would be held by G7';

/** Whether the lease of a leased pair would do on the day: its table, its renewals, and what its guard promises. */
export const leaseFinding = (
  { mode, lease: configured }: Pick<Policy, 'mode' | 'lease'>,
  { leader }: Pick<FailoverRecord, 'leader'>,
  { lease: seen }: Pick<Evidence, 'lease'>,
  nowMs: number,
): Omit<Check, 'name'> => {
  if (configured === undefined) {
    return {
      state: 'blocked',
      sentence: `No lease is configured: ${HELD}.`,
      fix: 'Set lease: { seconds } beside a record in mrsc, or lease: { table, seconds }, or fence: confirmed.',
    };
  }
  const { seconds, table } = configured;
  if (seen?.kind !== 'ok') {
    const because = seen?.kind === 'no-answer' ? seen.because : 'it is asked of a pair that leads';
    return {
      state: seen?.kind === 'no-answer' ? 'blocked' : 'unknown',
      sentence: `The lease could not be read (${because}): ${HELD}.`,
      fix: 'Look at the check of the record; a table of your own is made as docs/verify-on-aws.md says, with a replica in both regions of the pair.',
    };
  }
  const { lease } = seen.report;
  if (lease === undefined) {
    return {
      state: 'blocked',
      sentence: `No guard has kept the lease in ${table} yet: ${HELD}.`,
      fix: "Read the guard's log: it needs its grants, and a way from its VPC to DynamoDB (a gateway endpoint).",
    };
  }
  const ageMs = nowMs - lease.renewedAtMs;
  if (lease.holder !== leader.region) {
    return {
      state: 'blocked',
      sentence: `The lease is held by ${lease.holder}, not by ${leader.region}, where the leader is.`,
      fix: 'mainstay failover explain says what the pair waits for.',
    };
  }
  if (ageMs > seconds * 1000 + GUARD_GAP_MS + CLOCK_SKEW_MS) {
    return {
      state: 'blocked',
      sentence: `The lease was last renewed ${Math.round(ageMs / 1000)} s ago, and holds for ${seconds} s.`,
      fix: "Read the guard's log: its tick has stopped, or it cannot reach DynamoDB.",
    };
  }
  if (lease.closesAfterSeconds === undefined) {
    return mode === 'observe'
      ? {
          state: 'warning',
          sentence: 'The mode is observe: the lease is renewed, and the guard would shut nobody out.',
          fix: 'Set mode: approve or armed when you trust it.',
        }
      : {
          state: 'blocked',
          sentence: `The guard that renews the lease only watches: ${HELD}.`,
          fix: "Deploy the leader's region with this config, or wait for the guard's next minute.",
        };
  }
  if (lease.closesAfterSeconds !== seconds) {
    return {
      state: 'warning',
      sentence: `The guard keeps a lease of ${lease.closesAfterSeconds} s, and ${seconds} s are configured: the longer one is reckoned with.`,
      fix: 'Deploy both regions with the same config.',
    };
  }
  const [every, wait] = [renewEveryMs(seconds * 1000), leaseWaitMs(seconds)].map((ms) => Math.round(ms / 100) / 10);
  return {
    state: 'ready',
    sentence: `The lease is renewed every ${every} s; a silent region is shut for certain after ${wait} s.`,
  };
};
