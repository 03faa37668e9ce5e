// The execution environments of one function: kept warm, one event at a time each, as many as needed up to a limit.
import type { Execution, Run } from './execution.ts';
import type { LambdaFunction } from './function.ts';

// AWS allows 1,000 at once; two cores are served best by few processes. Above it callers wait, they are not throttled.
const PROCESS_LIMIT = 4;
// AWS keeps an idle environment for minutes; long enough here that a minute tick finds its environment warm.
const KEEP_WARM_MS = 90_000;

export type Environments = {
  /** Runs one event, or gives undefined when reserved concurrency is used up. */
  run(told: { id: string; event: string; arn: string; clientContext?: unknown }): Promise<Run | undefined>;
  /** Kills the environments, or just those that are busy; says how many. */
  kill(which?: 'busy'): number;
  count(): { warm: number; busy: number };
  stop(): Promise<void>;
};

/** Opens the environments of a function; none is started before it is needed. */
export const openEnvironments = (fn: LambdaFunction, start: () => Execution): Environments => {
  let executions: Execution[] = [];
  const waiting: (() => void)[] = [];
  let stopped = false;

  const live = () => {
    executions = executions.filter(({ ended }) => !ended);
    return executions;
  };
  const take = (): Execution | undefined => {
    const idle = live().find(({ busy }) => !busy);
    if (idle) return idle;
    if (executions.length >= PROCESS_LIMIT) return undefined;
    const started = start();
    executions.push(started);
    return started;
  };
  const reaper = setInterval(() => {
    const staleMs = Date.now() - KEEP_WARM_MS;
    for (const one of live()) if (!one.busy && one.idleSinceMs < staleMs) one.kill();
  }, 10_000);
  reaper.unref();

  return {
    run: async (told) => {
      if (stopped) return undefined;
      const busy = live().filter((one) => one.busy).length;
      if (fn.reservedConcurrency !== undefined && busy >= fn.reservedConcurrency) return undefined;
      let execution = take();
      while (!execution) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (stopped) return undefined;
        execution = take();
      }
      execution.busy = true;
      try {
        return await execution.run(told);
      } finally {
        execution.busy = false;
        execution.idleSinceMs = Date.now();
        waiting.shift()?.();
      }
    },
    kill: (which) => {
      const victims = live().filter(({ busy }) => which === undefined || busy);
      for (const victim of victims) victim.kill();
      return victims.length;
    },
    count: () => ({ warm: live().length, busy: live().filter(({ busy }) => busy).length }),
    stop: async () => {
      stopped = true;
      clearInterval(reaper);
      for (const wake of waiting.splice(0)) wake();
      for (const one of executions) one.kill();
      await Promise.all(executions.map(({ exited }) => exited));
    },
  };
};
