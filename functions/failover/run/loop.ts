import { RULES, type Rules } from '../core/decide.ts';
import { type Policy, quietGapMs } from '../core/policy.ts';
import type { FailoverRecord } from '../core/record.ts';
import { lookOn, type ReconcilerPorts, type StepReport, step } from './reconcile.ts';

export interface LoopOptions {
  remainingMs: () => number;
  said: (report: StepReport) => void;
  /** Told when the store is out of reach: nothing was done. */
  failed: (pair: string, error: unknown) => void;
  /** True on the tick: a quiet pair is looked at until the time is up. A hint looks once, and goes on only in an incident. */
  watchQuiet?: boolean;
  /** The first look comes so much later: `staggerMs` of the pair's place. */
  delayMs?: number;
  rules?: Rules;
}

/** A region's pairs are not asked all at once: a thousand would meet RDS's limits together, and stay in memory together. */
export const staggerMs = (place: number): number => place * 5;

/** An invocation lasts this long once a later tick's run has looked. */
const RELIEVED_LOOP_MS = 58_000;
/** Until then it goes on into the next tick's minute: ticks start within their minute, not on its first second. In a gap a quiet
 * pair's position would grow old, and with it the bound on the loss; in an incident every window would start anew. */
export const LONGEST_LOOP_MS = 110_000;
/** What one step may need; a loop does not start one that it could not end. */
const STEP_BUDGET_MS = 8_000;

/** Out of step with the other run: one that always came second could never write what it saw. Twice as long after each further race. */
const AFTER_RACE_MS = 300;

/**
 * Steps one pair until the time is up: every `stepSeconds` while an incident is open, at once after a phase was left, and
 * a third of `maxLossSeconds` apart while all is quiet, so that the bound on the loss is known to that.
 */
export const loop = async (
  ports: ReconcilerPorts,
  policy: Policy,
  options: LoopOptions,
): Promise<StepReport | undefined> => {
  const startMs = ports.clock.now();
  let last: StepReport | undefined;
  let seen: FailoverRecord | undefined;
  /** What was seen while the record was out of reach is not in it yet. */
  let owes = false;
  let racesLost = 0;
  const hinted = options.watchQuiet === false;
  const leftMs = () => {
    const isRelieved = last === undefined || (!owes && (last.metRunMs ?? 0) > startMs);
    // A hint's run is one too many: the ticks' runs overlap without it.
    const loopMs = isRelieved || (hinted && !owes) ? RELIEVED_LOOP_MS : LONGEST_LOOP_MS;
    return Math.min(options.remainingMs(), startMs + loopMs - ports.clock.now());
  };
  if (options.delayMs) await ports.clock.sleep(options.delayMs);
  do {
    const report = await step(ports, policy, options.rules ?? RULES, {
      hinted,
      // A hint's run relieves nobody: it ends with the incident, long before the next tick.
      runMs: hinted ? undefined : startMs,
      seen,
    }).catch(async (error: unknown) => {
      options.failed(policy.pair, error);
      seen = await lookOn(ports, policy, seen, { hinted }).catch(() => seen);
      owes = seen?.failing !== undefined;
      return undefined;
    });
    if (report !== undefined) {
      options.said(report);
      last = report;
      seen = report.record;
      racesLost = report.outcome === 'lost-the-race' ? racesLost + 1 : 0;
      owes &&= racesLost > 0;
    }
    if (hinted && report !== undefined && isAtRest(report)) break;
    // Many runs that all owe must not ask in a hot loop: hints come in flocks.
    const soonMs = owes && report !== undefined ? AFTER_RACE_MS * 2 ** (racesLost - 1) : Number.POSITIVE_INFINITY;
    const waitMs = Math.min(soonMs, waitAfter(report, policy));
    if (leftMs() - waitMs < STEP_BUDGET_MS) break;
    await ports.clock.sleep(waitMs);
  } while (leftMs() > STEP_BUDGET_MS);
  return last;
};

/** How long to wait before the next step, in milliseconds. */
export const waitAfter = (report: StepReport | undefined, policy: Policy): number => {
  const stepMs = policy.stepSeconds * 1000;
  if (report === undefined) return stepMs;
  // A phase was left: on at once, but to a trouble's end, which is in no hurry and must not run hot.
  if (report.outcome === 'done' && report.decision.kind === 'move')
    return report.record.phase === 'healthy' ? stepMs : 0;
  return isQuiet(report) ? quietGapMs(policy) : stepMs;
};

/** Somebody who asked for a switchover waits for it: what it needs may be known at the next look. */
const isQuiet = ({ record }: StepReport): boolean =>
  (record.phase === 'healthy' && record.switchover === undefined) || record.phase === 'degraded';

/** Quiet, and nothing was left to do. */
const isAtRest = (report: StepReport): boolean =>
  isQuiet(report) && (report.decision.kind === 'watch' || report.decision.kind === 'hold');
