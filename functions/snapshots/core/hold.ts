import type { Snapshot, Tags } from './inventory.ts';
import { stoppedBy } from './ownership.ts';
import { HOLD, holdEnd, isHeld, legalValue } from './tags.ts';

// A person's hold on a snapshot is tags on it, so that it is seen where the snapshot is seen, and goes by itself with it.

/** Who holds, and why; for people to read. */
export const HELD = { by: 'mainstay:hold-by', why: 'mainstay:hold-why' } as const;

export interface HoldWish {
  by: string;
  why: string;
  /** A date (held until that day is over, UTC) or a moment; for good when absent. */
  until?: string | undefined;
}

export type HoldRefusal = 'not-ours' | 'not-found' | 'not-held' | 'date-unreadable' | 'date-past';

export type HoldDecision =
  | { kind: 'hold'; snapshot: Snapshot; put: Tags; remove: readonly string[]; until: string | undefined }
  | { kind: 'release'; snapshot: Snapshot; remove: readonly string[] }
  | { kind: 'refused'; because: HoldRefusal; name: string; detail: string };

const refused = (because: HoldRefusal, name: string, detail = ''): HoldDecision => ({
  kind: 'refused',
  because,
  name,
  detail,
});

/** What a hold changes on a snapshot: only on one of ours, for on another nothing would heed it. */
export const planHold = (
  name: string,
  snapshot: Snapshot | undefined,
  { by, why, until }: HoldWish,
  stack: string,
  nowMs: number,
): HoldDecision => {
  if (snapshot === undefined) return refused('not-found', name);
  const alien = notOurs(snapshot, stack);
  if (alien !== undefined) return refused('not-ours', name, alien);
  if (until !== undefined) {
    const untilMs = holdEnd(until);
    if (untilMs === undefined) return refused('date-unreadable', name, until);
    if (untilMs <= nowMs) return refused('date-past', name, until);
  }
  const told = { [HELD.by]: legalValue(by), [HELD.why]: legalValue(why) };
  return until === undefined
    ? {
        kind: 'hold',
        snapshot,
        until,
        put: { [HOLD.always]: 'true', ...told },
        remove: present(snapshot, [HOLD.until]),
      }
    : {
        kind: 'hold',
        snapshot,
        until,
        put: { [HOLD.until]: until, ...told },
        remove: present(snapshot, [HOLD.always]),
      };
};

/** What ends a hold, whoever began it. */
export const planRelease = (name: string, snapshot: Snapshot | undefined, stack: string): HoldDecision => {
  if (snapshot === undefined) return refused('not-found', name);
  const alien = notOurs(snapshot, stack);
  if (alien !== undefined) return refused('not-ours', name, alien);
  const remove = present(snapshot, [HOLD.always, HOLD.until, HELD.by, HELD.why]);
  return remove.length === 0 ? refused('not-held', name) : { kind: 'release', snapshot, remove };
};

// The first three gates: an own snapshot may well be in the making, or have tags that cannot be read.
const OURS = new Set(['not-manual', 'not-of-this-stack', 'copied-tags']);
const notOurs = (snapshot: Snapshot, stack: string): string | undefined => {
  const gate = stoppedBy(snapshot, { stack })?.name;
  return gate !== undefined && OURS.has(gate) ? gate : undefined;
};

const present = ({ tags }: Snapshot, keys: readonly string[]): string[] => keys.filter((key) => key in tags);

const REFUSALS: Record<HoldRefusal, (name: string, detail: string) => string> = {
  'not-found': (name) => `no manual snapshot in this region is called ${name}`,
  'not-ours': (name) => `${name} is none of ours, so nothing here would delete it or heed a hold on it`,
  'not-held': (name) => `${name} is not held`,
  'date-unreadable': (_, detail) => `"${detail}" is no date such as 2027-01-31`,
  'date-past': (_, detail) => `${detail} is over`,
};

/** What a hold, its end or its refusal is in words. */
export const holdSentence = (decision: HoldDecision): string => {
  switch (decision.kind) {
    case 'hold':
      return `${decision.snapshot.id} is held ${decision.until === undefined ? 'until it is released' : `until ${decision.until} is over`}: expiry leaves it, from the next run on; one under way may not see it.`;
    case 'release':
      return `${decision.snapshot.id} is released: expiry judges it by the policy again.`;
    case 'refused':
      return `Nothing is changed: ${REFUSALS[decision.because](decision.name, decision.detail)}.`;
  }
};

/** Who holds a snapshot and why, where it is held and somebody said. */
export const heldSentence = (snapshot: Snapshot, nowMs: number): string | undefined => {
  if (!isHeld(snapshot.tags, nowMs)) return undefined;
  const { [HELD.by]: by, [HELD.why]: why, [HOLD.until]: until } = snapshot.tags;
  const long = snapshot.tags[HOLD.always] === undefined && until !== undefined ? ` until ${until}` : '';
  return `${snapshot.id} is held${long}${by === undefined ? '' : ` by ${by}`}${why === undefined ? '' : `: ${why}`}.`;
};
