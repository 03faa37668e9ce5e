import { RULES, type Rules } from '../core/decide.ts';
import { type Policy, quietGapMs } from '../core/policy.ts';
import { type ReconcilerPorts, type StepReport, step } from './reconcile.ts';

export interface LoopOptions {
  remainingMs: () => number;
  said: (report: StepReport) => void;
  /** Told when the store is out of reach: nothing was done. */
  failed: (pair: string, error: unknown) => void;
  /** True on the tick: a quiet pair is looked at until the time is up. A hint looks once, and goes on only in an incident. */
  watchQuiet?: boolean;
  rules?: Rules;
}

/** A quiet pair's invocation lasts this long at most: its last step starts after 50 s, and the next minute's tick goes on. */
const QUIET_LOOP_MS = 58_000;
/** In an incident it goes on into the next tick's minute, until that one has looked: ticks start within their minute, not on its
 * first second, and a gap in which a lost primary could come back unseen starts every window anew. */
export const INCIDENT_LOOP_MS = 110_000;
/** What one step may need; a loop does not start one that it could not end. */
const STEP_BUDGET_MS = 8_000;

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
  const leftMs = () => {
    const isRelieved = (last?.metRunMs ?? 0) > startMs;
    const loopMs = last === undefined || isQuiet(last) || isRelieved ? QUIET_LOOP_MS : INCIDENT_LOOP_MS;
    return Math.min(options.remainingMs(), startMs + loopMs - ports.clock.now());
  };
  do {
    const report = await step(ports, policy, options.rules ?? RULES, {
      hinted: options.watchQuiet === false,
      runMs: startMs,
    }).catch((error: unknown) => {
      options.failed(policy.pair, error);
      return undefined;
    });
    if (report !== undefined) options.said(report);
    last = report ?? last;
    if (options.watchQuiet === false && report !== undefined && isAtRest(report)) break;
    const waitMs = waitAfter(report, policy);
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

const isQuiet = ({ record }: StepReport): boolean => record.phase === 'healthy' || record.phase === 'degraded';

/** Quiet, and nothing was left to do. */
const isAtRest = (report: StepReport): boolean =>
  isQuiet(report) && (report.decision.kind === 'watch' || report.decision.kind === 'hold');
