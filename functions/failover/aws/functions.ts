import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { GuardReport, ReplicaReport, WitnessReport } from '../core/evidence.ts';
import type { Fencing, Observers, Opening } from '../run/ports.ts';
import { functionName } from '../run/settings.ts';

/** The functions that look and act inside the regions, invoked from here. */
export const regionalFunctions = (config: Config): Observers & Fencing & Opening => {
  const { primary, recovery, witness } = config.regions;
  const guard = invoker(primary, functionName(config, 'guard'), 7_000);
  const observer = invoker(recovery, functionName(config, 'observer'), 7_000);
  const third = invoker(witness, functionName(config, 'witness'), 9_000);
  // An order may take as long as RDS takes to accept it; it is never sent twice by the SDK.
  const orders = invoker(primary, functionName(config, 'guard'), 12_000);
  return {
    guard: (pair, epoch) => guard<GuardReport>({ kind: 'observe', pair, epoch }),
    witness: (pair, epoch) => third<WitnessReport>({ kind: 'observe', pair, epoch }),
    replica: (pair, at) => observer<ReplicaReport>({ kind: 'observe', pair, at }),
    resolve: (pair, name) => observer<string | undefined>({ kind: 'resolve', pair, name }),
    fence: (order) => orders<void>({ kind: 'fence', ...order }),
    quiesce: (order) => orders<void>({ kind: 'quiesce', ...order }),
    unfence: (order) => orders<void>({ kind: 'unfence', ...order }),
    open: (pair, at, epoch) => observer<void>({ kind: 'open', pair, at, epoch }),
  };
};

/** The guard alone: all that the witness needs. */
export const guardOf = (config: Config): Pick<Observers, 'guard'> => {
  const guard = invoker(config.regions.primary, functionName(config, 'guard'), 7_000);
  return { guard: (pair, epoch) => guard<GuardReport>({ kind: 'observe', pair, epoch }) };
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
    if (FunctionError) throw new Error(`${name} in ${region} failed: ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Result;
  };
};
