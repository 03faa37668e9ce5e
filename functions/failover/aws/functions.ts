import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { GuardReport, Heard, ReplicaReport, WitnessReport } from '../core/evidence.ts';
import type { Fencing, Observers, Opening } from '../run/ports.ts';
import { functionName } from '../run/settings.ts';

/** What observers have told, for the next of them: it may be a new process, which remembers nothing. */
const heard = new Map<string, Heard>();

/** The functions that look and act inside the regions, invoked from here. */
export const regionalFunctions = (config: Config): Observers & Fencing & Opening => {
  const guard = inEach(config, 'guard', 7_000);
  const observer = inEach(config, 'observer', 7_000);
  const third = invoker(config.regions.witness, functionName(config, 'witness'), 9_000);
  // An order may take as long as RDS takes to accept it; it is never sent twice by the SDK.
  const orders = inEach(config, 'guard', 12_000);
  return {
    guard: (target, pair, epoch) => guard(target.region)<GuardReport>({ kind: 'observe', pair, epoch, target }),
    witness: (target, pair, epoch) => third<WitnessReport>({ kind: 'observe', pair, epoch, target }),
    replica: async (region, pair, at) => {
      const key = `${region}/${at.host}:${at.port}`;
      const report = await observer(region)<ReplicaReport>({ kind: 'observe', pair, at, heard: heard.get(key) });
      if (report.heard) heard.set(key, report.heard);
      return report;
    },
    resolve: (region, pair, name) => observer(region)<string | undefined>({ kind: 'resolve', pair, name }),
    fence: (order) => orders(order.target.region)<void>({ kind: 'fence', ...order }),
    quiesce: (order) => orders(order.target.region)<void>({ kind: 'quiesce', ...order }),
    unfence: (order) => orders(order.target.region)<void>({ kind: 'unfence', ...order }),
    open: (region, pair, at, epoch) => observer(region)<void>({ kind: 'open', pair, at, epoch }),
  };
};

/** The guards alone: all that the witness needs. */
export const guardOf = (config: Config): Pick<Observers, 'guard'> => {
  const guard = inEach(config, 'guard', 7_000);
  return {
    guard: (target, pair, epoch) => guard(target.region)<GuardReport>({ kind: 'observe', pair, epoch, target }),
  };
};

/** A function that is in both regions of a pair; throws for any other. */
const inEach = (config: Config, name: 'guard' | 'observer', timeoutMs: number) => {
  const { primary, recovery } = config.regions;
  const invokers = new Map(
    [primary, recovery].map((one) => [one, invoker(one, functionName(config, name), timeoutMs)]),
  );
  return (region: string): ReturnType<typeof invoker> => {
    const found = invokers.get(region);
    if (found === undefined) throw new Error(`no ${name} of this stage is in ${region}`);
    return found;
  };
};

const invoker = (region: string, name: string, timeoutMs: number) => {
  const client = new LambdaClient(
    clientConfig(region, { requestTimeoutMs: timeoutMs, connectionTimeoutMs: 1_500, maxAttempts: 1 }),
  );
  return async <Result>(event: object): Promise<Result> => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: new TextEncoder().encode(JSON.stringify(event)) }),
    );
    const text = new TextDecoder().decode(Payload);
    // A function that failed has not looked: its error says nothing about the database.
    if (FunctionError) throw new Error(`${name} in ${region} failed: ${said(text)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Result;
  };
};

/** The message of a function's error (docs: nodejs-exceptions), without its trace. */
const said = (payload: string): string => {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
    if (errorMessage !== undefined) return `${errorType ?? 'Error'}: ${errorMessage}`.slice(0, 300);
  } catch {
    // It says something else.
  }
  return payload.slice(0, 300);
};
