import type { InstanceView } from '../core/evidence.ts';
import type { Retired } from '../core/record.ts';
import type { Clock, OldPrimary } from './ports.ts';

export interface AftermathPorts {
  old: OldPrimary;
  clock: Clock;
}

/** An order about the instance that led before, worth nothing after `notAfterMs`. */
export interface OldOrder {
  pair: string;
  notAfterMs: number;
  old: Retired;
}

/** The salvage snapshot's name: the same order asked for twice is one snapshot. */
export const salvageName = (pair: string, epoch: number): string =>
  // Also in the reconciler's role (resources/roles.ts). The snapshots wing deletes none of these: they are not its own.
  `salvage-${pair}-epoch-${epoch}`;

/** Takes the snapshot of the old primary that has what the new leader may miss. */
export const salvageOld = async (ports: AftermathPorts, order: OldOrder): Promise<void> => {
  const view = await thatVeryOne(ports, order);
  const tags = { 'mainstay:failover': order.pair, 'mainstay:epoch': String(order.old.epoch) };
  await ports.old.snapshot(order.old.region, view, salvageName(order.pair, order.old.epoch), tags);
};

/** Stops the old primary: RDS starts it again after seven days, and then it is stopped again. */
export const stopOld = async (ports: AftermathPorts, order: OldOrder): Promise<void> => {
  const { instance } = await thatVeryOne(ports, order);
  await ports.old.stop(order.old.region, instance);
};

/** The instance by its identity, never by its name alone: a name may belong to a rebuilt one by now. */
const thatVeryOne = async ({ old, clock }: AftermathPorts, order: OldOrder): Promise<InstanceView> => {
  const { instance, region, resourceId } = order.old;
  const view = await old.describe(region, instance);
  if (view === undefined) throw new Error(`RDS knows no instance ${instance}`);
  if (resourceId === undefined || view.resourceId !== resourceId) {
    throw new Error(`the order is about ${resourceId ?? 'nobody'}, and ${instance} is ${view.resourceId}`);
  }
  if (clock.now() > order.notAfterMs) throw new Error(`the order of epoch ${order.old.epoch} came too late`);
  return view;
};
