import type { InstanceView } from './evidence.ts';
import { isOfPair, type Policy } from './policy.ts';

/**
 * Who leads in a region by RDS's word alone, for the guard, which reads no record: an instance of the pair that follows nobody, runs
 * and is not behind the empty group. Of several the one that was built last: who led before it is shut.
 */
export const leadingIn = (
  region: string,
  policy: Pick<Policy, 'pair' | 'primary' | 'replica' | 'fencedSecurityGroups'>,
  seen: readonly InstanceView[],
): InstanceView | undefined => {
  const empty = policy.fencedSecurityGroups[region];
  const isShut = ({ securityGroups: [first, ...others] }: InstanceView) => first?.id === empty && others.length === 0;
  return seen
    .filter((one) => one.source === undefined && one.status !== 'stopped' && !(empty !== undefined && isShut(one)))
    .filter(({ instance }) => isOfPair(policy, { instance, region }))
    .sort((one, other) => builtIn(other.instance) - builtIn(one.instance))[0];
};

/** The epoch that an instance was built in, by its name; 0 for one of the config. */
const builtIn = (instance: string): number => Number(/-e(\d{1,9})$/.exec(instance)?.[1] ?? 0);
