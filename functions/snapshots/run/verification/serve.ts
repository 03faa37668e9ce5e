import type { VerificationPorts } from './ports.ts';
import type { TickReport } from './report.ts';
import type { VerifyingSettings } from './steps.ts';
import { type Deadline, listVerifications, verifyTick } from './tick.ts';
import type { VerifyTrigger } from './trigger.ts';

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
