import type { Answer, GuardReport, InstanceView } from '../core/evidence.ts';
import { leadingIn } from '../core/leading.ts';
import { isLeased } from '../core/lease.ts';
import { leaseSentence } from '../core/lease-sentence.ts';
import type { Policy, Target } from '../core/policy.ts';
import { observePrimary } from './guard.ts';
import { keepLease, type LeasePorts } from './lease.ts';
import { ask } from './look.ts';

export type GuardedPair = readonly [ports: LeasePorts, policy: Policy, own: Target];

export interface TickOptions {
  /** Every DB instance of this region, or every cluster: asked once, for all pairs of the kind. */
  all: (kind: Policy['kind']) => Promise<InstanceView[]>;
  remainingMs: () => number;
  said: (sentence: string, isTrouble: boolean) => void;
}

/**
 * The guard's minute: a heartbeat of every pair's leader here, and the leases kept until the next minute's run has taken over. One pair's
 * trouble ends no other's lease: it is thrown when all are done.
 */
export const guardTick = async (pairs: readonly GuardedPair[], options: TickOptions): Promise<GuardReport[]> => {
  const kept = pairs.filter(([, policy]) => isLeased(policy)).map(([ports, policy]) => keep(ports, policy, options));
  const kinds = new Set(pairs.map(([, { kind }]) => kind));
  const all = new Map([...kinds].map((kind) => [kind, ask(() => options.all(kind))]));
  const beats = pairs.map(async ([ports, policy, own]) =>
    observePrimary(ports, policy, leaderHere(await all.get(policy.kind), policy, own), 0),
  );
  const [seen, leases] = await Promise.all([Promise.allSettled(beats), Promise.allSettled(kept)]);
  const troubles = [...seen, ...leases].flatMap((one) =>
    one.status === 'rejected' ? [one.reason instanceof Error ? one.reason.message : String(one.reason)] : [],
  );
  if (troubles.length > 0) throw new Error(troubles.join('; '));
  return seen.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
};

/** Who leads here may be a rebuilt one; where RDS does not list them, or nobody leads, the config's own is looked at. */
const leaderHere = (all: Answer<InstanceView[]> | undefined, policy: Policy, own: Target): Target => {
  const found = all?.kind === 'ok' ? leadingIn(own.region, policy, all.report) : undefined;
  return found === undefined ? own : { instance: found.instance, region: own.region };
};

/** Says each change once: a lease is renewed every few seconds. */
const keep = async (ports: LeasePorts, policy: Policy, { remainingMs, said }: TickOptions): Promise<void> => {
  let last: string | undefined;
  await keepLease(ports, policy, {
    remainingMs,
    said: (step) => {
      const sentence = leaseSentence(policy, step);
      if (sentence !== last) said(sentence, !['renewed', 'elsewhere'].includes(step.word) || step.duty !== 'nothing');
      last = sentence;
    },
  }).catch((error: unknown) => {
    // At once, and not after the other pairs' leases: nobody keeps this one.
    said(`The lease of ${policy.pair} is not kept: ${error instanceof Error ? error.message : String(error)}.`, true);
    throw error;
  });
};
