import { type AttributeValue, BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lineDocuments, type Manifest } from '../../demo/package-tree.ts';
import { SECRET, SLOW_MS, shipLines, slowOf, writtenLog } from '../../demo/postgres-log.ts';
import { inParallel, mainstay, until } from '../../demo/stage.ts';
import { deadLetterBucket } from '../../functions/search-sync/aws/wiring.ts';
import { utcDay } from '../../functions/search-sync/core/log-events.ts';
import { openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { toItem } from '../../shared/aws/attribute-value.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import type { Config } from '../../shared/config/schema.ts';
import { runs } from '../counts.ts';
import { describeWithEngines } from '../engine.ts';
import { packagedTemplates } from '../stack.ts';

// The packaged functions of the wing, from their triggers, on real input: lines of real files, and the log of a real server.

const DOCUMENTS = runs(2_000, 20_000);
const DAY_MS = 86_400_000;

await describeWithEngines(['ministack', 'dynamodb', 'opensearch', 'postgres'], 'on real input', () => {
  let aws: LocalAws;
  let config: Config;
  let region: string;
  let engine: string;
  let documents: Manifest[];
  let client: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  const run = (...args: string[]) => mainstay({ aws }, 'search', ...args);

  beforeAll(async () => {
    config = await readConfigFile('local');
    region = config.regions.primary;
    const templates = { [region]: (await packagedTemplates()).primary };
    aws = await startLocalAws({ port: 0, functions: true, templates });
    client = { region, endpoint: aws.endpoint, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' } };
    await openEstate(aws, config, { documents: true, objects: true });
    await aws.loadStacks();
    // Only what these tests cause: no ticks of the other wings.
    aws.scheduler.pause();
    engine = (await aws.status()).parts.find(({ name }) => name === 'OpenSearch')?.address ?? '';
    await run('prepare');
    documents = await lineDocuments(DOCUMENTS);
  }, 240_000);
  afterAll(() => aws?.stop(), 60_000);

  /** OpenSearch itself, asked past everything of ours. */
  const asked = async (path: string, body?: object): Promise<any> => {
    await fetch(`${engine}/_refresh`, { method: 'POST' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${engine}${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : {});
    return answer.json();
  };
  const counted = async (index: string): Promise<number> => (await asked(`/${index}/_count`)).count ?? 0;
  const invoke = (name: string, payload: object) =>
    new LambdaClient(client).send(
      new InvokeCommand({ FunctionName: `mainstay-local-${name}`, Payload: JSON.stringify(payload) }),
    );
  const group = () => config.search.logs[0]?.logGroup ?? '';
  const letters = async () =>
    (
      await new S3Client({ ...client, forcePathStyle: true }).send(
        new ListObjectsV2Command({ Bucket: deadLetterBucket(config) }),
      )
    ).Contents ?? [];

  test(`${DOCUMENTS} lines of real files are rows, and each is a document with every letter of it`, async () => {
    const dynamodb = new DynamoDBClient(client);
    const batches = Array.from({ length: Math.ceil(documents.length / 25) }, (_, at) =>
      documents.slice(at * 25, at * 25 + 25),
    );
    await inParallel(batches, 8, async (batch) => {
      const puts = batch.map((one) => ({
        PutRequest: { Item: toItem(one as never) as Record<string, AttributeValue> },
      }));
      const answer = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { documents: puts } }));
      expect(answer.UnprocessedItems ?? {}).toEqual({});
    });
    await until(
      'the index',
      120,
      () => counted('documents'),
      (found) => found === DOCUMENTS,
    );
    const texts = new Map(documents.map(({ id, text }) => [id, text]));
    let seen = 0;
    for (let after: unknown[] | undefined, page: any[] = [1]; page.length > 0; after = page.at(-1)?.sort) {
      const query = { size: 1_000, sort: [{ '_sync.i': 'asc' }], ...(after && { search_after: after }) };
      page = (await asked('/documents/_search', query)).hits.hits;
      for (const { _source } of page) expect(_source.text).toBe(texts.get(_source.id));
      seen += page.length;
    }
    expect(seen).toBe(DOCUMENTS);
  }, 240_000);

  test('"slow statements of the last hour" answers with what a real PostgreSQL wrote into its log, without its secrets', async () => {
    const lines = await writtenLog(aws, region, 'reports');
    const slow = slowOf(lines);
    expect(slow.length).toBeGreaterThanOrEqual(4);
    expect(lines.join('\n')).toContain(SECRET);
    await shipLines(aws, region, group(), 'reports', lines);
    const answered = await until(
      'the slow statements',
      60,
      () => run('logs', '--slow', String(SLOW_MS), '--minutes', '60'),
      ({ total }) => total >= slow.length,
    );
    expect(answered.hits.map(({ durationMs }: { durationMs: number }) => durationMs)).toEqual(slow);
    const told = JSON.stringify(await asked('/postgresql-*/_search?size=1000'));
    expect(told).not.toContain(SECRET);
    expect(told).toContain('password=***');
    const report = answered.hits.find(({ statement = '' }) => statement.includes('monthly report'));
    expect(report).toMatchObject({
      statement: "select pg_sleep(0.09)\n  /* the monthly report */\n  , 'over three lines'",
      severity: 'LOG',
      user: 'rdsadmin',
    });
    const failed = await run('logs', 'no_such_column', '--minutes', '60');
    expect(failed.hits).toMatchObject([{ severity: 'ERROR', statement: 'select no_such_column from pg_class' }]);
  }, 120_000);

  test('a delivery that could not be indexed in three attempts lies in the bucket, and replay puts it back', async () => {
    const yesterday = Date.now() - DAY_MS;
    aws.faults.add({ kind: 'error-5xx', service: 'es' });
    const failures = async () => (await aws.status()).functions;
    await shipLines(aws, region, group(), 'given-up', ['2026-11-20 09:00:00 UTC::@:[7]:LOG:  was not lost'], yesterday);
    // A minute until the second attempt and two until the third, on the local clock.
    await until(
      'what was given up',
      90,
      async () => {
        await aws.clock.advance(30_000);
        return letters();
      },
      (found) => found.some(({ Key }) => Key?.startsWith('aws/lambda/async/mainstay-local-logs/')),
    ).catch(async (error) => {
      throw new Error(`${error}; ${JSON.stringify(await failures())}`);
    });
    aws.faults.clear();
    expect(await run('logs', 'lost', '--minutes', '3000')).toMatchObject({ total: 0 });
    expect(await run('replay', '--yes')).toMatchObject([{ kind: 'settled', documents: 1 }]);
    expect(await letters()).toEqual([]);
    await asked('/_refresh');
    expect((await run('logs', 'lost', '--minutes', '3000')).hits).toMatchObject([
      { message: 'was not lost', pid: '7' },
    ]);
  }, 150_000);

  test('retention, as it is packaged, deletes the days that the config does not keep, and no other', async () => {
    const before = Date.now() - 40 * DAY_MS;
    await shipLines(aws, region, group(), 'old', ['2026-01-01 09:00:00 UTC::@:[7]:LOG:  is old'], before);
    const old = `postgresql-${utcDay(before)}`;
    await until(
      'the old day',
      30,
      () => counted(old),
      (found) => found === 1,
    );
    await invoke('retention', { kind: 'schedule', scheduledTime: '2026-11-21T02:30:00Z' });
    expect((await asked(`/${old}`)).status).toBe(404);
    expect(await counted('postgresql-*')).toBeGreaterThan(5);
    expect(aws.scheduler.list().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mainstay-local-log-retention', 'mainstay-local-search-drift']),
    );
  }, 60_000);

  test('upkeep, as it is packaged, fills a new index by its queue; searches go over; the night finds what was spoilt by hand', async () => {
    expect(await run('backfill', '--new', '--yes')).toMatchObject({ done: 4, items: DOCUMENTS, written: DOCUMENTS });
    expect(await run('cutover', '--yes')).toMatchObject({ kind: 'done' });
    expect(await counted('documents-v2')).toBe(DOCUMENTS);
    await asked('/documents-v2/_delete_by_query?refresh=true', { query: { term: { line: 1 } } });
    const gone = documents.filter(({ line }) => line === 1).length;
    await invoke('upkeep', { kind: 'compare', scheduledTime: '2026-11-21T03:15:00Z' });
    const { compared } = await until(
      'the comparison',
      90,
      async () => ({ compared: (await run('status'))[0]?.compared }),
      (found) => found.compared?.phase === 'done',
    );
    expect(compared).toMatchObject({ index: 'documents-v2.write', missing: gone, stale: 0, ghosts: 0, repaired: 0 });
    expect(gone).toBeGreaterThan(0);
  }, 240_000);
});
