import { errorText } from '../../../shared/aws/errors.ts';
import { type Inventory, KINDS, type Unseen } from '../core/inventory.ts';
import type { Ports } from './ports.ts';

/**
 * Sees everything that a plan is made from, at once. What cannot be seen is said, and left empty: without its databases a
 * snapshot is an orphan and kept; without its snapshots a database still gets one, for the name says which slot it is of.
 */
export const observe = async ({ databases, snapshots, quotas }: Ports): Promise<Inventory> => {
  const unseen: Unseen[] = [];
  const or = async <T>(looking: Promise<T[]>, blind: Omit<Unseen, 'detail'>): Promise<T[]> => {
    try {
      return await looking;
    } catch (error) {
      unseen.push({ ...blind, detail: errorText(error) });
      return [];
    }
  };
  const [databasesSeen, snapshotsSeen, quotasSeen] = await Promise.all([
    Promise.all(KINDS.map((kind) => or(databases.list(kind), { what: 'databases', kind }))),
    Promise.all(KINDS.map((kind) => or(snapshots.list(kind), { what: 'snapshots', kind }))),
    or(quotas.read(), { what: 'quotas' }),
  ]);
  return { databases: databasesSeen.flat(), snapshots: snapshotsSeen.flat(), quotas: quotasSeen, unseen };
};
