import type { VerificationPorts } from './verification-ports.ts';
import type { TickReport } from './verification-report.ts';
import type { VerifyingSettings } from './verification-steps.ts';
import { type Deadline, listVerifications, verifyTick } from './verification-tick.ts';
import type { VerifyTrigger } from './verification-trigger.ts';

export interface VerifyServed {
  /** Of the tick, or none when only a list was asked for. */
  reports: readonly TickReport[];
  toCaller: TickReport | Awaited<ReturnType<typeof listVerifications>>;
}

/** Does what the function is asked for. */
export const serveVerify =
  (ports: VerificationPorts, settings: VerifyingSettings, deadline: Deadline) =>
  async (trigger: VerifyTrigger): Promise<VerifyServed> => {
    if (trigger.kind === 'command' && trigger.verb === 'verifications')
      return { reports: [], toCaller: await listVerifications(ports) };
    const report = await verifyTick(ports, settings, deadline)('database' in trigger ? trigger.database : undefined);
    return { reports: [report], toCaller: report };
  };
