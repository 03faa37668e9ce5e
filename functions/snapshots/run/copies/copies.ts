import { errorText } from '../../../../shared/aws/errors.ts';
import { type CopyPlan, planCopies } from '../../core/copies/copies.ts';
import { type CopyAct, type CopyOutcome, copyOutcomeOf } from '../../core/copies/outcome.ts';
import { copyRunSentence } from '../../core/copies/sentences.ts';
import type { Settings } from '../../core/policy.ts';
import type { Deadline } from '../act.ts';
import { carryOutCopies } from './act.ts';
import { observeCopies } from './observe.ts';
import type { CopyPorts } from './ports.ts';
import { copyNoticeOf, isWorthANotice } from './report.ts';

export interface CopyRequest {
  /** Epoch milliseconds. */
  nowMs: number;
  /** Plans and says, touches nothing. */
  dryRun: boolean;
  /** What everybody was told about already is told again: once an hour, not with every hint. */
  tellAgain: boolean;
}

export interface CopyRun {
  plan: CopyPlan;
  acts: readonly CopyAct[];
  outcome: CopyOutcome;
  sentence: string;
  /** Why the notice could not be sent; a copy is none the worse for it. */
  noticeFailed: string | undefined;
}

/** One run of copies: observe both regions, plan, act, report. It remembers nothing: what is left is due again in the next one. */
export const runCopies =
  (ports: CopyPorts, settings: Settings, deadline: Deadline) =>
  async ({ nowMs, dryRun, tellAgain }: CopyRequest): Promise<CopyRun> => {
    const plan = planCopies(await observeCopies(ports, settings, nowMs), settings, nowMs);
    const acts = dryRun ? [] : await carryOutCopies(plan, ports, settings, deadline);
    const outcome = copyOutcomeOf(plan, acts);
    const run = { plan, acts, outcome, sentence: copyRunSentence(plan, outcome, dryRun) };
    const tell = !dryRun && isWorthANotice(run, tellAgain);
    return { ...run, noticeFailed: tell ? await notify(ports, settings, run) : undefined };
  };

const notify = async (
  { reports }: CopyPorts,
  { stack }: Settings,
  run: Omit<CopyRun, 'noticeFailed'>,
): Promise<string | undefined> => {
  try {
    await reports.publish(copyNoticeOf(run, stack));
    return undefined;
  } catch (error) {
    return errorText(error);
  }
};
