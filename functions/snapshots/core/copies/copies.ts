import { HOUR_MS } from '../calendar.ts';
import { PROTECTIONS, type Protections, type SnapshotVerdict } from '../expiry.ts';
import {
  type Confirmation,
  type Database,
  KINDS,
  type Kind,
  type Pause,
  type Snapshot,
  type Unseen,
} from '../inventory.ts';
import { pauseOf } from '../orders.ts';
import { isOwn } from '../ownership.ts';
import type { CopySettings, Settings } from '../policy.ts';
import { type Forecast, forecastQuota } from '../quota.ts';
import { slotOf } from '../tags.ts';
import { type Case, type CopySight, casesOf } from './cases.ts';
import { expireCopies, type Removal } from './expiry.ts';
import { copyTags } from './tags.ts';
import {
  type CopyDecision,
  type CopyNeeds,
  type CopyReason,
  type CopySkip,
  type CopyWait,
  decideCopy,
  isInFlight,
  newestCopyMs,
} from './verdict.ts';

/** What is to become of one database's newest snapshot. Every selected database has exactly one. */
export type CopyVerdict = {
  database: Database;
  /** False when its tag says that it is not to be copied. */
  wanted: boolean;
  /** What is wrong with its tags. */
  problems: readonly string[];
  /** Good copies: own, available, and their key usable. */
  good: number;
  newestGoodMs: number | undefined;
  detail: string;
} & (
  | { kind: 'copy'; because: CopyReason; source: Snapshot }
  | { kind: 'wait'; because: CopyWait; source: Snapshot }
  | { kind: 'skip'; because: CopySkip }
);

/** A copy to be asked for. Its name is its source's, so that any duplicate, late or concurrent request collapses to one. */
export interface Copy extends CopyNeeds {
  database: Database;
  source: Snapshot;
  name: string;
  slotMs: number;
  tags: Readonly<Record<string, string>>;
  because: CopyReason;
  /** RDS's word on the key at the source is trusted to be about the destination's only where this is true. */
  sourceKeyUsable: boolean;
}

export type CopyWarning =
  | { kind: 'none-to-copy'; seen: number }
  | { kind: 'unseen'; where: 'primary' | 'recovery'; unseen: Unseen }
  | { kind: 'key-unusable'; keyId: string; waiting: number }
  | { kind: 'late'; database: Database; newestGoodMs: number }
  | { kind: 'paused'; pause: Pause }
  | { kind: 'circuit-breaker'; stopped: number; passed: number; allowed: number };

export interface CopyPlan {
  nowMs: number;
  databases: readonly CopyVerdict[];
  /** Everything that is due, in the order in which it is asked for: the stalest first. The last ones may have to wait. */
  queue: readonly Copy[];
  /** Copies that are on their way, anybody's, and how many more may be started now. */
  inFlight: number;
  room: number;
  /** Snapshots that the quota of the destination still takes; a kind that RDS did not speak of is missing. */
  free: ReadonlyMap<Kind, number>;
  expiry: 'plan' | 'armed';
  snapshots: readonly SnapshotVerdict[];
  removals: readonly Removal[];
  /** The circuit breaker lets removals pass by this: it must be used up before the first of them. */
  confirmation: Confirmation | undefined;
  /** More is due than fits: what may go goes first. */
  deletesFirst: boolean;
  forecasts: readonly Forecast[];
  warnings: readonly CopyWarning[];
}

/** A copy may be this much older than planned before it counts as late: its snapshot takes time, and so does the copy. */
const LATE_AFTER_HOURS = 3;

/** True for a database whose newest good copy is older than planned, or that has none, while there is something newer to copy. */
export const isLate = (
  { wanted, because, newestGoodMs }: CopyVerdict,
  { everyHours }: Pick<CopySettings, 'everyHours'>,
  nowMs: number,
): boolean =>
  // Of one that somebody stopped there is nothing newer, however old it grows.
  wanted &&
  because !== 'newest-is-copied' &&
  (newestGoodMs === undefined || newestGoodMs < nowMs - (everyHours + LATE_AFTER_HOURS) * HOUR_MS);

/** Everything a run of copies would do, with a reason for each database and each copy. Pure. Needs `settings.copies`. */
export const planCopies = (
  sight: CopySight,
  settings: Settings,
  nowMs: number,
  protections: Protections = PROTECTIONS,
): CopyPlan => {
  const { source, destination, orders } = sight;
  const { maxInFlight, kmsKeyId } = settings.copies as CopySettings;
  const { selected, groups } = casesOf(sight, settings);
  const wanted = selected.filter((one) => one.wanted);
  const expired = expireCopies(sight, groups, settings, nowMs, protections);
  const isArmed = settings.expiry === 'armed';
  const leaving = new Set(isArmed ? expired.removals.map(({ snapshot }) => snapshot.arn) : []);
  const decided = selected.map((one) => ({
    one,
    decision: decideCopy(one, settings, nowMs, ({ arn }) => leaving.has(arn)),
  }));

  const queue = queueOf(decided, settings, nowMs);
  const inFlight = destination.snapshots.filter(isInFlight).length;
  const room = Math.max(0, maxInFlight - inFlight);
  const { free, deletesFirst } = quotaRoom(sight, queue, isArmed ? expired.removals : []);
  const waits = waitingOf(queue, room, free);

  const databases = decided.map(({ one, decision }): CopyVerdict => {
    const { database, problems } = one;
    const common = { database, wanted: one.wanted, problems, detail: decision.detail };
    const facts = { ...common, ...expired.goodOf(database.resourceId, database.kind) };
    if (decision.kind === 'skip') return { ...facts, kind: 'skip', because: decision.because };
    const wait = waits.get(database);
    return wait === undefined
      ? { ...facts, kind: 'copy', because: decision.because, source: decision.source }
      : { ...facts, kind: 'wait', because: wait, source: decision.source };
  });
  const keyless = databases.filter(({ because }) => because === 'key-unusable').length;
  const { stopped, allowed } = expired;
  return {
    nowMs,
    databases,
    queue,
    inFlight,
    room,
    free,
    expiry: settings.expiry,
    snapshots: expired.verdicts,
    removals: expired.removals,
    confirmation: expired.confirmation,
    deletesFirst,
    forecasts: forecastQuota(
      destination,
      wanted.map(({ database, copies }) => ({
        kind: database.kind,
        policy: settings.copies?.policy ?? {},
        minKeep: settings.copies?.minKeep ?? 1,
        own: copies.filter((one) => isOwn(one, settings.stack)).length,
      })),
    ),
    warnings: [
      ...source.unseen.map((unseen): CopyWarning => ({ kind: 'unseen', where: 'primary', unseen })),
      ...destination.unseen.map((unseen): CopyWarning => ({ kind: 'unseen', where: 'recovery', unseen })),
      // Copies that every database's own tag switches off are not wished for.
      ...(selected.length === 0 && !source.unseen.some(({ what }) => what === 'databases')
        ? [{ kind: 'none-to-copy', seen: source.databases.length } as const]
        : []),
      ...(keyless > 0 ? [{ kind: 'key-unusable', keyId: kmsKeyId, waiting: keyless } as const] : []),
      // One that is begun now or waits its turn is well on its way; one that is skipped stays as it is.
      ...databases.flatMap((one): CopyWarning[] =>
        one.kind === 'skip' && one.newestGoodMs !== undefined && isLate(one, settings.copies as CopySettings, nowMs)
          ? [{ kind: 'late', database: one.database, newestGoodMs: one.newestGoodMs }]
          : [],
      ),
      ...(['copies', 'expiry'] as const).flatMap((part): CopyWarning[] => {
        const pause = pauseOf(orders, part);
        return pause === undefined ? [] : [{ kind: 'paused', pause }];
      }),
      ...(stopped > 0 ? [{ kind: 'circuit-breaker', stopped, passed: expired.removals.length, allowed } as const] : []),
    ],
  };
};

type Decided = { one: Case; decision: CopyDecision };

/** What is due, the one that has waited longest for a copy first, never copied before all: over the runs none starves. */
const queueOf = (decided: readonly Decided[], settings: Settings, nowMs: number): Copy[] =>
  decided
    .flatMap(({ one, decision }) => {
      if (decision.kind !== 'copy') return [];
      const { source, because, needs } = decision;
      const { database, sourceKeys } = one;
      const slotMs = slotOf(source) as number;
      const sourceKeyUsable = source.kmsKeyId === undefined || sourceKeys?.[source.kmsKeyId] === 'usable';
      const tags = copyTags(source, database, slotMs, settings.stack);
      const copy: Copy = { database, source, name: source.id, slotMs, tags, because, sourceKeyUsable, ...needs };
      return [{ copy, standingMs: newestCopyMs(one.copies, one.destinationKeys, settings, nowMs) ?? -1 }];
    })
    .sort((a, b) => a.standingMs - b.standingMs || (a.copy.database.resourceId < b.copy.database.resourceId ? -1 : 1))
    .map(({ copy }) => copy);

/** What the quota of the destination still takes. Without an answer about it nothing is left out: RDS will say. */
const quotaRoom = ({ destination }: CopySight, queue: readonly Copy[], removals: readonly Removal[]) => {
  const free = new Map(destination.quotas.map(({ kind, max, used }) => [kind, Math.max(0, max - used)]));
  const short = KINDS.some(
    (kind) => queue.filter(({ source }) => source.kind === kind).length > (free.get(kind) ?? Number.POSITIVE_INFINITY),
  );
  const deletesFirst = short && removals.length > 0;
  if (deletesFirst) {
    for (const { snapshot } of removals) {
      const left = free.get(snapshot.kind);
      if (left !== undefined) free.set(snapshot.kind, left + 1);
    }
  }
  return { free, deletesFirst };
};

/** Those of the queue that this run will not reach, and what they wait for. */
const waitingOf = (queue: readonly Copy[], room: number, free: ReadonlyMap<Kind, number>): Map<Database, CopyWait> => {
  const waits = new Map<Database, CopyWait>();
  const left = new Map(free);
  let slots = room;
  for (const { database, source } of queue) {
    const places = left.get(source.kind) ?? Number.POSITIVE_INFINITY;
    if (places <= 0) waits.set(database, 'quota');
    else if (slots <= 0) waits.set(database, 'in-flight-limit');
    else {
      slots -= 1;
      left.set(source.kind, places - 1);
    }
  }
  return waits;
};
