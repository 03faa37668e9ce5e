import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { findJdk, noJdk } from '../../local/engines/jdk.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { openSearchVersions, startOpenSearch } from '../../local/engines/opensearch.ts';
import { freePorts } from '../../local/engines/ports.ts';
import { postgresBinaries } from '../../local/engines/postgres-binaries.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';
import { allGone, eventually, LOOPBACK, listeningOn, nothingLeft } from './watching.ts';

const FETCH_ALL = fileURLToPath(new URL('../../local/engines/fetch.ts', import.meta.url));
const ENGINE_OWNER = fileURLToPath(new URL('./engine-owner.ts', import.meta.url));
const sdk = (endpoint: string) => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
});

const open: Run[] = [];
const openTestRun = async () => {
  const run = await openRun({ owner: 'engines-test', say: () => {} });
  open.push(run);
  return run;
};
afterEach(async () => {
  for (const run of open.splice(0)) await run.stop();
});

/** Looks where the engine listens, then stops its run: nothing may be left. */
const listensOnLoopbackAndEnds = async (run: Run, pid: number) => {
  const addresses = listeningOn(pid);
  if (addresses) {
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => !LOOPBACK.includes(address))).toEqual([]);
  }
  await run.stop();
  expect(allGone([pid])).toBe(true);
  expect(existsSync(run.dir)).toBe(false);
};

await describeWithEngines(['dynamodb'], 'DynamoDB Local', () => {
  test('starts on loopback, keeps an item, and leaves nothing', async () => {
    const run = await openTestRun();
    const { endpoint, process } = await startDynamoDb(run);
    const client = new DynamoDBClient(sdk(endpoint));
    const TableName = 'things';
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' }, size: { N: '7' } } }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));
    client.destroy();
    expect(Item?.size).toEqual({ N: '7' });
    await listensOnLoopbackAndEnds(run, process.pid);
  });
});

await describeWithEngines(['dynamodb', 'ministack'], 'a run with engines', () => {
  test('kill -9 of the owner leaves neither an engine nor its directory', async () => {
    const child = spawn(process.execPath, [ENGINE_OWNER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const owned = await new Promise<string>((resolve) => lines.once('line', resolve)).then(JSON.parse);
    child.kill('SIGKILL');
    expect(await eventually(() => nothingLeft(owned))).toBe(true);
  });
});

await describeWithEngines(['opensearch'], 'OpenSearch', () => {
  const send = async (url: string, method: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: response.status, json: (await response.json()) as Record<string, never> };
  };

  test.each(openSearchVersions())(
    '%s starts on loopback, orders writes by external version, refuses an unknown index, and leaves nothing',
    async (version) => {
      const run = await openTestRun();
      const { endpoint, process } = await startOpenSearch(run, { version });
      expect((await send(endpoint, 'GET')).json).toMatchObject({ version: { number: version } });
      expect((await send(`${endpoint}/misspelt/_doc/1`, 'PUT', { a: 1 })).status).toBe(404);
      expect((await send(`${endpoint}/known`, 'PUT')).status).toBe(200);
      const write = (at: number) =>
        send(`${endpoint}/known/_doc/1?version_type=external_gte&version=${at}`, 'PUT', { at });
      expect([(await write(5)).status, (await write(5)).status, (await write(4)).status]).toEqual([201, 200, 409]);
      expect((await send(`${endpoint}/known/_doc/1`, 'GET')).json).toMatchObject({ _version: 5, _source: { at: 5 } });
      await listensOnLoopbackAndEnds(run, process.pid);
    },
    180_000,
  );
});

await describeWithEngines(['ministack'], 'ministack', () => {
  test('starts on loopback, keeps an object, and leaves nothing', async () => {
    const run = await openTestRun();
    const { endpoint, process } = await startMinistack(run);
    const client = new S3Client({ ...sdk(endpoint), forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'files' }));
    await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'a/b.txt', Body: 'hello' }));
    const read = await client.send(new GetObjectCommand({ Bucket: 'files', Key: 'a/b.txt' }));
    expect(await read.Body?.transformToString()).toBe('hello');
    client.destroy();
    await listensOnLoopbackAndEnds(run, process.pid);
  });

  test('a port that was asked for and is taken is said in one sentence', async () => {
    const squatter = createServer((_, response) => response.end('mine'));
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    try {
      const starting = startMinistack(await openTestRun(), { port });
      await expect(starting).rejects.toThrow(`Port ${port} is taken by another process`);
    } finally {
      squatter.close();
    }
  });
});

await describeWithEngines(['postgres'], 'PostgreSQL', () => {
  test('its programs make, start and answer as a user that may run them, and leave nothing', async () => {
    const run = await openTestRun();
    const { bin, env, ...user } = await postgresBinaries();
    const dir = await run.temp('pg', user);
    const base = { env, cwd: dir, ...user };
    const data = join(dir, 'data');
    const initdb = {
      name: 'initdb',
      command: join(bin, 'initdb'),
      args: ['-D', data, '-U', 'admin', '-A', 'trust', '-N'],
    };
    expect((await (await run.spawn({ ...base, ...initdb })).exited).code).toBe(0);
    const port = await freePorts();
    const server = await run.spawn({
      ...base,
      name: 'postgres',
      command: join(bin, 'postgres'),
      args: ['-D', data, '-k', dir, '-h', '127.0.0.1', '-p', String(port)],
      readyWhen: { line: /ready to accept connections/ },
      stopSignal: 'SIGINT',
    });
    const client = new Client({ host: '127.0.0.1', port, user: 'admin', database: 'postgres' });
    client.on('error', () => {}); // the server is stopped under it: a fast shutdown ends sessions
    await client.connect();
    expect((await client.query('select 6 * 7 as answer')).rows).toEqual([{ answer: 42 }]);
    await listensOnLoopbackAndEnds(run, server.pid);
    await client.end();
  });
});

await describeWithEngines(['postgres', 'mariadb', 'dynamodb', 'opensearch', 'ministack'], 'all engines', () => {
  test('a warm cache asks nothing of any registry: all are ready without Maven, pip or a network', () => {
    const jdk = findJdk(17, 23) ?? findJdk(21);
    const env = { ...process.env, PATH: '/nowhere', JAVA_HOME: jdk!.home, NODE_NO_WARNINGS: '1' };
    const { status, stdout } = spawnSync(process.execPath, [FETCH_ALL], { env, encoding: 'utf8' });
    expect(stdout.match(/ready$/gm)).toHaveLength(5);
    expect(status).toBe(0);
  });

  test('a cold cache without a network says so for each engine that has to be fetched, and keeps nothing half', () => {
    const home = mkdtempSync(join(tmpdir(), 'mainstay-offline-'));
    try {
      mkdirSync(join(home, '.m2'));
      const mirror = '<mirror><id>none</id><mirrorOf>*</mirrorOf><url>https://127.0.0.1:1/</url></mirror>';
      writeFileSync(join(home, '.m2', 'settings.xml'), `<settings><mirrors>${mirror}</mirrors></settings>`);
      const env = {
        ...process.env,
        MAINSTAY_CACHE: join(home, 'cache'),
        MAVEN_OPTS: `-Duser.home=${home}`,
        PIP_INDEX_URL: 'http://127.0.0.1:1/simple',
        PIP_FIND_LINKS: '',
        PIP_RETRIES: '0',
        PIP_NO_CACHE_DIR: '1',
        NODE_NO_WARNINGS: '1',
      };
      const { status, stdout } = spawnSync(process.execPath, [FETCH_ALL], { env, encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stdout).toMatch(/^dynamodb .*Maven could not fetch it: connect this machine to a network/m);
      expect(stdout).toMatch(/^opensearch .*Maven could not fetch it: connect this machine to a network/m);
      expect(stdout).toMatch(/^ministack .*pip could not fetch it: connect this machine to a network/m);
      const left = spawnSync('ls', [join(home, 'cache')], { encoding: 'utf8' }).stdout;
      expect(left).not.toMatch(/partial|lock|dynamodb|opensearch|ministack/);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 120_000);
});

test('a machine without a fitting JDK is told which package to install', () => {
  expect(findJdk(999)).toBeUndefined();
  expect(noJdk('DynamoDB Local', 17)).toMatch(
    /install a JDK 17 or newer with its compiler \(e\.g\. openjdk-17-jdk-headless\)/,
  );
});
