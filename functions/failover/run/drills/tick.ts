import type { DrillPhase, Receipt } from '../../core/drills/drill.ts';
import { drillPolicy } from '../../core/drills/policy.ts';
import type { Policy } from '../../core/policy.ts';
import { loop } from '../loop.ts';
import type { Announce } from '../ports.ts';
import type { ReconcilerPorts, StepReport } from '../reconcile.ts';
import type { DrillPorts } from './ports.ts';
import { type DrillReport, drillStep } from './step.ts';

export interface DrillTickOptions {
  policyOf: (pair: string) => Policy;
  remainingMs: () => number;
  said: (report: DrillReport) => void;
  /** The ordinary reconciler's word for the throw-away pair. */
  looked: (report: StepReport) => void;
  ended: (receipt: Receipt) => Promise<void>;
  failed: (error: unknown) => void;
}

/** While RDS makes or removes something there is no haste. */
const SLOW_MS = 10_000;
/** From the first half of the fault to the second, and from the failover's end to its receipt. */
const FAST_MS = 2_000;
const STEP_BUDGET_MS = 8_000;
/** The next minute's tick goes on. */
const TICK_MS = 55_000;
const INCIDENT_MS = 105_000;

/** The phases in which the ordinary reconciler steps the throw-away pair. */
const RECONCILED: readonly DrillPhase[] = ['settling', 'breaking', 'failing-over'];

/**
 * Steps the open drill, if there is one, until the time is up; and beside it the ordinary reconciler over the throw-away pair,
 * while there is one to watch. Never throws: a drill stands in nobody's way.
 */
export const drillTick = async (
  ports: DrillPorts,
  reconciler: ReconcilerPorts,
  options: DrillTickOptions,
): Promise<void> => {
  const { clock } = ports;
  const startMs = clock.now();
  let phase: DrillPhase | undefined;
  let reconciling: Promise<void> | undefined;
  const isReconciled = () => phase !== undefined && RECONCILED.includes(phase);
  const leftMs = () =>
    Math.min(options.remainingMs(), startMs + (isReconciled() ? INCIDENT_MS : TICK_MS) - clock.now());
  try {
    for (;;) {
      const report = await drillStep(ports, options.policyOf);
      phase = report?.drill.phase;
      if (report === undefined) break;
      if (report.kind !== 'hold') options.said(report);
      if (report.receipt !== undefined) {
        await options.ended(report.receipt);
        phase = undefined;
        break;
      }
      if (isReconciled() && reconciling === undefined) {
        const policy = drillPolicy(options.policyOf(report.drill.pair), report.drill);
        reconciling = loop({ ...reconciler, announce: silent(reconciler.announce) }, policy, {
          remainingMs: () => (isReconciled() ? leftMs() : 0),
          watchQuiet: true,
          said: options.looked,
          failed: (_pair, error) => options.failed(error),
        }).then(() => {
          reconciling = undefined;
        });
      }
      const waitMs =
        report.kind !== 'hold' || report.drill.phase === 'breaking' || phase === 'failing-over' ? FAST_MS : SLOW_MS;
      if (leftMs() - waitMs < STEP_BUDGET_MS) break;
      await clock.sleep(waitMs);
    }
  } catch (error) {
    options.failed(error);
  }
  phase = undefined;
  await reconciling;
};

/** Programs that follow the leader must not follow a rehearsal, and nobody is woken by its moves: the receipt says it all. */
const silent = (announce: Announce): Announce => ({ ...announce, leaderChanged: async () => {}, page: async () => {} });
