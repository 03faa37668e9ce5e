import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../functions/object-index/aws/digest.ts';
import { inMemoryClosings } from '../functions/object-index/aws/in-memory-jobs.ts';
import { listObjects } from '../functions/object-index/run/query-objects.ts';
import { inTurn, type Measure } from './measure.ts';
import { BATCH, type Engine, GATEWAY_DELAY_MS, newObjects } from './object-index-engine.ts';

const USUAL_OBJECTS = 200;
const QUERY_OBJECTS = 100_000;
const QUERY_CUSTOMERS = 1_000;
const QUERIES = 200;
const SCANS = 3;
const PAGE = 100;

/** Objects a second of both handlers on the same engine in turn: bare, and with a delay on every call of both. */
export const throughput = async (engine: Engine, progress: (line: string) => void): Promise<Measure[]> => {
  const measures: Measure[] = [];
  for (const [where, least] of [
    ['bare', 3.5],
    ['gateway', 10],
  ] as const) {
    const [a, b] = [await engine.open(where), await engine.open(where)];
    let round = 0;
    const rate = async (objects: number, work: () => Promise<void>): Promise<number> => {
      const started = performance.now();
      await work();
      return (objects * 1000) / (performance.now() - started);
    };
    const messages = (count: number) => {
      round += 1;
      return newObjects(
        Array.from({ length: count }, () => 'acme'),
        `${round}/`,
      );
    };
    const ours = () =>
      rate(
        2 * BATCH,
        (
          (list) => () =>
            a.ours(list)
        )(messages(2 * BATCH)),
      );
    const usual = () =>
      rate(
        USUAL_OBJECTS,
        (
          (list) => () =>
            b.usual(list)
        )(messages(USUAL_OBJECTS)),
      );
    const figures = await inTurn(ours, usual, { warmUps: 4, repeats: 9 });
    const ratio = figures.ratio.median;
    const delay = where === 'bare' ? 'bare engine' : `gateway adding ${GATEWAY_DELAY_MS} ms to every call of both`;
    progress(`${delay}: ${figures.a.median.toFixed(0)} objects/s, usual ${figures.b.median.toFixed(0)}`);
    measures.push({
      name: `objects a second, ${delay}`,
      value: figures.a.median,
      unit: '/s',
      baseline: figures.b.median,
      ratio,
      goal: `≥ ${least} ×`,
      met: ratio >= least,
    });
  }
  return measures;
};

/** p99 of a page of a customer's objects in a date range, against a Scan with a filter for the same. */
export const queries = async (engine: Engine, progress: (line: string) => void): Promise<Measure[]> => {
  const { ours, client, tableName, reader } = await engine.open('bare');
  progress(`storing ${QUERY_OBJECTS} objects of ${QUERY_CUSTOMERS} customers`);
  await ours(
    newObjects(
      Array.from({ length: QUERY_OBJECTS }, (_, index) => `c${Math.floor(index / (QUERY_OBJECTS / QUERY_CUSTOMERS))}`),
    ),
  );
  const deps = {
    reader,
    closings: inMemoryClosings(),
    rules: engine.rules,
    digest: sha256,
    now: () => Date.UTC(2026, 2, 4),
  };
  const times = async (count: number, ask: (customer: string) => Promise<number>): Promise<number[]> => {
    const found: number[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      const started = performance.now();
      const objects = await ask(`c${(turn * 37) % QUERY_CUSTOMERS}`);
      found.push(performance.now() - started);
      if (objects !== PAGE) throw new Error(`a page of ${objects} objects`);
    }
    return found.sort((x, y) => x - y);
  };
  const page = async (customer: string) =>
    (await listObjects({ query: 'by-customer', customer, from: '2026-03-01', to: '2026-03-04', limit: PAGE }, deps))
      .objects.length;
  const scan = async (customer: string) => {
    let count = 0;
    let start: Record<string, never> | undefined;
    do {
      const answer = await client.send(
        new ScanCommand({
          TableName: tableName,
          FilterExpression: 'c = :c AND gs BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':c': { S: customer },
            ':from': { S: '2026-03-01' },
            ':to': { S: '2026-03-04' },
          },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      count += answer.Count ?? 0;
      start = answer.LastEvaluatedKey as Record<string, never> | undefined;
    } while (start !== undefined && count < PAGE);
    return Math.min(count, PAGE);
  };
  await times(20, page);
  const ourTimes = await times(QUERIES, page);
  const scanTimes = await times(SCANS, scan);
  const p99 = ourTimes[Math.ceil(QUERIES * 0.99) - 1] ?? Number.NaN;
  const slowest = scanTimes.at(-1) ?? Number.NaN;
  progress(
    `a page of ${PAGE}: p50 ${ourTimes[QUERIES / 2]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; Scan and filter ${slowest.toFixed(0)} ms`,
  );
  return [
    {
      name: `p99 of a page of ${PAGE} of ${QUERY_OBJECTS} objects, against Scan and filter`,
      value: p99,
      unit: 'ms',
      baseline: slowest,
      ratio: p99 / slowest,
      goal: '< 0.1',
      met: p99 / slowest < 0.1,
    },
  ];
};
