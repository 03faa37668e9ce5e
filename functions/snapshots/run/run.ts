import { errorText } from '../../../shared/aws/errors.ts';
import type { Confirmation, Inventory } from '../core/inventory.ts';
import { type Act, type Outcome, outcomeOf } from '../core/outcome.ts';
import { type Plan, plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import {
  asMissed,
  besideEarlier,
  type Gone,
  isExpiryLeft,
  isUnanswered,
  leftOf,
  outcomeHandedOn,
  settledActs,
} from '../core/remaining.ts';
import type { HandedOn } from '../core/remaining-sentences.ts';
import { runSentence } from '../core/sentences.ts';
import { carryOut, type Deadline } from './act.ts';
import { handOn } from './hand-on.ts';
import { observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { noticeOf } from './report.ts';

export interface RunRequest {
  /** The moment that the run is for: the scheduled time. Epoch milliseconds. */
  nowMs: number;
  /** Plans and says, touches nothing. */
  dryRun: boolean;
  /** The time as it goes by, which says whether the slot is over; without it, it stands still at `nowMs`. */
  clock?: () => number;
  /** What an earlier part of the slot has done. */
  earlier?: Earlier;
}

export interface Earlier {
  part: number;
  acts: readonly Act[];
  gone: readonly Gone[];
  confirmed?: Confirmation | undefined;
}

export interface Run {
  plan: Plan;
  acts: readonly Act[];
  /** Databases that an earlier part of the slot left, and that are no more. */
  gone: readonly Gone[];
  outcome: Outcome;
  /** What alarms go by: the outcome without what is handed on, unless RDS did not answer. */
  settled: Outcome;
  sentence: string;
  next: HandedOn;
  throttles: number;
  /** Why the notice could not be sent; a backup is none the worse for it. */
  noticeFailed: string | undefined;
}

/** One run: observe, plan, act, hand on what is left, report. A dry run is the same path without the act. */
export const runSnapshots =
  (ports: Ports, settings: Settings, deadline: Deadline) =>
  async ({ nowMs, dryRun, clock = () => nowMs, earlier }: RunRequest): Promise<Run> => {
    const planned = plan(confirmedBy(earlier, await observe(ports, settings)), settings, nowMs);
    if (dryRun) {
      const outcome = outcomeOf(planned, [], true);
      return endOf(
        ports,
        { plan: planned, acts: [], gone: [], outcome, settled: outcome, next: { kind: 'nothing' } },
        true,
      );
    }
    const done = besideEarlier(
      earlier?.acts ?? [],
      await carryOut(planned, ports, settings, deadline, earlier?.confirmed !== undefined),
    );
    const settled = outcomeOf(planned, settledActs(done), false);
    const left = leftOf(planned, done);
    const expiry = isExpiryLeft(done) ? 'left' : 'done';
    const next = await handOn(
      ports,
      {
        slotMs: planned.slotMs,
        part: (earlier?.part ?? 0) + 1,
        left,
        expiry,
        confirmed: stillConfirmed(planned, done),
        soFar: { expiry: planned.expiry, outcome: settled },
      },
      clock(),
    );
    const acts = next.kind === 'closed' ? asMissed(planned, done, settings) : done;
    const whole = outcomeOf(planned, acts, false);
    const outcome = next.kind === 'handed-on' ? outcomeHandedOn(whole, settled, { left, expiry }) : whole;
    const run = endOf(
      ports,
      {
        plan: planned,
        acts,
        gone: earlier?.gone ?? [],
        outcome,
        settled: next.kind === 'handed-on' && !isUnanswered(left) ? settled : outcome,
        next,
      },
      false,
    );
    return { ...run, noticeFailed: await notify(ports, settings, run) };
  };

/** What the slot has used up is the slot's, however many parts it takes. */
const confirmedBy = (earlier: Earlier | undefined, inventory: Inventory): Inventory =>
  earlier?.confirmed === undefined || inventory.orders === undefined
    ? inventory
    : { ...inventory, orders: { ...inventory.orders, confirmations: [earlier.confirmed] } };

const stillConfirmed = ({ confirmation }: Plan, acts: readonly Act[]): Confirmation | undefined => {
  if (
    confirmation === undefined ||
    acts.some((act) => act.kind === 'not-deleted' && act.because === 'confirmation-lost')
  )
    return undefined;
  // What RDS did not answer about may be gone.
  const perhaps = acts.filter(
    (act) => act.kind === 'deleted' || (act.kind === 'not-deleted' && act.because === 'no-evidence'),
  );
  const deletions = confirmation.deletions - perhaps.length;
  return deletions > 0 ? { ...confirmation, deletions } : undefined;
};

const endOf = (
  ports: Ports,
  run: Pick<Run, 'plan' | 'acts' | 'gone' | 'outcome' | 'settled' | 'next'>,
  dryRun: boolean,
): Run => ({
  ...run,
  sentence: runSentence(run.plan, run.outcome, dryRun),
  throttles: ports.throttles(),
  noticeFailed: undefined,
});

/** Tells people; that it fails is told in the log, and changes nothing. */
export const notify = async ({ reports }: Ports, settings: Settings, run: Run): Promise<string | undefined> => {
  try {
    await reports.publish(noticeOf(run, settings));
    return undefined;
  } catch (error) {
    return errorText(error);
  }
};
