// The local Lambda service: functions by region, their environments, and every way in.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { callerToken } from '../gateway/scope.ts';
import type { LocalService } from '../gateway/service.ts';
import { openLambdaApi } from './api.ts';
import { runAsynchronously } from './asynchronous.ts';
import type { Clients } from './clients.ts';
import { type Environments, openEnvironments } from './environments.ts';
import { startExecution } from './execution.ts';
import { functionNameOf, isPermitted, type LambdaFunction, type Outcome, type Permission } from './function.ts';
import { type LogSubscription, openLogSubscriptions } from './log-subscriptions.ts';
import type { MappingStatus, OpenMapping, QueueMapping, StreamMapping } from './mapping.ts';
import type { LogShipper } from './output.ts';
import { openQueueMapping } from './queue-mapping.ts';
import { openStreamMapping } from './stream-mapping.ts';
import { openTopicSubscription, type TopicSubscription } from './topic-subscription.ts';

export type MetricName = 'Invocations' | 'Errors' | 'Throttles' | 'Duration';

export type LambdaOptions = {
  clock: Clock;
  clients: Clients;
  /** The directory that handlers are relative to: the repository, whose dist/ holds the bundles. */
  codeRoot: string;
  /** A directory for the environments' log files. */
  logDir: string;
  /** What every environment is given beside Lambda's own variables: endpoint, DNS, certificate authority. */
  environment(): Record<string, string>;
  logs?: LogShipper | undefined;
  onMetric?(region: string, functionName: string, metric: MetricName, value: number): void;
  /** A line that a function has printed. */
  onLine?(region: string, functionName: string, line: string): void;
  onError?(error: unknown): void;
};

export type Lambda = {
  service: LocalService;
  addFunction(fn: LambdaFunction): void;
  allow(region: string, permission: Permission): void;
  addQueueMapping(mapping: QueueMapping): void;
  addStreamMapping(mapping: StreamMapping): void;
  addLogSubscription(subscription: LogSubscription): void;
  addTopicSubscription(subscription: TopicSubscription): void;
  functions(region?: string): LambdaFunction[];
  /** Log events that were put: subscription filters look at them. */
  logsPut: ReturnType<typeof openLogSubscriptions>['put'];
  invoke(region: string, name: string, payload: string, options?: { clientContext?: unknown }): Promise<Outcome>;
  /** Accepts an event; `done` settles when it has run to its end. Throws when there is no such function. */
  invokeAsync(region: string, name: string, payload: string): { requestId: string; done: Promise<void> };
  /** As invokeAsync, for a service that needs a permission. Throws (with `permanent`) when none lets it in. */
  invokeFor(
    source: { principal: string; sourceArn: string },
    functionArn: string,
    payload: string,
  ): { requestId: string; done: Promise<void> };
  admin: {
    /** Kills a function's environments in every region, as a crash; gives how many. */
    killExecution(name: string, which?: 'busy'): number;
    setReservedConcurrency(region: string, name: string, value: number | undefined): void;
    pauseMapping(id: string): void;
    resumeMapping(id: string): void;
    mappings(): MappingStatus[];
    counts(): { region: string; name: string; warm: number; busy: number }[];
  };
  stop(): Promise<void>;
};

/** A delivery that no retry will help. */
export class NotPermitted extends Error {
  override readonly name = 'NotPermitted';
  readonly permanent = true;
}

/** Opens the service without functions; they come from the packaged templates. */
export const openLambda = (options: LambdaOptions): Lambda => {
  const { clock, clients } = options;
  const onError = options.onError ?? ((error) => console.error('the local Lambda service:', error));
  const known = new Map<string, { fn: LambdaFunction; environments: Environments }>();
  const permissions: (Permission & { region: string })[] = [];
  const mappings = new Map<string, OpenMapping>();
  const keyOf = (region: string, name: string) => `${region}/${functionNameOf(name)}`;
  const metric = (fn: LambdaFunction, name: MetricName, value: number) =>
    options.onMetric?.(fn.region, fn.name, name, value);

  const start = (fn: LambdaFunction) => {
    const stream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const group = `/aws/lambda/${fn.name}`;
    return startExecution(fn, {
      codeRoot: options.codeRoot,
      logFile: `${options.logDir}/${fn.region}-${fn.name}.log`,
      env: { ...environmentOf(fn, clients.place.account, group, stream), ...options.environment() },
      onLine: (line) => {
        options.onLine?.(fn.region, fn.name, line);
        options.logs?.line(fn.region, group, stream, line);
      },
    });
  };

  const run = async (fn: LambdaFunction, payload: string, id: string, clientContext?: unknown): Promise<Outcome> => {
    const throttled = (because: string): Outcome => {
      metric(fn, 'Throttles', 1);
      return { kind: 'throttled', requestId: id, because };
    };
    if (fn.reservedConcurrency === 0) return throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    const startedMs = performance.now();
    const environments = known.get(keyOf(fn.region, fn.name))?.environments;
    const told = { id, event: payload, arn: fn.arn, ...(clientContext === undefined ? {} : { clientContext }) };
    const result = await environments?.run(told);
    if (!result) return throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    metric(fn, 'Invocations', 1);
    metric(fn, 'Duration', performance.now() - startedMs);
    metric(fn, 'Errors', result.kind === 'done' ? 0 : 1);
    if (result.kind === 'done' && Buffer.byteLength(result.payload) <= LARGEST_ANSWER_BYTES)
      return { kind: 'ok', requestId: id, payload: result.payload };
    const tooLarge = {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER_BYTES} bytes).`,
    };
    return {
      kind: 'function-error',
      requestId: id,
      payload: result.kind === 'done' ? JSON.stringify(tooLarge) : result.payload,
    };
  };

  const functionOf = (region: string, name: string): LambdaFunction => {
    const found = known.get(keyOf(region, name));
    if (!found) throw new UnknownFunction(region, functionNameOf(name), clients.place.account);
    return found.fn;
  };

  const lambda: Omit<Lambda, 'service' | 'logsPut' | 'addLogSubscription'> = {
    addFunction: (fn) => {
      known.set(keyOf(fn.region, fn.name), { fn, environments: openEnvironments(fn, () => start(fn)) });
    },
    allow: (region, permission) => {
      permissions.push({ ...permission, region });
    },
    addQueueMapping: (mapping) => {
      const invoke = (payload: string) => lambda.invoke(mapping.region, mapping.functionName, payload);
      mappings.set(mapping.id, openQueueMapping(mapping, { clients, invoke }));
    },
    addStreamMapping: (mapping) => {
      const invoke = (payload: string) => lambda.invoke(mapping.region, mapping.functionName, payload);
      mappings.set(mapping.id, openStreamMapping(mapping, { clock, clients, invoke, onError }));
    },
    addTopicSubscription: (subscription) => {
      const invoke = (payload: string) =>
        lambda.invokeFor(
          { principal: 'sns.amazonaws.com', sourceArn: subscription.topicArn },
          subscription.functionArn,
          payload,
        );
      mappings.set(subscription.id, openTopicSubscription(subscription, { clients, invoke, onError }));
    },
    functions: (region) => [...known.values()].map(({ fn }) => fn).filter((fn) => !region || fn.region === region),
    invoke: async (region, name, payload, { clientContext } = {}) =>
      run(functionOf(region, name), payload, randomUUID(), clientContext),
    invokeAsync: (region, name, payload) => {
      const fn = functionOf(region, name);
      const requestId = randomUUID();
      const ports = { clock, clients, onError, run };
      return { requestId, done: runAsynchronously(ports, fn, payload, requestId).then(() => {}) };
    },
    invokeFor: (source, functionArn, payload) => {
      const region = functionArn.split(':')[3] ?? '';
      const functionName = functionNameOf(functionArn);
      const here = permissions.filter((one) => one.region === region);
      if (!isPermitted(here, { functionName, ...source }))
        throw new NotPermitted(
          `${source.principal} is not permitted to invoke ${functionName} for ${source.sourceArn}`,
        );
      return lambda.invokeAsync(region, functionName, payload);
    },
    admin: {
      killExecution: (name, which) =>
        [...known.values()]
          .filter(({ fn }) => fn.name === name)
          .reduce((killed, { environments }) => killed + environments.kill(which), 0),
      setReservedConcurrency: (region, name, value) => {
        const fn = functionOf(region, name);
        if (value === undefined) delete fn.reservedConcurrency;
        else fn.reservedConcurrency = value;
      },
      pauseMapping: (id) => mappings.get(id)?.pause(),
      resumeMapping: (id) => mappings.get(id)?.resume(),
      mappings: () => [...mappings.values()].map((mapping) => mapping.status()),
      counts: () =>
        [...known.values()].map(({ fn, environments }) => ({
          region: fn.region,
          name: fn.name,
          ...environments.count(),
        })),
    },
    stop: async () => {
      // Together: a mapping waits for its running batch, which ends with its environment.
      await Promise.all([
        ...[...mappings.values()].map((mapping) => mapping.stop()),
        ...[...known.values()].map(({ environments }) => environments.stop()),
      ]);
      await options.logs?.stop();
    },
  };
  const subscriptions = openLogSubscriptions({
    account: clients.place.account,
    invoke: (source, functionArn, payload) => lambda.invokeFor(source, functionArn, payload),
    onError,
  });
  const whole = { ...lambda, logsPut: subscriptions.put, addLogSubscription: subscriptions.add };
  return { ...whole, service: openLambdaApi(whole) };
};

// docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB for a synchronous answer.
const LARGEST_ANSWER_BYTES = 6 * 1024 * 1024;

/** There is no such function in the region. */
export class UnknownFunction extends Error {
  override readonly name = 'UnknownFunction';
  readonly permanent = true;
  constructor(region: string, name: string, account: string) {
    super(`Function not found: arn:aws:lambda:${region}:${account}:function:${name}`);
  }
}

// docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, the runtime's own variables.
const environmentOf = (fn: LambdaFunction, account: string, logGroup: string, logStream: string) => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  ...fn.environment,
  AWS_REGION: fn.region,
  AWS_DEFAULT_REGION: fn.region,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: callerToken(fn.region, fn.name),
  AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: fn.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  LAMBDA_TASK_ROOT: '/var/task',
});
