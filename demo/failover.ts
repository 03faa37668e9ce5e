import { Resolver } from 'node:dns/promises';
import type { PairConfig } from '../shared/config/schema.ts';
import { databaseAt } from './database.ts';
import { type Acknowledged, type LedgerWriter, startWriter } from './ledger.ts';
import { type Finding, mainstay, type Stage, until } from './stage.ts';

const COMMITS_PER_SECOND = 200;

/** A writer through the name; its process killed (a hold), then its host lost (a failover); then what the database and the resolver say. */
export const failover = async (stage: Stage): Promise<Finding[]> => {
  const pair = stage.config.failover.pairs[0];
  if (pair === undefined) return [];
  const writer = await startWriter(stage, pair.dns.writer, 'estate/ledger-app');
  try {
    await until(
      'the writer',
      30,
      () => writer.acknowledged(),
      (rows) => rows.length > 2 * COMMITS_PER_SECOND,
    );
    return [await processKilled(stage, pair, writer), ...(await hostLost(stage, pair, writer))];
  } finally {
    await writer.stop();
  }
};

/** A bare kill -9: RDS restarts the engine itself, so the right decision is to hold. */
const processKilled = async (stage: Stage, pair: PairConfig, writer: LedgerWriter): Promise<Finding> => {
  const { primary } = stage.config.regions;
  stage.say(`failover: kill -9 of ${pair.primary.instance}'s engine, which RDS heals`);
  const faultMs = Date.now();
  await stage.aws.rds.admin.killProcess(primary, pair.primary.instance);
  const back = await until(
    'the healed primary',
    60,
    () => firstAfter(writer, faultMs + 500),
    (row) => row !== undefined,
  );
  const status = await statusOf(stage, pair);
  return {
    wing: 'failover',
    did: `engine process killed; writing again after ${seconds(faultMs, back?.atMs)} s`,
    check: `epoch ${status.epoch}, name → ${await answerFor(stage, pair)}`,
    ok: status.epoch === 0 && (await answerFor(stage, pair)).startsWith(`${pair.primary.instance}.`),
  };
};

/** The host is lost: fence, promote, move the name; the writer goes on through it. */
const hostLost = async (stage: Stage, pair: PairConfig, writer: LedgerWriter): Promise<Finding[]> => {
  const { primary, recovery } = stage.config.regions;
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const faultMs = Date.now();
  const before = await writer.acknowledged();
  const rate = before.filter(({ atMs }) => atMs > faultMs - 3_000).length / 3;
  stage.say(`failover: the host of ${pair.primary.instance} is lost, under ${rate.toFixed(0)} commits/s`);
  await stage.aws.rds.admin.hostLost(primary, pair.primary.instance);

  const onReplica = async () => {
    const answer = await answerFor(stage, pair);
    return answer.startsWith(`${pair.replica.instance}.`) ? firstAfter(writer, faultMs + 1_000) : undefined;
  };
  const first = await until('the writer on the promoted replica', 120, onReplica, (row) => row !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const acknowledged = await writer.stop();

  const database = await databaseAt(stage, recovery, pair.replica.instance);
  const counted = await database.query<{ number: string }>('SELECT number FROM ledger');
  const readOnly = await database.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  await database.close();
  const present = new Set(counted.map(({ number }) => Number(number)));
  const lost = acknowledged.filter(({ number }) => !present.has(number));
  const status = await statusOf(stage, pair);
  // Replication is asynchronous: what was acknowledged last may be missing, as long as the bound said so before the promotion.
  const lostSeconds = Math.max(0, ...lost.map(({ atMs }) => (faultMs - atMs) / 1000));
  const boundSeconds = status.lossSeconds ?? 0;
  const loss = `${lost.length} of ${acknowledged.length} acknowledged commits lost${lost.length > 0 ? `, the oldest ${lostSeconds.toFixed(2)} s before the fault` : ''} (bound ${boundSeconds.toFixed(1)} s)`;
  const answer = await answerFor(stage, pair);
  return [
    {
      wing: 'failover',
      did: `host lost under ${rate.toFixed(0)} commits/s; fenced, promoted, name moved; first commit by name after ${seconds(faultMs, first?.atMs)} s`,
      check: `recount: ${present.size} rows, ${loss}; resolver: ${answer}; epoch ${status.epoch}`,
      ok:
        rate >= COMMITS_PER_SECOND &&
        status.lossSeconds !== undefined &&
        lostSeconds <= boundSeconds &&
        boundSeconds <= pair.maxLossSeconds &&
        readOnly[0]?.standby === false &&
        status.epoch === 1 &&
        answer.startsWith(`${pair.replica.instance}.`),
    },
  ];
};

interface PairRecord {
  epoch: number;
  phase: string;
  /** The bound on the loss that the promotion was decided on. */
  lossSeconds?: number;
}

const statusOf = async (stage: Stage, pair: PairConfig): Promise<PairRecord> => {
  const pairs: { pair: string; record: PairRecord }[] = await mainstay(stage, 'failover', 'status');
  const found = pairs.find(({ pair: name }) => name === pair.name);
  if (found === undefined) throw new Error(`failover status says nothing of ${pair.name}`);
  return found.record;
};

const firstAfter = async (writer: LedgerWriter, atMs: number): Promise<Acknowledged | undefined> =>
  (await writer.acknowledged()).find((row) => row.atMs > atMs);

/** What a real resolver gets when it asks for the writer's name. */
const answerFor = async ({ aws }: Stage, pair: PairConfig): Promise<string> => {
  const resolver = new Resolver();
  resolver.setServers([aws.dns.address]);
  return (await resolver.resolveCname(pair.dns.writer))[0] ?? '';
};

const seconds = (from: number, to = Number.NaN): string => ((to - from) / 1000).toFixed(1);
