import { type InstanceView, isInstance } from '../core/evidence.ts';
import { COMMAND_LIFETIME_MS, PAIR_TAG, type Target } from '../core/policy.ts';
import { template } from '../core/rebuild.ts';
import type { FailoverRecord, Leader } from '../core/record.ts';
import type { Building, Clock, Databases, Fencing } from './ports.ts';
import { takeBack } from './take-back.ts';

export interface RebuildPorts {
  instances: Databases;
  building: Building;
  fencing: Pick<Fencing, 'unfence'>;
  clock: Clock;
}

/**
 * Asks RDS for a replica of the leader in the old leader's region, built like the old one, under a name of its own. One that
 * is there already is looked at, never assumed. Its time counts from when the order was written down.
 */
export const buildStandby = async (
  { instances, building, fencing, clock }: RebuildPorts,
  record: FailoverRecord,
  emptyGroup?: string,
): Promise<void> => {
  const { standby, leader, pair, epoch, intents } = record;
  const old = template(record);
  if (standby === undefined || old === undefined) throw new Error('nothing says what to build');
  if (standby.instance === old.instance && standby.region === old.region)
    return takeBack(fencing, record, await mustBe(instances, old), { old, emptyGroup });
  const seen = await instances.describe(standby.region, standby.instance);
  const there = isHalf(seen, leader) ? undefined : seen;
  if (there !== undefined) {
    if (isInstance(there.source ?? '', leader.instance)) return;
    throw new Error(`${standby.instance} is there already, and replicates ${there.source ?? 'nothing'}`);
  }
  await mustBe(instances, leader);
  await mustBe(instances, old);
  const groups = old.fence?.previousSecurityGroupIds ?? [];
  // Without any RDS takes the default group of the VPC, which may let in anybody.
  if (groups.length === 0) throw new Error(`which security groups ${old.instance} had was never seen`);
  if (clock.now() > (intents.rebuild?.atMs ?? 0) + COMMAND_LIFETIME_MS)
    throw new Error('the order to build came too late');
  await building.replica({
    target: { instance: standby.instance, region: standby.region },
    source: { instance: leader.instance, region: leader.region },
    like: old.instance,
    securityGroupIds: groups,
    tags: { [PAIR_TAG]: pair, 'mainstay:epoch': String(epoch) },
  });
};

/** A cluster that follows and has no instance is half of what was ordered: the other half is asked for. */
const isHalf = (view: InstanceView | undefined, leader: Target): boolean =>
  view?.unfit !== undefined && isInstance(view.source ?? '', leader.instance);

/** By its identity, not by its name alone. */
const mustBe = async (instances: Databases, { instance, region, resourceId }: Target & Pick<Leader, 'resourceId'>) => {
  const view = await instances.describe(region, instance);
  if (view === undefined) throw new Error(`RDS knows no instance ${instance}`);
  if (resourceId === undefined || view.resourceId !== resourceId) {
    throw new Error(`${instance} is ${view.resourceId}, and ${resourceId ?? 'nobody'} was known`);
  }
  return view;
};
