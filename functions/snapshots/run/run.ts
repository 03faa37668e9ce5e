import { errorText } from '../../../shared/aws/errors.ts';
import { type Act, type Outcome, outcomeOf } from '../core/outcome.ts';
import { type Plan, plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import { runSentence } from '../core/sentences.ts';
import { carryOut, type Deadline } from './act.ts';
import { observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { noticeOf } from './report.ts';

export interface RunRequest {
  /** The moment that the run is for: the scheduled time. Epoch milliseconds. */
  nowMs: number;
  /** Plans and says, touches nothing. */
  dryRun: boolean;
}

export interface Run {
  plan: Plan;
  acts: readonly Act[];
  outcome: Outcome;
  sentence: string;
  /** Why the notice could not be sent; a backup is none the worse for it. */
  noticeFailed: string | undefined;
}

/** One run: observe, plan, act, report. A dry run is the same path without the act. */
export const runSnapshots =
  (ports: Ports, settings: Settings, deadline: Deadline) =>
  async ({ nowMs, dryRun }: RunRequest): Promise<Run> => {
    const inventory = await observe(ports);
    const planned = plan(inventory, settings, nowMs);
    const acts = dryRun ? [] : await carryOut(planned, ports.snapshots, settings, deadline);
    const outcome = outcomeOf(planned, acts, dryRun);
    const run = { plan: planned, acts, outcome, sentence: runSentence(planned, outcome, dryRun) };
    return { ...run, noticeFailed: dryRun ? undefined : await notify(ports, settings, run) };
  };

const notify = async (
  { reports }: Ports,
  settings: Settings,
  run: Omit<Run, 'noticeFailed'>,
): Promise<string | undefined> => {
  try {
    await reports.publish(noticeOf(run, settings));
    return undefined;
  } catch (error) {
    return errorText(error);
  }
};
