import { type InstanceView, isInstance } from '../core/evidence.ts';
import { isShut } from '../core/fence.ts';
import { COMMAND_LIFETIME_MS } from '../core/policy.ts';
import type { FailoverRecord, Retired } from '../core/record.ts';
import type { Fencing } from './ports.ts';

/**
 * A global database adds its old primary back by itself. Once it follows the new one, and not a moment before, its guard is told to
 * open the door that was shut for its commits, by the groups that the fence noted. Throws while Aurora is not done: it is asked again.
 */
export const takeBack = async (
  fencing: Pick<Fencing, 'unfence'>,
  { pair, epoch, leader, intents }: FailoverRecord,
  view: InstanceView,
  { old, emptyGroup }: { old: Retired; emptyGroup: string | undefined },
): Promise<void> => {
  const { instance, region, resourceId } = old;
  if (view.source === undefined || !isInstance(view.source, leader.instance))
    throw new Error(`Aurora has not added ${instance} back yet: minutes to hours once its region is well`);
  if (!isShut(view, emptyGroup)) return;
  const securityGroupIds = old.fence?.previousSecurityGroupIds ?? [];
  if (securityGroupIds.length === 0) throw new Error(`which security groups ${instance} had was never seen`);
  const notAfterMs = (intents.rebuild?.atMs ?? 0) + COMMAND_LIFETIME_MS;
  await fencing.unfence({
    ...{ pair, epoch, target: { instance, region }, resourceId, notAfterMs },
    ...{ securityGroupIds, follower: true },
  });
};
