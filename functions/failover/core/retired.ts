import { type InstanceView, reportOf } from './evidence.ts';
import { isShut } from './fence.ts';
import type { OldStep, Step } from './phases.ts';
import type { Retired } from './record.ts';
import type { Situation } from './situation.ts';

/** An order to shut the door is left to work for this long before it is given again. */
const SHUT_AGAIN_MS = 10_000;
/** One that RDS refused: else it would take every turn, and nothing after it would be done. */
const REFUSED_AGAIN_MS = 60_000;

/** RDS refuses to stop an instance while its snapshot is made, and to take one until it is available: no haste. */
const AFTERMATH_AGAIN_MS = 60_000;

const OLD_STEPS: readonly Step[] = ['fence-old', 'salvage', 'stop'];

/** True for a step that is taken on one that led before. */
export const isOldStep = (step: Step): step is OldStep => OLD_STEPS.includes(step);

/** The name of such an order: repeated, it is the same order, in whatever epoch the pair is by then. */
export const oldIntentId = (pair: string, { epoch }: Retired, step: OldStep): string => `${pair}/${epoch}/${step}`;

/** Who led before and needs this step now. */
export const dueOld = (situation: Situation, step: OldStep): Retired | undefined =>
  situation.record.retired.find((one) => DUE[step](situation, one, viewOf(situation, one)));

/** RDS's word for one that led before; undefined without an answer. */
export const viewOf = (situation: Pick<Situation, 'evidence'>, one: Retired): InstanceView | undefined => {
  const report = wordOn(situation, one);
  return report === 'gone' ? undefined : report;
};

/** Those that RDS still knows, or was not asked about: a person deleted the others. */
export const stillThere = (situation: Pick<Situation, 'record' | 'evidence'>): Retired[] =>
  situation.record.retired.filter((one) => wordOn(situation, one) !== 'gone');

const wordOn = ({ evidence }: Pick<Situation, 'evidence'>, { epoch, resourceId }: Retired) => {
  const report = reportOf(evidence.retired?.find((seen) => seen.epoch === epoch)?.answer);
  // Its name belongs to another one by now.
  const isAnother = resourceId !== undefined && typeof report === 'object' && report.resourceId !== resourceId;
  return isAnother ? 'gone' : report;
};

type Due = (situation: Situation, one: Retired, view: InstanceView | undefined) => boolean;

const DUE: Readonly<Record<OldStep, Due>> = {
  'fence-old': ({ policy, record, nowMs }, one, view) => {
    const empty = policy.fencedSecurityGroups[one.region];
    const again = one.intents['fence-old']?.lastError === undefined ? SHUT_AGAIN_MS : REFUSED_AGAIN_MS;
    // One that was never seen well has no identity; who has a part in the pair now is not it.
    const another = [record.leader, record.candidate, record.standby].some(
      (now) => now?.instance === one.instance && now.region === one.region,
    );
    if (view === undefined || empty === undefined || (one.resourceId === undefined && another)) return false;
    // A global database adds its old primary back: it takes no writes any more, and is shut no longer.
    if (view.source !== undefined) return false;
    return !isShut(view, empty) && isLongAgo(one, 'fence-old', nowMs, again);
  },
  salvage: ({ nowMs }, one, view) =>
    runs(one, view) &&
    one.intents.salvage?.doneAtMs === undefined &&
    isLongAgo(one, 'salvage', nowMs, AFTERMATH_AGAIN_MS),
  stop: ({ nowMs }, one, view) => {
    const savedMs = one.intents.salvage?.doneAtMs;
    return (
      runs(one, view) &&
      savedMs !== undefined &&
      nowMs - savedMs > AFTERMATH_AGAIN_MS &&
      isLongAgo(one, 'stop', nowMs, AFTERMATH_AGAIN_MS)
    );
  },
};

/** This very instance runs, with what it had. One that follows has the new leader's data: nothing of it is saved or stopped. */
const runs = (one: Retired, view: InstanceView | undefined): boolean => isUp(one, view) && view?.source === undefined;

/** Without its identity nothing is snapshotted or stopped. */
const isUp = ({ resourceId }: Retired, view: InstanceView | undefined): boolean =>
  view?.status === 'available' && resourceId !== undefined && view.resourceId === resourceId;

const isLongAgo = ({ intents }: Retired, step: OldStep, nowMs: number, ms: number): boolean =>
  nowMs - (intents[step]?.atMs ?? Number.NEGATIVE_INFINITY) > ms;
