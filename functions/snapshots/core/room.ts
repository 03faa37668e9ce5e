import type { DatabaseVerdict } from './database-verdict.ts';
import { type Inventory, KINDS, type Kind, type Snapshot } from './inventory.ts';
import type { Settings } from './policy.ts';
import { DEFAULT_QUOTA, type Forecast, shareOut } from './quota.ts';

/** A database as its own state has it, before the quota is asked. */
export interface Wanted {
  verdict: DatabaseVerdict;
  newestTriedMs: number | undefined;
}

/** Leaves out what the quota cannot hold, the freshest first. Without an answer about the quota nothing is left out: RDS will say. */
export const withinQuota = (
  wanted: readonly Wanted[],
  inventory: Inventory,
  forecasts: readonly Forecast[],
  deletes: readonly Snapshot[],
  settings: Settings,
): { databases: DatabaseVerdict[]; deletesFirst: boolean; leftOut: ReadonlyMap<Kind, number> } => {
  const due = wanted.filter(({ verdict }) => verdict.kind === 'create');
  const free = new Map(
    forecasts.map(({ kind, max, used, assumed }) => [kind, assumed ? Number.POSITIVE_INFINITY : max - used]),
  );
  const short = [...free].some(
    ([kind, room]) => due.filter(({ verdict }) => verdict.database.kind === kind).length > room,
  );
  const deletesFirst = short && settings.expiry === 'armed' && deletes.length > 0;
  if (deletesFirst) for (const { kind } of deletes) free.set(kind, (free.get(kind) ?? 0) + 1);
  const { later } = shareOut(
    due.map(({ verdict, newestTriedMs }) => ({
      verdict,
      newestTriedMs,
      kind: verdict.database.kind,
      resourceId: verdict.database.resourceId,
      newestGoodMs: verdict.newestGoodMs,
    })),
    free,
  );
  const left = new Set(later.map(({ verdict }) => verdict));
  const full = (kind: Kind): string => {
    const quota = inventory.quotas.find((one) => one.kind === kind);
    return `${quota?.used ?? '?'} of ${quota?.max ?? DEFAULT_QUOTA} used`;
  };
  return {
    deletesFirst,
    leftOut: new Map(KINDS.map((kind) => [kind, later.filter((one) => one.kind === kind).length])),
    databases: wanted.map(({ verdict }) =>
      left.has(verdict) ? { ...verdict, kind: 'skip', because: 'quota', detail: full(verdict.database.kind) } : verdict,
    ),
  };
};
