// The local AWS as a whole: engines, our own services, one gateway in front, one clock, three regions, one account.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readConfigFile } from '../shared/config/file.ts';
import { type Alarms, openAlarms } from './alarms/alarms.ts';
import { readEmbeddedMetrics, readPutMetricData } from './alarms/metrics.ts';
import { type Clock, openClock } from './clock.ts';
import { type Dns, openDns } from './dns/server.ts';
import { type EngineName, fetchAll } from './engines/needs.ts';
import { RUN_MARK } from './engines/processes.ts';
import { openRun } from './engines/run.ts';
import { type EventBus, openEventBus } from './eventbridge/bus.ts';
import type { AwsEvent } from './eventbridge/event.ts';
import { openScheduler, type Scheduler } from './eventbridge/scheduler.ts';
import { openEventBridgeApi } from './eventbridge/service.ts';
import { openControl } from './gateway/control.ts';
import { type Faults, openFaults } from './gateway/faults.ts';
import { notStarted, openGateway, type Route } from './gateway/gateway.ts';
import { openClients } from './lambda/clients.ts';
import { deliverTo } from './lambda/destinations.ts';
import { type Lambda, openLambda } from './lambda/lambda.ts';
import { openLogShipper } from './lambda/output.ts';
import { memoryMb, type Part } from './parts.ts';
import type { Durations } from './rds/types.ts';
import { openRdsWorld, type RdsWorld } from './rds/world.ts';
import { actOnDatabase } from './rds-controls.ts';
import { findKeyAt } from './rds-keys.ts';
import { openRoute53, type Route53 } from './route53/route53.ts';
import { type LoadedStack, loadStack } from './stack/load.ts';
import type { Template } from './stack/plan.ts';
import { sayProgress, startEngines } from './start-engines.ts';

export type LocalAwsOptions = {
  /** Whose config names account, regions and stacks; `local` unless said. */
  stage?: string;
  /** 4566 unless said; 0 for a free one. */
  port?: number;
  /** All unless said. */
  engines?: readonly EngineName[];
  /** What to do about an engine that can not be had here: `fail` unless said; `skip` starts the others. */
  ifMissing?: 'fail' | 'skip';
  /** Whether functions are loaded by loadStacks (true unless said); without them only stores are made. */
  functions?: boolean;
  progress?: (line: string) => void;
  /** Templates or their files by region; the packaged ones unless said. */
  templates?: Record<string, string | Template>;
  /** How long a database's states take, on the local clock; a second or less unless said. */
  durations?: Partial<Durations>;
  /** The directory that handlers are relative to; the repository unless said. */
  codeRoot?: string;
  onError?: (error: unknown) => void;
};

export type LocalAws = {
  endpoint: string;
  account: string;
  regions: { primary: string; recovery: string; witness: string };
  clock: Clock;
  rds: RdsWorld;
  route53: Route53;
  dns: Dns;
  lambda: Lambda;
  eventbridge: EventBus;
  scheduler: Scheduler;
  alarms: Alarms;
  faults: Faults;
  /** Loads the packaged stacks of all regions, after what they find in the account is there. */
  loadStacks(): Promise<LoadedStack[]>;
  /** What to export to point a client at it. */
  env(): Record<string, string>;
  status(): Promise<LocalAwsStatus>;
  stop(): Promise<void>;
};

export type LocalAwsStatus = {
  endpoint: string;
  now: string;
  parts: (Omit<Part, 'pids'> & { memoryMb: number })[];
  functions: ReturnType<Lambda['admin']['counts']>;
  mappings: ReturnType<Lambda['admin']['mappings']>;
  schedules: ReturnType<Scheduler['list']>;
  alarms: ReturnType<Alarms['list']>;
  faults: ReturnType<Faults['list']>;
  undelivered: ReturnType<EventBus['undelivered']>;
  stacks: LoadedStack[];
  /** Engines that were wanted and can not be had here, each with what to do. */
  missing: { engine: EngineName; why: string }[];
};

const DEFAULT_PORT = 4566;
const ALL_ENGINES: readonly EngineName[] = ['postgres', 'dynamodb', 'opensearch', 'ministack'];
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Starts the local AWS; throws one sentence when the port is taken or an engine can not be had, with nothing left behind. */
export const startLocalAws = async (options: LocalAwsOptions = {}): Promise<LocalAws> => {
  const config = await readConfigFile(options.stage ?? 'local');
  const ending: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).reverse()) await Promise.resolve(end()).catch(report);
  };
  const report = options.onError ?? ((error: unknown) => console.error('the local AWS:', error));
  try {
    return await compose(options, config, ending, stop, report);
  } catch (error) {
    await stop();
    throw error;
  }
};

type Config = Awaited<ReturnType<typeof readConfigFile>>;

const compose = async (
  options: LocalAwsOptions,
  { account, regions, stage }: Config,
  ending: (() => unknown)[],
  stop: () => Promise<void>,
  report: (error: unknown) => void,
): Promise<LocalAws> => {
  const say = options.progress ?? (() => {});
  const clock = openClock({ onError: report });
  const faults = openFaults();
  const routes = new Map<string, Route>();
  const parts: Part[] = [];
  const stacks: LoadedStack[] = [];

  // The gateway first: a taken port is said before anything is fetched or started.
  const gateway = await openGateway({
    port: options.port ?? DEFAULT_PORT,
    faults,
    route: (service) => routes.get(service) ?? routes.get('*'),
    control: openControl({
      status: () => status(),
      advance: async (seconds) => {
        await clock.advance(seconds * 1000);
        return { now: new Date(clock.now()).toISOString() };
      },
      addFault: (rule) => void faults.add(rule),
      clearFaults: faults.clear,
      faults: faults.list,
      rds: (region, id, verb) => actOnDatabase(aws.rds, region, id, verb),
      killFunction: (name) => lambda.admin.killExecution(name),
    }),
    observers: [
      { service: 'logs', operation: 'PutLogEvents', seen: (request) => lambda.logsPut(request) },
      {
        service: 'monitoring',
        operation: 'PutMetricData',
        seen: (request) => readPutMetricData(request).forEach(alarms.putMetric),
      },
    ],
  });
  ending.push(gateway.stop);
  parts.push({
    name: 'gateway',
    engine: 'one endpoint, by SigV4 scope',
    kind: 'ours',
    address: gateway.endpoint,
    pids: [process.pid],
  });

  const wanted = options.engines ?? ALL_ENGINES;
  const missing = options.ifMissing === 'skip' ? await whyMissing(wanted, say) : [];
  const engines = wanted.filter((name) => !missing.some((one) => one.engine === name));
  const run = await openRun({ owner: 'local-aws', say });
  ending.push(run.stop);
  const dns = await openDns();
  ending.push(dns.stop, clock.stop);
  parts.push({ name: 'DNS', engine: 'dns2, authoritative', kind: 'real', address: dns.address, pids: [] });
  const route53 = openRoute53({ clock, dns });
  routes.set('route53', { local: route53.service });
  parts.push({
    name: 'Route 53',
    engine: 'its API over the DNS server',
    kind: 'ours',
    address: gateway.endpoint,
    pids: [],
  });

  const clients = openClients({ endpoint: gateway.endpoint, account });
  ending.push(clients.stop);
  let rds: RdsWorld | undefined;
  const env = () => ({
    AWS_ENDPOINT_URL: gateway.endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: regions.primary,
    MAINSTAY_DNS: dns.address,
    ...(rds ? { MAINSTAY_DB_CA: rds.caFile } : {}),
  });
  const lambda: Lambda = openLambda({
    clock,
    clients,
    codeRoot: options.codeRoot ?? ROOT.replace(/\/$/, ''),
    logDir: await run.temp('lambda'),
    environment: () => {
      const { AWS_REGION: _, AWS_ACCESS_KEY_ID: __, AWS_SECRET_ACCESS_KEY: ___, ...shared } = env();
      // The mark lets the run's leash end functions, too, when we die.
      return { ...shared, [RUN_MARK]: run.id };
    },
    logs: engines.includes('ministack') ? openLogShipper(clients) : undefined,
    onLine: (region, _name, line) => readEmbeddedMetrics(region, line).forEach(alarms.putMetric),
    onMetric: (region, FunctionName, name, value) =>
      alarms.putMetric({ region, namespace: 'AWS/Lambda', name, dimensions: { FunctionName }, value }),
    onError: report,
  });
  ending.push(lambda.stop);
  routes.set('lambda', { local: lambda.service });
  const publish = (topicArn: string, body: string) =>
    deliverTo(clients, topicArn, topicArn.split(':')[3] ?? '', { body, key: '' });
  const eventbridge = openEventBus({
    clock,
    isCut: faults.isCut,
    invoke: (functionArn, payload, rule) =>
      lambda.invokeFor({ principal: 'events.amazonaws.com', sourceArn: rule.arn }, functionArn, payload).done,
    sendToQueue: publish,
    publish,
  });
  routes.set('events', { local: openEventBridgeApi({ bus: eventbridge, now: clock.now, onError: report }) });
  const scheduler = openScheduler({
    clock,
    // Asynchronously: what becomes of the invocation is Lambda's business (docs: managing-targets-templated).
    invoke: (arn, payload) => lambda.invokeAsync(arn.split(':')[3] ?? '', arn, payload),
  });
  const alarms: Alarms = openAlarms({
    clock,
    account,
    putEvent: eventbridge.put,
    publish: (topicArn, _subject, message) => publish(topicArn, message),
    changed: route53.admin.alarmIs,
    onError: report,
  });
  ending.push(scheduler.stop, alarms.stop);
  parts.push(
    { name: 'Lambda', engine: 'bundles in Node processes', kind: 'ours', address: gateway.endpoint, pids: [] },
    {
      name: 'EventBridge, alarms',
      engine: 'rules, schedules, evaluator',
      kind: 'ours',
      address: gateway.endpoint,
      pids: [],
    },
  );

  const findKey = engines.includes('ministack') ? findKeyAt(gateway.endpoint, account) : undefined;
  if (findKey) ending.push(findKey.stop);
  rds = await startEngines({
    run,
    engines,
    routes,
    parts,
    say,
    isCut: faults.isCut,
    openRds: () =>
      openRdsWorld({
        run,
        clock,
        dns,
        account,
        regions: Object.values(regions),
        emit: (event) => void eventbridge.put(event as AwsEvent).catch(report),
        publish: ({ topicArn, message, attributes }) =>
          void deliverTo(clients, topicArn, topicArn.split(':')[3] ?? '', { body: message, key: '', attributes }).catch(
            report,
          ),
        ...(findKey && { findKey }),
        ...(options.durations && { durations: options.durations }),
        onError: report,
      }),
  });
  if (rds) {
    ending.push(rds.stop);
    routes.set('rds', { local: rds.service });
    parts.push({
      name: 'RDS',
      engine: 'its API over PostgreSQL 18',
      kind: 'ours',
      address: gateway.endpoint,
      pids: [],
    });
  }
  // A service whose engine was not asked for must not be answered by another one's idea of it.
  for (const service of ['rds', 'dynamodb', 'es']) if (!routes.has(service)) routes.set(service, unavailable(service));

  const status = async (): Promise<LocalAwsStatus> => ({
    endpoint: gateway.endpoint,
    now: new Date(clock.now()).toISOString(),
    parts: await Promise.all(parts.map(async ({ pids, ...part }) => ({ ...part, memoryMb: await memoryMb(pids) }))),
    functions: lambda.admin.counts(),
    mappings: lambda.admin.mappings(),
    schedules: scheduler.list(),
    alarms: alarms.list(),
    faults: faults.list(),
    undelivered: eventbridge.undelivered(),
    stacks,
    missing,
  });
  const aws: LocalAws = {
    endpoint: gateway.endpoint,
    account,
    regions,
    clock,
    get rds() {
      if (!rds) throw new Error('The local AWS was started without postgres: there is no RDS.');
      return rds;
    },
    route53,
    dns,
    lambda,
    eventbridge,
    scheduler,
    alarms,
    faults,
    loadStacks: async () => {
      const services = { clients, lambda, bus: eventbridge, scheduler, alarms, route53: route53.admin };
      for (const region of Object.values(regions)) {
        const given = options.templates ? options.templates[region] : templateFile(stage, region);
        if (!given) continue;
        say(`loading the stack of ${region}`);
        const template = typeof given === 'string' ? (JSON.parse(await readFile(given, 'utf8')) as Template) : given;
        stacks.push(
          await loadStack(services, template, { region, stackName: `mainstay-${stage}` }, options.functions ?? true),
        );
      }
      return stacks;
    },
    env,
    status,
    stop,
  };
  return aws;
};

const whyMissing = async (wanted: readonly EngineName[], say: (line: string) => void) => {
  const found = await fetchAll((event) => sayProgress(event, say));
  return wanted
    .filter((name) => !found[name].have)
    .map((engine) => ({ engine, why: found[engine].why ?? 'not to be had' }));
};

const templateFile = (stage: string, region: string) =>
  `${ROOT}.mainstay/stack/${stage}/${region}/cloudformation-template-update-stack.json`;

const unavailable = (service: string): Route => ({
  local: {
    handle: async ({ headers }) => notStarted({ service, headers }),
  },
});
