import { hourStart } from './calendar.ts';
import {
  deletionsAllowed,
  type ExpiryGroup,
  expireGroup,
  PROTECTIONS,
  type Protections,
  type SnapshotVerdict,
} from './expiry.ts';
import type { Database, Inventory, Kind, Snapshot, Unseen } from './inventory.ts';
import { freeName, namesOf, snapshotName } from './names.ts';
import { isOwn } from './ownership.ts';
import type { Policy, Settings } from './policy.ts';
import { DEFAULT_QUOTA, type Forecast, forecastQuota, shareOut } from './quota.ts';
import { type CreateReason, isSelected, type SkipReason, selectDatabase } from './selection.ts';
import { groupOf, tagsFor } from './tags.ts';
import { readWishes } from './wishes.ts';

/** What is to become of one database in this slot, and why. Every database that was seen has exactly one. */
export type DatabaseVerdict = {
  database: Database;
  selected: boolean;
  policy: Policy;
  minKeep: number;
  /** What is wrong with its tags. */
  problems: readonly string[];
  /** Good snapshots: own and available. */
  good: number;
  newestGoodMs: number | undefined;
  detail: string;
} & ({ kind: 'create'; because: CreateReason } | { kind: 'skip'; because: SkipReason });

/** A snapshot to be taken. */
export interface Create {
  database: Database;
  name: string;
  attempt: number;
  slotMs: number;
  tags: Readonly<Record<string, string>>;
  because: CreateReason;
}

export type Warning =
  | { kind: 'none-selected'; seen: number; tagKey: string }
  | { kind: 'unseen'; unseen: Unseen }
  | { kind: 'circuit-breaker'; stopped: number; allowed: number }
  | { kind: 'creation-broken'; database: Database; newestGoodMs: number };

export interface Plan {
  nowMs: number;
  slotMs: number;
  expiry: 'plan' | 'armed';
  databases: readonly DatabaseVerdict[];
  snapshots: readonly SnapshotVerdict[];
  creates: readonly Create[];
  deletes: readonly Snapshot[];
  forecasts: readonly Forecast[];
  warnings: readonly Warning[];
  /** More is due than fits: what may go goes first. */
  deletesFirst: boolean;
}

/** Everything a run would do, with a reason for each database and each snapshot. Pure: the same inventory, settings and moment give the same plan. */
export const plan = (
  inventory: Inventory,
  settings: Settings,
  nowMs: number,
  protections: Protections = PROTECTIONS,
): Plan => {
  const slotMs = hourStart(nowMs);
  const groups = groupByResource(inventory, settings);
  const seen = groups.map((group) => {
    const expiry = expireGroup(group, settings, nowMs, protections);
    return { group, good: expiry.good, verdicts: expiry.verdicts };
  });
  const allowed = deletionsAllowed(groups, settings);
  const { verdicts, stopped } = protections.breaker(
    seen.flatMap((one) => one.verdicts),
    allowed,
  );

  const selected = groups.filter((group) => group.selected);
  const forecasts = forecastQuota(
    inventory,
    selected.map(({ database, wishes, snapshots }) => ({
      kind: (database as Database).kind,
      policy: wishes.policy,
      minKeep: wishes.minKeep,
      own: snapshots.filter((snapshot) => isOwn(snapshot, settings.stack)).length,
    })),
  );

  const wanted = seen.flatMap(({ group, good }): DatabaseVerdict[] => {
    const { database, wishes, snapshots } = group;
    if (database === undefined) return [];
    const selection = selectDatabase(database, wishes, snapshots, slotMs, settings);
    const common = {
      database,
      selected: selection.selected,
      policy: wishes.policy,
      minKeep: wishes.minKeep,
      problems: wishes.problems,
      good: good.length,
      newestGoodMs: good[0]?.slotMs,
      detail: selection.detail,
    };
    return 'create' in selection
      ? [{ ...common, kind: 'create', because: selection.create }]
      : [{ ...common, kind: 'skip', because: selection.skip }];
  });
  const deletes = verdicts.filter(({ kind }) => kind === 'remove').map(({ snapshot }) => snapshot);
  const { databases, deletesFirst } = withinQuota(wanted, inventory, forecasts, deletes, settings);

  return {
    nowMs,
    slotMs,
    expiry: settings.expiry,
    databases,
    snapshots: verdicts,
    creates: createsOf(databases, inventory, slotMs, settings),
    deletes,
    forecasts,
    warnings: [
      ...inventory.unseen.map((unseen): Warning => ({ kind: 'unseen', unseen })),
      ...(selected.length === 0 && !inventory.unseen.some(({ what }) => what === 'databases')
        ? [{ kind: 'none-selected', seen: inventory.databases.length, tagKey: settings.tagKey } as const]
        : []),
      ...brokenCreations(databases, verdicts),
      ...(stopped > 0 ? [{ kind: 'circuit-breaker', stopped, allowed } as const] : []),
    ],
    deletesFirst,
  };
};

/** Databases with their snapshots by resource id, so that a rename stays one group and a recreated name is a new one. */
const groupByResource = (inventory: Inventory, settings: Settings): ExpiryGroup[] => {
  const key = (kind: Kind, resourceId: string) => `${kind}/${resourceId}`;
  const snapshots = new Map<string, Snapshot[]>();
  for (const snapshot of inventory.snapshots) {
    const group = key(snapshot.kind, groupOf(snapshot));
    const list = snapshots.get(group);
    if (list) list.push(snapshot);
    else snapshots.set(group, [snapshot]);
  }
  const groups: ExpiryGroup[] = [];
  for (const database of inventory.databases) {
    const wishes = readWishes(database, settings);
    const group = key(database.kind, database.resourceId);
    const own = snapshots.get(group) ?? [];
    snapshots.delete(group);
    groups.push({ database, selected: isSelected(database, wishes, settings), wishes, snapshots: own });
  }
  for (const orphans of snapshots.values()) {
    groups.push({
      database: undefined,
      selected: false,
      wishes: readWishes({ tags: {} }, settings),
      snapshots: orphans,
    });
  }
  return groups;
};

/** Leaves out what the quota cannot hold, the freshest first. Without an answer about the quota nothing is left out: RDS will say. */
const withinQuota = (
  wanted: readonly DatabaseVerdict[],
  inventory: Inventory,
  forecasts: readonly Forecast[],
  deletes: readonly Snapshot[],
  settings: Settings,
): { databases: DatabaseVerdict[]; deletesFirst: boolean } => {
  const due = wanted.filter(({ kind }) => kind === 'create');
  const free = new Map(
    forecasts.map(({ kind, max, used, assumed }) => [kind, assumed ? Number.POSITIVE_INFINITY : max - used]),
  );
  const short = [...free].some(([kind, room]) => due.filter(({ database }) => database.kind === kind).length > room);
  const deletesFirst = short && settings.expiry === 'armed' && deletes.length > 0;
  if (deletesFirst) for (const { kind } of deletes) free.set(kind, (free.get(kind) ?? 0) + 1);
  const { later } = shareOut(
    due.map((verdict) => ({
      verdict,
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
    databases: wanted.map((verdict) =>
      left.has(verdict) ? { ...verdict, kind: 'skip', because: 'quota', detail: full(verdict.database.kind) } : verdict,
    ),
  };
};

const createsOf = (
  databases: readonly DatabaseVerdict[],
  inventory: Inventory,
  slotMs: number,
  settings: Settings,
): Create[] => {
  const taken: Record<Kind, ReadonlySet<string>> = {
    instance: namesOf(inventory.snapshots.filter(({ kind }) => kind === 'instance')),
    cluster: namesOf(inventory.snapshots.filter(({ kind }) => kind === 'cluster')),
  };
  return databases.flatMap((verdict): Create[] => {
    if (verdict.kind !== 'create') return [];
    const { database, because } = verdict;
    const { name, attempt } = freeName(
      (number) => snapshotName(settings.prefix, database.id, database.resourceId, slotMs, number),
      taken[database.kind],
    );
    return [{ database, name, attempt, slotMs, because, tags: tagsFor(database, name, slotMs, settings.stack) }];
  });
};

/** Databases whose deletions were held back because no new snapshot has come for too long. */
const brokenCreations = (databases: readonly DatabaseVerdict[], verdicts: readonly SnapshotVerdict[]): Warning[] => {
  const broken = new Set(
    verdicts.filter(({ because }) => because === 'creation-broken').map(({ snapshot }) => groupOf(snapshot)),
  );
  return databases.flatMap(({ database, newestGoodMs }): Warning[] =>
    broken.has(database.resourceId) && newestGoodMs !== undefined
      ? [{ kind: 'creation-broken', database, newestGoodMs }]
      : [],
  );
};
