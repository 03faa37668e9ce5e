import { rdsCopier } from '../../../functions/snapshots/aws/copies/copies.ts';
import { copyingInto } from '../../../functions/snapshots/aws/copying.ts';
import { rdsSnapshots } from '../../../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../../../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../../../functions/snapshots/aws/rds-reading.ts';
import type { CopySettings, Settings } from '../../../functions/snapshots/core/policy.ts';
import { runCopies } from '../../../functions/snapshots/run/copies/copies.ts';
import { readCopyTrigger } from '../../../functions/snapshots/run/copies/trigger.ts';
import { type InMemoryState, openInMemoryState } from '../../../functions/snapshots/run/in-memory-state.ts';
import type { Ports } from '../../../functions/snapshots/run/ports.ts';
import type { Run } from '../../../functions/snapshots/run/run.ts';
import { serve } from '../../../functions/snapshots/run/serve.ts';
import { readTrigger } from '../../../functions/snapshots/run/trigger.ts';
import type { Clock } from '../../../local/clock.ts';
import type { PolicyInWords } from './rules.ts';
import type { Wire } from './wire.ts';
import { MINUTE_MS, regions } from './world.ts';

// The two functions of the wing as Lambda would run them: from the event on their own code, with the adapters of AWS on the
// wire, and the state table and the queue in memory.

export const MIN_KEEP = 2;
export const MOST_DELETIONS = 20;
/** As many rules as each policy of the soak has: what a steady hour can release of a database. */
export const RULES_EACH = 3;
const LAMBDA_MS = 15 * MINUTE_MS;

export const copyPolicy = { last: 2, daily: 2, weekly: 1 } satisfies PolicyInWords;
export const COPY_MIN_KEEP = 1;
export const COPY_EVERY_HOURS = 6;

const copies: CopySettings = {
  everyHours: COPY_EVERY_HOURS,
  policy: { keepLast: copyPolicy.last, keepDaily: copyPolicy.daily, keepWeekly: copyPolicy.weekly },
  minKeep: COPY_MIN_KEEP,
  kmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4444-5555-666677778888',
  encryptCopies: 'as-source',
  optionGroups: {},
  maxInFlight: 15,
};

const settingsWith = ({ hourly, daily, weekly }: PolicyInWords): Settings & { copies: CopySettings } => ({
  stack: 'mainstay-soak',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepHourly: hourly, keepDaily: daily, keepWeekly: weekly },
  minKeep: MIN_KEEP,
  maxDeletionsPerRun: MOST_DELETIONS,
  creationBrokenAfterHours: 12,
  includeReplicas: false,
  failedKeepHours: 24,
  onQuota: 'wait',
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
  copies,
});

export interface Functions {
  state: InMemoryState;
  /** One invocation of the hourly function; undefined when it died. */
  hourly(event: object, dieAfter?: number): Promise<{ runs: readonly Run[]; again: readonly string[] } | undefined>;
  /** One invocation of the copies' function; undefined when it died. */
  copies(event: object, dieAfter?: number): Promise<{ sentence: string } | undefined>;
}

/** Deploys both. `wrap` lets a test of the soak itself put something careless in front of the ports. */
export const openFunctions = (
  wire: Wire,
  clock: Clock,
  policyNow: () => PolicyInWords,
  wrap: (ports: Ports) => Ports,
): Functions => {
  const state = openInMemoryState();
  const keys = { state: async () => 'usable' as const };
  const reports = { publish: async () => {} };
  const deadlineFrom = (startedMs: number) => ({ remainingMs: () => startedMs + LAMBDA_MS - clock.now() });
  const unlessItDies = async <T>(dieAfter: number | undefined, work: (die: () => void) => Promise<T>) => {
    if (dieAfter === undefined) return work(() => {});
    return new Promise<T | undefined>((resolve, reject) => {
      work(() => resolve(undefined)).then(resolve, reject);
    });
  };
  return {
    state,
    hourly: (event, dieAfter) =>
      unlessItDies(dieAfter, async (die) => {
        const client = wire.client('primary', dieAfter, die);
        const ports: Ports = wrap({
          ...{ databases: rdsDatabases(client), snapshots: rdsSnapshots(client), quotas: rdsQuotas(client) },
          ...{ keys, reports, control: state.control, remaining: state.remaining },
          continuations: state.continuations,
          copying: copyingInto(rdsSnapshots(wire.client('recovery'))),
          throttles: () => 0,
        });
        const asked = readTrigger(event, clock.now());
        const deadline = deadlineFrom(clock.now());
        const served = await serve(ports, settingsWith(policyNow()), deadline, () => clock.now())(asked);
        return { runs: served.runs.map(({ run }) => run), again: served.again };
      }),
    copies: (event, dieAfter) =>
      unlessItDies(dieAfter, async (die) => {
        const source = wire.client('primary', dieAfter, die);
        const destination = wire.client('recovery', dieAfter, die);
        const trigger = readCopyTrigger(event, regions, clock.now());
        if (trigger.kind === 'nothing') return { sentence: 'nothing to look at' };
        const ports = {
          source: { databases: rdsDatabases(source), snapshots: rdsSnapshots(source), keys },
          destination: {
            ...{ snapshots: rdsSnapshots(destination), copier: rdsCopier(destination) },
            ...{ quotas: rdsQuotas(destination), keys },
          },
          ...{ control: state.control, reports },
        };
        const run = runCopies(ports, settingsWith(policyNow()), deadlineFrom(clock.now()));
        return { sentence: (await run(trigger.request)).sentence };
      }),
  };
};
