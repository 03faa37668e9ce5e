import { instanceOf, requireAvailable } from '../context.ts';
import { rebootInstance, startInstance, stopInstance } from '../lifecycle.ts';
import { invalidCombination } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';

/** User Guide, USER_StopInstance: neither a read replica nor the source of one can be stopped. */
export const stop: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.source !== undefined)
    throw words.instance.invalidState(`Cannot stop ${instance.id}: it is a read replica.`);
  if (instance.replicas.length > 0)
    throw words.instance.invalidState(`Cannot stop ${instance.id}: it has read replicas.`);
  requireAvailable(instance, 'stop it');
  stopInstance(context, instance);
  return { DBInstance: instanceXml(context, instance) };
};

export const start: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.status !== 'stopped')
    throw words.instance.invalidState(`Instance ${instance.id} is not stopped or inaccessible.`);
  startInstance(context, instance);
  return { DBInstance: instanceXml(context, instance) };
};

/** API reference, RebootDBInstance. */
export const reboot: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'ForceFailover');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (params.flag('ForceFailover')) {
    throw invalidCombination(
      'Force failover can not be specified if the instance is not configured for MultiAZ, or by the local RDS',
    );
  }
  requireAvailable(instance, 'reboot it');
  rebootInstance(context, instance);
  return { DBInstance: instanceXml(context, instance) };
};
