import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commands } from '../../cli/objects.ts';
import { dynamoClosingBook } from '../../functions/object-index/aws/dynamo-closing-book.ts';
import { compileRules } from '../../functions/object-index/core/rules.ts';
import { ingest } from '../../functions/object-index/run/ingest.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import { describeWithEngines } from '../engine.ts';
import { type LocalTables, startLocalTables } from './local-table.ts';
import { batchOf, notification } from './s3-model.ts';
import { sha256 } from './world.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const stored = [
  ['left-pad/README.md', 1536],
  ['left-pad/index.js', 400],
  ['jest/LICENSE.md', 1_500_000],
] as const;

await describeWithEngines(['dynamodb'], 'the commands, on DynamoDB Local', () => {
  const before = { ...process.env };
  let tables: LocalTables;
  let config: Awaited<ReturnType<typeof readConfigFile>>;

  beforeAll(async () => {
    tables = await startLocalTables();
    config = await readConfigFile('local');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: tables.endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    const table = await tables.open('mainstay-local-object-index');
    const messages = stored.map(([key, size], index) => ({
      id: key,
      body: notification({
        eventName: 'ObjectCreated:Put',
        bucket: 'estate-objects',
        key,
        size,
        eTag: `e${index}`,
        sequencer: '01',
        eventTimeMs: NOON + index * 60_000,
      }),
    }));
    await ingest(
      batchOf(messages),
      {
        table,
        objects: { look: () => Promise.reject(new Error('nobody should ask')) },
        rules: compileRules(config.objectIndex),
        digest: sha256,
        lanes: openLanes(1, 16, () => 0.5),
        random: () => 0.5,
        now: () => NOON,
        pause: async () => {},
      },
      { remainingMs: () => 60_000 },
    );
  });
  afterAll(async () => {
    process.env = before;
    await tables?.stop();
  });

  const run = async (verb: string, positionals: string[] = [], values: Record<string, string | boolean> = {}) => {
    const command = commands.find((one) => one.verb === verb);
    const call = { config, account: config.account, region: 'eu-west-1', positionals, values, progress: () => {} };
    return await (command ?? commands[0])!.run(call);
  };

  test('total: of everything and of one customer, exact and for a person', async () => {
    expect((await run('total')).text).toMatch(
      /^storage class[\s\S]*All customers hold 3 objects of 1501936 bytes \(1\.4 MiB\)\.$/,
    );
    expect((await run('total', [], { customer: 'left-pad' })).text).toContain(
      'left-pad holds 2 objects of 1936 bytes (1.9 KiB).',
    );
    expect((await run('total', [], { customer: 'nobody' })).text).toBe('nobody holds 0 objects of 0 bytes (0 B).');
  });

  test('total --by-customer: every customer, the largest first', async () => {
    const { text } = await run('total', [], { 'by-customer': true });
    expect(text.split('\n').slice(2)).toEqual([
      'jest            1  1500000  1.4 MiB',
      'left-pad        2     1936  1.9 KiB',
      '',
      '2 customers hold something.',
    ]);
  });

  test('by-customer, by-date and by-attribute list what is there, a page at a time', async () => {
    const first = await run('by-customer', ['left-pad'], { limit: '1' });
    expect(first.text).toContain('2026-03-01T12:01:00.000Z  left-pad    400  STANDARD  left-pad/index.js');
    const { cursor } = first.json as { cursor: string };
    expect(first.text.endsWith(`the next page: --cursor ${cursor}`)).toBe(true);
    expect((await run('by-customer', ['left-pad'], { limit: '1', cursor })).text).toContain('left-pad/README.md');
    expect((await run('by-attribute', ['extension=md'])).text).toContain(
      '2 objects of 1501536 bytes (1.4 MiB); that is all.',
    );
    expect((await run('by-date', [], { from: '2026-03-01', to: '2026-03-02', order: 'oldest' })).text).toContain(
      '3 objects of',
    );
    expect((await run('by-date', [], { from: '2025-03-01', to: '2025-03-02' })).text).toBe('No objects.');
  });

  test('largest lists what is large, and nothing that is small', async () => {
    const { text } = await run('largest');
    expect(text).toContain('jest/LICENSE.md');
    expect(text).toContain('1 objects of 1500000 bytes (1.4 MiB); that is all.');
    await expect(run('largest', [], { order: 'newest' })).rejects.toThrow('expected largest or smallest');
  });

  test('closing shows what was closed, exact, and says when nothing was', async () => {
    const closings = dynamoClosingBook(tables.client, 'mainstay-local-object-index');
    const counters = { n: 2n, b: 1936n, nb: 5n };
    await closings.close({ customer: 'left-pad', day: '2026-03-01', atMs: NOON, counters });
    const { text } = await run('closing', [], { customer: 'left-pad', from: '2026-03-01', to: '2026-03-31' });
    expect(text).toContain('2026-03-01  left-pad        2   1936                 5  2026-03-01T12:00:00.000Z');
    expect(await run('closing', [], { day: '2026-02-01' })).toMatchObject({
      exitCode: 1,
      text: 'Nothing was closed then.',
    });
    await expect(run('closing', [], { day: 'yesterday' })).rejects.toThrow('expected a day such as 2026-03-01');
  });

  test('what writes says what it would do, and does nothing without --yes', async () => {
    const { text, json } = await run('backfill', ['estate-objects']);
    expect(text).toBe(
      'estate-objects was never backfilled: all of it would be listed, and what the index lacks would be written.\nNothing is started without --yes.',
    );
    expect(json).toEqual({ job: null, started: false });
    await expect(run('repair')).rejects.toThrow('expected --yes');
    await expect(run('backfill', ['someone-elses'])).rejects.toThrow("not in the config's objectIndex.buckets");
    expect(await run('job', ['audit', 'none'])).toMatchObject({ exitCode: 1, text: 'There is no audit none.' });
    await expect(run('total', [], { by: 'week' })).rejects.toThrow('expected class, customer, day or month');
    await expect(run('total', [], { by: 'day' })).rejects.toThrow('objectIndex.statistics.days');
  });

  test('show says what is known of an object and how; an unknown one is exit code 1', async () => {
    const { text, exitCode } = await run('show', ['estate-objects/left-pad/README.md']);
    expect(exitCode).toBe(0);
    expect(text).toContain('customer       left-pad\n');
    expect(text).toContain('is there: known by an event of 2026-03-01T12:00:00.000Z');
    expect(await run('show', ['estate-objects/none'])).toMatchObject({
      exitCode: 1,
      text: 'The index has never heard of estate-objects/none.',
    });
  });

  test('wrong usage says what is wrong', async () => {
    await expect(run('by-customer')).rejects.toThrow('expected a customer');
    await expect(run('by-attribute', ['extension'])).rejects.toThrow('extension: expected NAME=VALUE');
    await expect(run('by-date', [], { limit: '0' })).rejects.toThrow('limit is 0: expected 1 to 1000; from is missing');
    // None of these may answer about everything, or repair it.
    await expect(run('total', ['acme'])).rejects.toThrow('unexpected "acme"');
    await expect(run('total', [], { customer: true })).rejects.toThrow('--customer needs a value');
    await expect(run('total', [], { from: '2026-03-01' })).rejects.toThrow('from and to need by: day or month');
    await expect(run('largest', ['acme'])).rejects.toThrow('unexpected "acme"');
    await expect(run('closing', [], { from: '2026-03-01' })).rejects.toThrow('from and to need a customer');
    await expect(run('repair', ['estate-objects'], { yes: true })).rejects.toThrow('unexpected "estate-objects"');
    await expect(run('audit', ['estate-objects'])).rejects.toThrow('unexpected "estate-objects"');
    await expect(run('attach', ['someone-elses'])).rejects.toThrow("not in the config's objectIndex.buckets");
  });
});
