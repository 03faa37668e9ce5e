import { DAY_MS, HOUR_MS } from '../calendar.ts';
import type { Database, Inventory, Kind, Snapshot } from '../inventory.ts';
import { isOwn } from '../ownership.ts';
import { groupOf, slotOf } from '../tags.ts';

// Which snapshot a person's wish comes down to, and whether point-in-time recovery is nearer. Pure: the plan that is
// printed and the plan that is carried out are one value.

export interface RestorationWish {
  /** A database or a snapshot, by name or ARN. */
  what: string;
  /** Nothing that was written after this moment; now when absent. Epoch milliseconds. */
  atMs?: number | undefined;
  /** The name of the new database. */
  to?: string | undefined;
  /** A KMS key: the new database is encrypted with it, whatever the snapshot is. */
  encryptWith?: string | undefined;
  instanceClass?: string | undefined;
  subnetGroup?: string | undefined;
  securityGroupIds?: readonly string[] | undefined;
}

/** How new the newest data of a snapshot is. Not exact: RDS does not say, and it was taken within the hour of its slot. */
export interface Moment {
  ms: number;
  exact: boolean;
}

/** A snapshot that is nearer to the wish than the chosen one, and why it was not taken. */
export interface PassedOver {
  snapshot: Snapshot;
  because: 'not-available' | 'key-unusable' | 'moment-unclear';
}

/** The moment to which RDS itself could recover the database, nearer to the wish than any snapshot. */
export interface PointInTime {
  database: Database;
  toMs: number;
}

export type RefusalReason =
  | 'unseen'
  | 'in-the-future'
  | 'not-found'
  | 'ambiguous'
  | 'none-of-ours'
  | 'nothing-before'
  | 'not-available'
  | 'key-unusable'
  | 'later-than-asked'
  | 'bad-name'
  | 'name-taken'
  | 'class-needed';

/** A wish that is not carried out. `detail` is what the sentence is about: a name, a state, a moment. */
export interface Refusal {
  kind: 'refused';
  because: RefusalReason;
  what: string;
  detail: string;
  pointInTime: PointInTime | undefined;
}

export interface Choice {
  kind: 'chosen';
  snapshot: Snapshot;
  moment: Moment;
  wantedMs: number;
  /** The database that it was taken from, where it still exists in this region. */
  database: Database | undefined;
  /** The wish named a database: these are its snapshots that could serve, best first. */
  candidates: readonly Snapshot[];
  passedOver: readonly PassedOver[];
  pointInTime: PointInTime | undefined;
  own: boolean;
}

/** How new the newest data of a snapshot is; undefined when nothing says it. */
export const momentOf = (snapshot: Snapshot): Moment | undefined => {
  if (snapshot.dataMs !== undefined) return { ms: snapshot.dataMs, exact: true };
  const slotMs = slotOf(snapshot);
  return slotMs === undefined ? undefined : { ms: slotMs, exact: false };
};

// Without an exact moment a snapshot of slot S may hold what was written until the hour is over.
const latestMs = ({ ms, exact }: Moment): number => (exact ? ms : ms + HOUR_MS);

/** Chooses the snapshot: the named one, or the newest good one whose data is of the wished moment or older. */
export const chooseSnapshot = (
  inventory: Inventory,
  wish: RestorationWish,
  stack: string,
  nowMs: number,
): Choice | Refusal => {
  const refuse = (because: RefusalReason, detail = '', pointInTime?: PointInTime): Refusal => ({
    kind: 'refused',
    because,
    what: wish.what,
    detail,
    pointInTime,
  });
  const blind = inventory.unseen.find(({ what }) => what === 'databases' || what === 'snapshots');
  if (blind !== undefined) return refuse('unseen', `${blind.what}: ${blind.detail}`);
  if (wish.atMs !== undefined && wish.atMs > nowMs) return refuse('in-the-future');
  const wantedMs = wish.atMs ?? nowMs;

  const isNamed = (one: { id: string; arn: string }) => one.arn === wish.what || one.id === wish.what.toLowerCase();
  const named = inventory.snapshots.filter(isNamed);
  const families = familiesOf(inventory, wish.what);
  if (named.length + families.length > 1) return refuse('ambiguous');

  const [snapshot] = named;
  if (snapshot !== undefined) {
    const database = inventory.databases.find(
      (one) => one.kind === snapshot.kind && one.resourceId === groupOf(snapshot),
    );
    const moment = momentOf(snapshot) ?? { ms: snapshot.createdMs ?? nowMs, exact: false };
    if (snapshot.status !== 'available') return refuse('not-available', snapshot.status);
    if (isLocked(snapshot, inventory)) return refuse('key-unusable', snapshot.kmsKeyId);
    if (wish.atMs !== undefined && moment.ms > wish.atMs) return refuse('later-than-asked', String(moment.ms));
    return {
      kind: 'chosen',
      snapshot,
      moment,
      wantedMs,
      database,
      candidates: [snapshot],
      passedOver: [],
      pointInTime: pointInTime(database, wantedMs, moment, nowMs),
      own: isOwn(snapshot, stack),
    };
  }

  const [family] = families;
  if (family === undefined) return refuse('not-found');
  const own = family.snapshots.filter((one) => isOwn(one, stack)).sort(newestDataFirst);
  const within = own.filter((one) => (momentOf(one)?.ms ?? Number.POSITIVE_INFINITY) <= wantedMs);
  const because = (one: Snapshot): PassedOver['because'] | undefined => {
    if (one.status !== 'available') return 'not-available';
    if (isLocked(one, inventory)) return 'key-unusable';
    const moment = momentOf(one);
    return wish.atMs !== undefined && moment !== undefined && latestMs(moment) > wish.atMs
      ? 'moment-unclear'
      : undefined;
  };
  const candidates = within.filter((one) => because(one) === undefined);
  const [chosen] = candidates;
  if (chosen === undefined) {
    const recovery = pointInTime(family.database, wantedMs, undefined, nowMs);
    const oldest = own.filter(({ status }) => status === 'available').at(-1);
    return oldest === undefined
      ? refuse('none-of-ours', String(family.snapshots.length), recovery)
      : refuse('nothing-before', oldest.id, recovery);
  }
  const moment = momentOf(chosen) ?? { ms: nowMs, exact: false };
  const isOfIt = family.database !== undefined && groupOf(chosen) === family.database.resourceId;
  return {
    kind: 'chosen',
    snapshot: chosen,
    moment,
    wantedMs,
    database: isOfIt ? family.database : undefined,
    candidates,
    passedOver: within.slice(0, within.indexOf(chosen)).map((one) => ({
      snapshot: one,
      because: because(one) ?? 'not-available',
    })),
    pointInTime: isOfIt ? pointInTime(family.database, wantedMs, moment, nowMs) : undefined,
    own: true,
  };
};

interface Family {
  kind: Kind;
  database: Database | undefined;
  snapshots: Snapshot[];
}

/** Databases of a name with their snapshots, one family per kind: also what is left of an earlier database of that name, and of a renamed one. */
const familiesOf = (inventory: Inventory, what: string): Family[] =>
  (['instance', 'cluster'] as const).flatMap((kind): Family[] => {
    const database = inventory.databases.find(
      (one) => one.kind === kind && (one.arn === what || one.id === what.toLowerCase()),
    );
    const ofKind = inventory.snapshots.filter((one) => one.kind === kind);
    const names = ofKind.filter((one) => one.databaseId === (database?.id ?? what.toLowerCase()));
    const groups = new Set([...(database ? [database.resourceId] : []), ...names.map(groupOf)]);
    const snapshots = ofKind.filter((one) => groups.has(groupOf(one)));
    return database === undefined && snapshots.length === 0 ? [] : [{ kind, database, snapshots }];
  });

const newestDataFirst = (a: Snapshot, b: Snapshot): number =>
  (momentOf(b)?.ms ?? 0) - (momentOf(a)?.ms ?? 0) || (a.id < b.id ? -1 : 1);

// An unknown key is no reason to refuse: trying to restore harms nothing, and RDS will say.
const isLocked = ({ kmsKeyId }: Snapshot, { keys }: Inventory): boolean =>
  kmsKeyId !== undefined && keys?.[kmsKeyId] === 'unusable';

/** Where RDS's own recovery reaches nearer to the wish than the snapshot does (docs: USER_PIT; the window is the retention's). */
const pointInTime = (
  database: Database | undefined,
  wantedMs: number,
  moment: Moment | undefined,
  nowMs: number,
): PointInTime | undefined => {
  const { latestRestorableMs, backupRetentionDays = 0 } = database ?? {};
  if (database === undefined || latestRestorableMs === undefined || backupRetentionDays === 0) return undefined;
  const toMs = Math.min(wantedMs, latestRestorableMs);
  const reaches = toMs >= nowMs - backupRetentionDays * DAY_MS;
  return reaches && (moment === undefined || toMs > moment.ms) ? { database, toMs } : undefined;
};
