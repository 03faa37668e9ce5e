import { type Advice, adviceOn } from './advice.ts';
import { type Bill, billOf } from './bill.ts';
import { hourStart } from './calendar.ts';
import { type Circumstances, circumstancesOf } from './circumstances.ts';
import type { DatabaseVerdict } from './database-verdict.ts';
import { evict, type Stock } from './eviction.ts';
import {
  deletionsAllowed,
  type ExpiryGroup,
  expireGroup,
  PROTECTIONS,
  type Protections,
  type SnapshotVerdict,
} from './expiry.ts';
import { groupByResource } from './groups.ts';
import type { Judged } from './guards.ts';
import type { Confirmation, Database, Inventory, Kind, Snapshot } from './inventory.ts';
import { freeName, namesOfSlot, snapshotName } from './names.ts';
import { confirmationAt, pauseOf } from './orders.ts';
import type { Settings } from './policy.ts';
import { type Forecast, forecastQuota } from './quota.ts';
import type { MatchesMade } from './retention.ts';
import { type Wanted, withinQuota } from './room.ts';
import { type CreateReason, selectDatabase } from './selection.ts';
import { tagsFor } from './tags.ts';
import { type Warning, warningsOf } from './warnings.ts';

export type { DatabaseVerdict } from './database-verdict.ts';
export type { Warning } from './warnings.ts';

/** A snapshot to be taken. */
export interface Create {
  database: Database;
  name: string;
  attempt: number;
  slotMs: number;
  tags: Readonly<Record<string, string>>;
  because: CreateReason;
}

/** Whether what may be deleted is deleted. `paused` and `orders-unseen`: it is armed, and nothing may be. */
export type ExpiryState = 'plan' | 'armed' | 'paused' | 'orders-unseen';

export interface Plan {
  nowMs: number;
  slotMs: number;
  expiry: ExpiryState;
  databases: readonly DatabaseVerdict[];
  snapshots: readonly SnapshotVerdict[];
  creates: readonly Create[];
  deletes: readonly Snapshot[];
  forecasts: readonly Forecast[];
  warnings: readonly Warning[];
  /** What people should know, and no fault of the run. */
  advice: readonly Advice[];
  /** More is due than fits: what may go goes first. */
  deletesFirst: boolean;
  /** The circuit breaker lets deletions pass by this: it must be used up before the first of them. */
  confirmation: Confirmation | undefined;
  /** What the deletions would free, and the creations add, at most. */
  frees: Bill;
  adds: Bill;
}

/** Everything a run would do, with a reason for each database and each snapshot. Pure: the same inventory, settings and moment give the same plan. */
export const plan = (
  inventory: Inventory,
  settings: Settings,
  nowMs: number,
  protections: Protections = PROTECTIONS,
): Plan => {
  const slotMs = hourStart(nowMs);
  const circumstances = circumstancesOf(inventory, settings);
  const creationPause = pauseOf(inventory.orders, 'creation');
  const groups = groupByResource(inventory, settings);
  const matchesMade: MatchesMade = new Map();
  const seen = groups.map((group): Seen => {
    const expired = expireGroup(group, settings, nowMs, protections, circumstances, matchesMade);
    return { ...expired, group, own: ownOf(expired.verdicts, nowMs) };
  });
  const allowed = deletionsAllowed(groups, settings);
  const broken = protections.breaker(
    seen.flatMap((one) => one.verdicts),
    allowed,
    confirmationAt(inventory.orders, 'snapshots', nowMs),
  );

  const selected = seen.filter(({ group }) => group.selected);
  const forecasts = forecastQuota(
    inventory,
    selected.map(({ group: { database, wishes }, own }) => ({
      kind: (database as Database).kind,
      policy: wishes.policy,
      minKeep: wishes.minKeep,
      own: own.count,
    })),
  );

  const wanted = seen.flatMap(({ group, good, own }): Wanted[] => {
    const { database, wishes, snapshots } = group;
    if (database === undefined) return [];
    const selection = selectDatabase(database, wishes, snapshots, slotMs, settings, creationPause);
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
    const verdict: DatabaseVerdict =
      'create' in selection
        ? { ...common, kind: 'create', because: selection.create }
        : { ...common, kind: 'skip', because: selection.skip };
    return [{ verdict, newestTriedMs: own.newestTriedMs }];
  });
  const expiry = expiryState(settings, circumstances);
  const leaving = deletesIn(broken.verdicts);
  const first = withinQuota(wanted, inventory, forecasts, leaving, settings);
  const evicted = expiry === 'armed' ? evict(first.leftOut, stocksOf(seen), allowed - leaving.length) : [];
  const verdicts = evicted.length === 0 ? broken.verdicts : withEvicted(broken.verdicts, evicted);
  const deletes = evicted.length === 0 ? leaving : deletesIn(verdicts);
  const { databases, deletesFirst } =
    evicted.length === 0 ? first : withinQuota(wanted, inventory, forecasts, deletes, settings);
  const { stopped, confirmation } = broken;
  const creates = createsOf(databases, inventory, slotMs, settings);

  return {
    nowMs,
    slotMs,
    expiry,
    databases,
    snapshots: verdicts,
    creates,
    deletes,
    forecasts,
    warnings: warningsOf({
      inventory,
      settings,
      nowMs,
      circumstances,
      creationPause,
      databases,
      verdicts,
      stopped,
      passed: leaving.length,
      allowed,
    }),
    advice: adviceOn(
      selected.map(({ group }) => group.database as Database),
      forecasts,
      circumstances.expiryPause,
    ),
    deletesFirst,
    confirmation,
    frees: billOf(deletes, settings.usdPerGibMonth),
    adds: billOf(
      creates.map(({ database }) => database),
      settings.usdPerGibMonth,
    ),
  };
};

/** One database or orphan with what was decided about its snapshots. */
interface Seen {
  group: ExpiryGroup;
  good: readonly Judged[];
  spare: readonly Judged[];
  verdicts: readonly SnapshotVerdict[];
  own: Own;
}

interface Own {
  /** Ours, in any state. */
  count: number;
  newestTriedMs: number | undefined;
}

const ownOf = (verdicts: readonly SnapshotVerdict[], nowMs: number): Own => {
  let count = 0;
  let newestTriedMs: number | undefined;
  for (const { kind, slotMs } of verdicts) {
    if (kind === 'ignore') continue;
    count += 1;
    if (slotMs !== undefined && slotMs <= nowMs && slotMs > (newestTriedMs ?? Number.NEGATIVE_INFINITY))
      newestTriedMs = slotMs;
  }
  return { count, newestTriedMs };
};

const expiryState = ({ expiry }: Settings, { ordersSeen, expiryPause }: Circumstances): ExpiryState => {
  if (expiry === 'plan') return 'plan';
  if (!ordersSeen) return 'orders-unseen';
  return expiryPause === undefined ? 'armed' : 'paused';
};

const deletesIn = (verdicts: readonly SnapshotVerdict[]): Snapshot[] =>
  verdicts.filter(({ kind }) => kind === 'remove').map(({ snapshot }) => snapshot);

const stocksOf = (seen: readonly Seen[]): Stock[] =>
  seen.flatMap(({ group: { database }, good, spare }) =>
    database === undefined ? [] : [{ kind: database.kind, good: good.length, spare }],
  );

const withEvicted = (verdicts: readonly SnapshotVerdict[], evicted: readonly Judged[]): SnapshotVerdict[] => {
  const going = new Set(evicted.map(({ snapshot }) => snapshot));
  return verdicts.map((verdict) =>
    going.has(verdict.snapshot)
      ? { snapshot: verdict.snapshot, slotMs: verdict.slotMs, kind: 'remove', because: 'quota' }
      : verdict,
  );
};

const createsOf = (
  databases: readonly DatabaseVerdict[],
  inventory: Inventory,
  slotMs: number,
  settings: Settings,
): Create[] => {
  const taken: Record<Kind, ReadonlySet<string>> = {
    instance: namesOfSlot(inventory.snapshots, 'instance', slotMs),
    cluster: namesOfSlot(inventory.snapshots, 'cluster', slotMs),
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
