import type { Settings } from '../../core/policy.ts';
import type { Deadline } from '../act.ts';
import { type CopyRun, runCopies } from './copies.ts';
import type { CopyPorts } from './ports.ts';
import { type CopyReport, copyReportOf } from './report.ts';
import type { CopyTrigger } from './trigger.ts';

export interface CopiesRan {
  run: CopyRun;
  as: 'run' | 'dry-run';
}

export interface CopiesServed {
  /** What was run, as it ended: one, or none when there was nothing to look for. */
  runs: readonly CopiesRan[];
  reports: readonly CopyReport[];
  toCaller: CopyReport | { nothing: string };
}

/** Does what the function is asked for. */
export const serveCopies =
  (ports: CopyPorts, settings: Settings, deadline: Deadline) =>
  async (trigger: CopyTrigger): Promise<CopiesServed> => {
    if (trigger.kind === 'nothing') {
      const nothing = `none of ${trigger.hints} messages is about a snapshot to copy`;
      return { runs: [], reports: [], toCaller: { nothing } };
    }
    const { request } = trigger;
    const run = await runCopies(ports, settings, deadline)(request);
    const report = copyReportOf(run, request.dryRun);
    return { runs: [{ run, as: request.dryRun ? 'dry-run' : 'run' }], reports: [report], toCaller: report };
  };
