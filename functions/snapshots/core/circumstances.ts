import type { Inventory, KeyState, Kind, Pause } from './inventory.ts';
import { pauseOf } from './orders.ts';
import type { Settings } from './policy.ts';

/** What bears on a deletion beside the snapshots of its database. Whatever could not be seen is said, and keeps. */
export interface Circumstances {
  /** By key id; a key that is not in it is `unknown`. */
  keys: Readonly<Record<string, KeyState>>;
  ordersSeen: boolean;
  expiryPause: Pause | undefined;
  /** False when copies are made and nobody could say of which snapshots. */
  copiesSeen: boolean;
  /** ARNs of snapshots that a copy is being made from. */
  copying: ReadonlySet<string>;
  /** Kinds whose databases could not be seen: their snapshots only look like orphans. */
  blind: ReadonlySet<Kind>;
}

/** Nothing is known: nothing is deleted. */
export const IN_THE_DARK: Circumstances = {
  keys: {},
  ordersSeen: false,
  expiryPause: undefined,
  copiesSeen: false,
  copying: new Set(),
  blind: new Set(['instance', 'cluster']),
};

/** Reads the circumstances out of an inventory. */
export const circumstancesOf = (
  { keys, orders, copying, unseen }: Pick<Inventory, 'keys' | 'orders' | 'copying' | 'unseen'>,
  settings: Pick<Settings, 'copies'>,
): Circumstances => {
  const isUnseen = (what: string) => unseen.some((one) => one.what === what);
  const blind = unseen.flatMap(({ what, kind }): Kind[] =>
    what !== 'databases' ? [] : kind === undefined ? ['instance', 'cluster'] : [kind],
  );
  return {
    keys: keys ?? {},
    ordersSeen: orders !== undefined && !isUnseen('orders'),
    expiryPause: pauseOf(orders, 'expiry'),
    copiesSeen: settings.copies === undefined || (copying !== undefined && !isUnseen('copies')),
    copying: copying ?? new Set(),
    blind: new Set(blind),
  };
};
