import { sourceArnOf } from '../core/copies/tags.ts';
import { isInTheMaking } from '../core/copies/verdict.ts';
import { KINDS } from '../core/inventory.ts';
import type { Copying, Snapshots } from '../run/ports.ts';

/**
 * What copies are being made from, seen in the region that they are made in. RDS has no filter by state, so this is every
 * manual snapshot there, page by page: one call per 100 copies, and only where copies are configured.
 */
export const copyingInto = (destination: Pick<Snapshots, 'list'>): Copying => ({
  sources: async () => {
    const seen = (await Promise.all(KINDS.map((kind) => destination.list(kind)))).flat();
    return new Set(seen.filter(isInTheMaking).flatMap((one) => sourceArnOf(one) ?? []));
  },
});
