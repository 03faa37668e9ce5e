import { hourStart } from '../core/calendar.ts';
import { type Database, KINDS, type Kind, type Orders } from '../core/inventory.ts';
import type { Act } from '../core/outcome.ts';
import { type Create, type Plan, plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import {
  asMissed,
  type Gone,
  isClosed,
  isUnanswered,
  type Left,
  leftBy,
  leftOf,
  outcomeAfter,
  type Remaining,
  triedBefore,
  withTried,
} from '../core/remaining.ts';
import { continuedSentence } from '../core/remaining-sentences.ts';
import { createAll, type Deadline, findOurs } from './act.ts';
import { handOn } from './hand-on.ts';
import type { Continuation, Ports } from './ports.ts';
import { notify, type Run, runSnapshots } from './run.ts';

/** As long as one invocation may last: then whoever took the part is gone. */
const LEASE_MS = 15 * 60_000;

export type Continued = { kind: 'over' | 'busy'; slotMs: number } | { kind: 'run'; run: Run };

/**
 * Goes on with what a run left. Creations come from what was written down, each database looked at again; expiry, where it
 * is left, is an ordinary run: it observes and plans afresh, for no deletion is ever made from an old plan. A second delivery
 * finds the part over, or another at it.
 */
export const continueSlot =
  (ports: Ports, settings: Settings, deadline: Deadline) =>
  async ({ slotMs, part }: Continuation, clock: () => number): Promise<Continued> => {
    const rest = await ports.remaining.take(slotMs, part, clock(), clock() + LEASE_MS);
    if (rest === 'over' || rest === 'busy') return { kind: rest, slotMs };
    const run = await goOn(ports, settings, deadline, rest, clock);
    // Last of all: who dies before it is followed by the message's second delivery, which changes nothing that stands.
    await ports.remaining.done(slotMs, part);
    return { kind: 'run', run };
  };

const goOn = async (
  ports: Ports,
  settings: Settings,
  deadline: Deadline,
  rest: Remaining,
  clock: () => number,
): Promise<Run> => {
  const { slotMs, part } = rest;
  const seen = await lookAgain(ports, rest.left);
  const planned = planOnly(seen.databases, await ordersOf(ports), settings, slotMs);
  const closed = isClosed(slotMs, clock());
  const tried = await findTried(planned, rest.left, ports, settings);
  const acts = [
    ...tried.acts,
    ...(closed
      ? await tooLate({ ...planned, creates: tried.untaken }, ports, settings)
      : await createAll(tried.untaken, ports.snapshots, settings, deadline)),
  ];
  const left = closed ? [] : withTried([...leftOf(planned, acts), ...seen.unseen], rest.left);
  const mayExpire = rest.expiry === 'left' && !closed && !left.some(({ because }) => because === 'out-of-time');
  if (mayExpire) {
    const nowMs = hourStart(clock()) === slotMs ? clock() : slotMs;
    return runSnapshots(
      ports,
      settings,
      deadline,
    )({
      nowMs,
      dryRun: false,
      clock,
      earlier: { part, acts, gone: seen.gone, confirmed: rest.confirmed },
    });
  }
  const expiry = closed ? 'done' : rest.expiry;
  const settled = outcomeAfter(rest.soFar.outcome, acts, []);
  const next = await handOn(
    ports,
    { ...rest, part: part + 1, left, expiry, soFar: { ...rest.soFar, outcome: settled } },
    clock(),
  );
  const all = next.kind === 'closed' ? asMissed(planned, acts, settings) : acts;
  const outcome = outcomeAfter(rest.soFar.outcome, all, next.kind === 'closed' ? left.filter(isNoMiss) : left);
  const run: Run = {
    plan: planned,
    acts: all,
    gone: seen.gone,
    outcome,
    settled: next.kind === 'handed-on' && !isUnanswered(left) ? settled : outcome,
    sentence: continuedSentence(slotMs, outcome, rest.soFar.expiry),
    next,
    throttles: ports.throttles(),
    noticeFailed: undefined,
  };
  // The run told people that it goes on; they are told of its end when that is not as they would expect.
  const worthTelling = next.kind !== 'handed-on' && outcome.result !== 'OK';
  return worthTelling ? { ...run, noticeFailed: await notify(ports, settings, run) } : run;
};

/** A busy one has missed the slot, and is counted by its act. */
const isNoMiss = ({ because }: Left): boolean => because !== 'deferred';

/** The databases that are left, as they are now: under another name perhaps. */
const lookAgain = async (
  { databases }: Ports,
  left: readonly Left[],
): Promise<{ databases: Database[]; gone: Gone[]; unseen: Left[] }> => {
  const gone: Gone[] = [];
  const unseen: Left[] = [];
  const look = async (kind: Kind): Promise<Database[]> => {
    const asked = left.filter((one) => one.kind === kind);
    if (asked.length === 0) return [];
    try {
      const found = await databases.withResourceIds(
        kind,
        asked.map(({ resourceId }) => resourceId),
      );
      const there = new Set(found.map(({ resourceId }) => resourceId));
      gone.push(...asked.filter(({ resourceId }) => !there.has(resourceId)));
      return found;
    } catch {
      unseen.push(...asked.map((one) => leftBy(one, 'no-evidence')));
      return [];
    }
  };
  return { databases: (await Promise.all(KINDS.map(look))).flat(), gone, unseen };
};

/** A pause holds here too. Unseen, it stops no creation. */
const ordersOf = async ({ control }: Ports): Promise<Orders | undefined> => {
  try {
    return await control.orders();
  } catch {
    return undefined;
  }
};

/**
 * The plan of these databases and nothing else. Their snapshots are not looked at, so nothing can be deleted by it, and one
 * that is there already is found by its name. What a plan says of the whole estate was said by the run.
 */
const planOnly = (
  databases: readonly Database[],
  orders: Orders | undefined,
  settings: Settings,
  slotMs: number,
): Plan => ({
  ...plan({ databases, snapshots: [], quotas: [], unseen: [], ...(orders && { orders }) }, settings, slotMs),
  forecasts: [],
  warnings: [],
});

/**
 * What was asked for under a name that the database no longer has, and not answered, is looked for before anything is asked
 * for under the new one: it would be the slot's second. While nobody can say, nothing is asked for.
 */
const findTried = async (
  { creates }: Plan,
  left: readonly Left[],
  { snapshots }: Ports,
  settings: Settings,
): Promise<{ acts: Act[]; untaken: Create[] }> => {
  const triedOf = triedBefore(left);
  const acts: Act[] = [];
  const untaken: Create[] = [];
  for (const create of creates) {
    const act = await lookFor(create, triedOf(create.database), snapshots, settings);
    if (act === undefined) untaken.push(create);
    else acts.push(act);
  }
  return { acts, untaken };
};

const lookFor = async (
  create: Create,
  tried: readonly string[],
  snapshots: Ports['snapshots'],
  settings: Settings,
): Promise<Act | undefined> => {
  // A name that is asked for again is settled by the answer.
  for (const name of tried.filter((one) => one !== create.name)) {
    const found = await findOurs({ ...create, name }, snapshots, settings);
    if (found === 'ours') return { kind: 'created', create, name, how: 'found' };
    if (found instanceof Error)
      return { kind: 'not-created', create: { ...create, name }, because: 'no-evidence', detail: found.message };
  }
  return undefined;
};

/** The slot is over. What has its snapshot all the same (asked for by one who died before saying so) is found by name; the others have missed it. */
const tooLate = async (planned: Plan, { snapshots }: Ports, settings: Settings): Promise<Act[]> => {
  const acts: Act[] = [];
  for (const create of planned.creates) {
    const found = await findOurs(create, snapshots, settings);
    acts.push(
      found !== 'ours'
        ? { kind: 'not-created', create, because: 'missed', detail: found instanceof Error ? found.message : '' }
        : { kind: 'created', create, name: create.name, how: 'found' },
    );
  }
  return asMissed(planned, acts, settings);
};
