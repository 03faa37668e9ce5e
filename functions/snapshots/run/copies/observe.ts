import { errorText } from '../../../../shared/aws/errors.ts';
import { type CopySight, kindsToLookAt } from '../../core/copies/cases.ts';
import { isOurCopy } from '../../core/copies/verdict.ts';
import { type Inventory, type KeyState, KINDS, type Orders, type Snapshot, type Unseen } from '../../core/inventory.ts';
import { isOwn } from '../../core/ownership.ts';
import type { CopySettings, Settings } from '../../core/policy.ts';
import type { Keys } from '../ports.ts';
import type { CopyPorts } from './ports.ts';

/**
 * Sees both regions. The source's snapshots are the long list, and matter only where a copy is due: in a sweep in which
 * every copy is fresh or on its way they are not asked for. What cannot be seen is said, and left empty.
 */
export const observeCopies = async (ports: CopyPorts, settings: Settings, nowMs: number): Promise<CopySight> => {
  const { source, destination, control } = ports;
  const sourceUnseen: Unseen[] = [];
  const destinationUnseen: Unseen[] = [];
  const [databases, copies, quotas, orders] = await Promise.all([
    each(KINDS, (kind) => or(source.databases.list(kind), [], sourceUnseen, { what: 'databases', kind })),
    each(KINDS, (kind) => or(destination.snapshots.list(kind), [], destinationUnseen, { what: 'snapshots', kind })),
    or(destination.quotas.read(), [], destinationUnseen, { what: 'quotas' }),
    or<Orders | undefined>(control.orders(), undefined, sourceUnseen, { what: 'orders' }),
  ]);
  const { kmsKeyId } = settings.copies as CopySettings;
  const seen: CopySight = {
    source: inventory(databases.flat(), [], sourceUnseen),
    destination: {
      ...inventory([], copies.flat(), destinationUnseen),
      quotas,
      keys: await states(destination.keys, [
        kmsKeyId,
        ...keysOf(copies.flat().filter((one) => isOurCopy(one, settings.stack))),
      ]),
    },
    orders,
  };
  const snapshots = (
    await each(kindsToLookAt(seen, settings, nowMs), (kind) =>
      or(source.snapshots.list(kind), [], sourceUnseen, { what: 'snapshots', kind }),
    )
  ).flat();
  const keys = await states(source.keys, keysOf(snapshots.filter((one) => isOwn(one, settings.stack))));
  return { ...seen, source: { ...seen.source, snapshots, keys } };
};

const inventory = (
  databases: Inventory['databases'],
  snapshots: readonly Snapshot[],
  unseen: readonly Unseen[],
): Inventory => ({ databases, snapshots, quotas: [], unseen });

const each = <In, Out>(all: readonly In[], work: (one: In) => Promise<Out>): Promise<Out[]> =>
  Promise.all(all.map(work));

const or = async <T>(looking: Promise<T>, blank: T, unseen: Unseen[], what: Omit<Unseen, 'detail'>): Promise<T> => {
  try {
    return await looking;
  } catch (error) {
    unseen.push({ ...what, detail: errorText(error) });
    return blank;
  }
};

const keysOf = (snapshots: readonly Snapshot[]): string[] =>
  snapshots.flatMap(({ kmsKeyId }) => (kmsKeyId === undefined ? [] : [kmsKeyId]));

/** Every key once. */
const states = async (keys: Keys, ids: readonly string[]): Promise<Record<string, KeyState>> =>
  Object.fromEntries(
    await each([...new Set(ids)], async (id): Promise<[string, KeyState]> => [id, await keys.state(id)]),
  );
