import { errorText } from '../../../shared/aws/errors.ts';
import { type Inventory, type KeyState, KINDS, type Snapshot, type Unseen } from '../core/inventory.ts';
import { isOwn } from '../core/ownership.ts';
import type { Keys, Ports } from './ports.ts';

/** So many keys are asked about at once: an estate has a few, and KMS allows thousands of calls a second. */
const KEYS_AT_ONCE = 5;

/**
 * Sees everything that a plan is made from, at once. What cannot be seen is said, and left empty: without its databases a
 * snapshot is an orphan and kept; without its snapshots a database still gets one, for the name says which slot it is of.
 */
export const observe = async (
  { databases, snapshots, quotas, keys, control, copying }: Ports,
  { stack }: { stack: string },
): Promise<Inventory> => {
  const unseen: Unseen[] = [];
  const or = async <T, N>(looking: Promise<T>, otherwise: N, blind: Omit<Unseen, 'detail'>): Promise<T | N> => {
    try {
      return await looking;
    } catch (error) {
      unseen.push({ ...blind, detail: errorText(error) });
      return otherwise;
    }
  };
  const [databasesSeen, snapshotsSeen, quotasSeen, orders, sources] = await Promise.all([
    Promise.all(KINDS.map((kind) => or(databases.list(kind), [], { what: 'databases', kind }))),
    Promise.all(KINDS.map((kind) => or(snapshots.list(kind), [], { what: 'snapshots', kind }))),
    or(quotas.read(), [], { what: 'quotas' }),
    or(control.orders(), undefined, { what: 'orders' }),
    copying && or(copying.sources(), undefined, { what: 'copies' }),
  ]);
  const seen = snapshotsSeen.flat();
  return {
    databases: databasesSeen.flat(),
    snapshots: seen,
    quotas: quotasSeen,
    unseen,
    keys: await keyStates(seen, keys, stack),
    ...(orders && { orders }),
    ...(sources && { copying: sources }),
  };
};

/** The state of every key that a snapshot of ours is encrypted with, each asked about once. */
export const keyStates = async (
  snapshots: readonly Snapshot[],
  keys: Keys,
  stack: string,
): Promise<Record<string, KeyState>> => {
  const ids = [
    ...new Set(snapshots.flatMap((one) => (one.kmsKeyId !== undefined && isOwn(one, stack) ? [one.kmsKeyId] : []))),
  ];
  const states: Record<string, KeyState> = {};
  const worker = async () => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) states[id] = await keys.state(id);
  };
  await Promise.all(Array.from({ length: KEYS_AT_ONCE }, worker));
  return states;
};
