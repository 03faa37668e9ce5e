import { instanceOf, requireAvailable } from '../context.ts';
import { rebootInstance, startInstance, stopInstance } from '../lifecycle.ts';
import { invalidCombination, invalidInstanceState } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import type { Action } from './instances.ts';

/** User Guide, USER_StopInstance: neither a read replica nor the source of one can be stopped. */
export const stop: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.source !== undefined) throw invalidInstanceState(`Cannot stop ${instance.id}: it is a read replica.`);
  if (instance.replicas.length > 0) throw invalidInstanceState(`Cannot stop ${instance.id}: it has read replicas.`);
  requireAvailable(instance, 'stop it');
  stopInstance(context, instance);
  return { DBInstance: instanceXml(instance, context.account) };
};

export const start: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.status !== 'stopped')
    throw invalidInstanceState(`Instance ${instance.id} is not stopped or inaccessible.`);
  startInstance(context, instance);
  return { DBInstance: instanceXml(instance, context.account) };
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
  return { DBInstance: instanceXml(instance, context.account) };
};
