import { Resolver } from 'node:dns/promises';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { templatePath } from '../build/package.ts';
import { type LedgerWriter, startWriter } from '../demo/ledger.ts';
import { until } from '../demo/stage.ts';
import { configuredLeases } from '../functions/failover/aws/lease-store.ts';
import { dynamoRecords } from '../functions/failover/aws/record-store.ts';
import type { FailoverRecord } from '../functions/failover/core/record.ts';
import { recordTable } from '../functions/failover/run/settings.ts';
import { openEstate } from '../local/estate.ts';
import { type LocalAws, startLocalAws } from '../local/local-aws.ts';
import type { Config, PairConfig } from '../shared/config/schema.ts';
import type { Fault, Theatre } from './faults.ts';
import { judge, type Verdict } from './judge.ts';
import { changedStage } from './stages.ts';

const COMMITS_PER_SECOND = 500;
/** The stubborn client's rows are told apart by their numbers. */
const STUBBORN_FROM = 1_000_000_000;
/** A failover that takes longer than this in the drill profile has failed. */
const FAILOVER_SECONDS = 180;
/** How long the old primary, returned and writable, is watched. */
const WATCH_RETURNED_SECONDS = 12;

/**
 * One fault on a fresh local AWS, from the trigger to the resolver: two real servers of the engine, one writer through the
 * name and one that never lets go of the old primary's endpoint, then the fault, then an independent recount.
 */
export const drillOne = async (
  fault: Fault,
  given: Config,
  engine: PairConfig['engine'],
  say: (line: string) => void,
): Promise<Verdict> => {
  const { leased, maxLossSeconds } = fault;
  if (!leased && maxLossSeconds === undefined && engine === 'postgres') return drillOn(fault, { config: given }, say);
  const place = await mkdtemp(join(tmpdir(), 'mainstay-drill-'));
  try {
    return await drillOn(fault, await changedStage(place, { engine, leased, maxLossSeconds }), say);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
};

const drillOn = async (
  fault: Fault,
  { config, codeRoot }: { config: Config; codeRoot?: string },
  say: (line: string) => void,
): Promise<Verdict> => {
  const pair = config.failover.pairs[0];
  if (pair === undefined) throw new Error('the config has no pair to drill');
  const aws = await startLocalAws({
    stage: config.stage,
    port: 0,
    engines: ['ministack', 'dynamodb', 'postgres'],
    ...(codeRoot && { codeRoot }),
    ...(fault.withoutEvents && { templates: await templatesWithoutEvents(config) }),
  });
  let isOver = false;
  const writers: LedgerWriter[] = [];
  try {
    await openEstate(aws, config, { databases: true });
    Object.assign(process.env, aws.env());
    const records = dynamoRecords(recordTable(config), config.regions.recovery);
    const record = () => records.load(pair.name).catch(() => undefined);
    await aws.loadStacks();
    // By a tick's run: before the first one only hints look, and nobody goes on looking.
    const isWatched = (one: FailoverRecord | undefined) => one?.lastWrite !== undefined && one.lastRunMs !== undefined;
    await until('a pair that is watched', 150, record, isWatched);

    const leases = configuredLeases(config, config.regions.primary);
    if (leases) {
      const lease = () => leases.load(pair.name).catch(() => undefined);
      await until('a lease that its guard keeps', 120, lease, (one) => one?.closesAfterSeconds !== undefined);
    }

    const old = aws.rds.admin.instance(config.regions.primary, pair.primary.instance);
    const byName = await startWriter({ aws, config }, pair.dns.writer, 'estate/ledger-app', {
      engine: pair.engine,
    });
    writers.push(byName);
    const stubborn = await startWriter({ aws, config }, old.endpointName, 'estate/ledger-app', {
      lanes: 1,
      first: STUBBORN_FROM,
      engine: pair.engine,
    });
    writers.push(stubborn);
    const rate = async () => (await byName.acknowledged()).filter(({ atMs }) => atMs > Date.now() - 3_000).length / 3;
    await until(`${COMMITS_PER_SECOND} commits/s`, 60, rate, (one) => one >= COMMITS_PER_SECOND);
    const commitsPerSecond = await rate();

    say(`the fault, under ${commitsPerSecond.toFixed(0)} commits/s`);
    const theatre = { aws, config, pair, isOver: () => isOver, phase: async () => (await record())?.phase ?? '' };
    const faultMs = Date.now();
    await fault.inflict(theatre);
    const after =
      fault.expect === 'failover'
        ? await failedOver(fault, theatre, record, byName, faultMs)
        : await held(fault, theatre, record, byName, say);
    isOver = true;
    const rows = { byName: await byName.stop(), stubborn: await stubborn.stop() };
    return await judge({
      fault,
      aws,
      config,
      pair,
      faultMs,
      commitsPerSecond,
      rows,
      record: after,
      history: await records.history(pair.name, 50),
      answer: await answerFor(aws, pair),
    });
  } finally {
    isOver = true;
    await Promise.all(writers.map((writer) => writer.stop()));
    await aws.stop();
  }
};

type ReadRecord = () => Promise<FailoverRecord | undefined>;

/** Until the name leads to the promoted replica and rows go there; then the old primary comes back, writable, and is watched. */
const failedOver = async (
  fault: Fault,
  theatre: Theatre,
  record: ReadRecord,
  byName: LedgerWriter,
  faultMs: number,
): Promise<FailoverRecord | undefined> => {
  const { aws, config, pair } = theatre;
  const { address } = aws.rds.admin.instance(config.regions.recovery, pair.replica.instance);
  const brief = async () => {
    const { phase, hold, lost } = (await record()) ?? {};
    return { phase, hold: hold?.sentence, lost };
  };
  const within = fault.withinSeconds ?? FAILOVER_SECONDS;
  await until('the name on the promoted replica', within, brief, ({ phase }) => phase === 'degraded');
  await until(
    'a commit on the promoted replica by name',
    60,
    () => byName.acknowledged(),
    (rows) => rows.some((row) => row.server === address && row.atMs > faultMs),
  );
  if (fault.comesBack) await fault.comesBack(theatre);
  else aws.rds.admin.return_(config.regions.primary, pair.primary.instance);
  await seconds(WATCH_RETURNED_SECONDS);
  return record();
};

/** Through the fault and out of it, until rows are written again. */
const held = async (
  fault: Fault,
  theatre: Theatre,
  record: ReadRecord,
  byName: LedgerWriter,
  say: (line: string) => void,
): Promise<FailoverRecord | undefined> => {
  await seconds(fault.lastsSeconds);
  await fault.lift?.(theatre);
  say(`lifted after ${fault.lastsSeconds} s`);
  const liftedMs = Date.now();
  await until(
    'a commit by name after the fault',
    60,
    () => byName.acknowledged(),
    (rows) => rows.some((row) => row.atMs > liftedMs),
  );
  return until('a healthy pair', 90, record, (one) => one?.phase === 'healthy').catch(record);
};

/** The packaged stacks, the primary region's without the rule that forwards its events. */
const templatesWithoutEvents = async ({ stage, regions }: Config) =>
  Object.fromEntries(
    await Promise.all(
      Object.values(regions).map(async (region) => {
        const template = JSON.parse(await readFile(templatePath(stage, region), 'utf8'));
        delete template.Resources.ForwardToRecovery;
        return [region, template] as const;
      }),
    ),
  );

/** What a real resolver gets when it asks for the writer's name. */
const answerFor = async (aws: LocalAws, pair: PairConfig): Promise<string> => {
  const resolver = new Resolver();
  resolver.setServers([aws.dns.address]);
  return (await resolver.resolveCname(pair.dns.writer).catch(() => []))[0] ?? '';
};

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
