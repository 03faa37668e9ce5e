import { readFileSync } from 'node:fs';
import { DescribeTableCommand, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configuredRecords, recordsForPeople } from '../../functions/failover/aws/configured-records.ts';
import { configuredLeases } from '../../functions/failover/aws/lease-store.ts';
import { dynamoRecords } from '../../functions/failover/aws/record-store.ts';
import { recordTableSeen } from '../../functions/failover/aws/record-table.ts';
import { recordFinding } from '../../functions/failover/core/readiness-record.ts';
import { firstRecord } from '../../functions/failover/core/record.ts';
import type { LeaseStore } from '../../functions/failover/run/ports.ts';
import { recordPlan } from '../../functions/failover/run/settings.ts';
import { openGlobalTables } from '../../local/dynamodb/global-tables.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { openFaults } from '../../local/gateway/faults.ts';
import { type Clients, openClients } from '../../local/lambda/clients.ts';
import { planStack } from '../../local/stack/plan.ts';
import { makeStore } from '../../local/stack/stores.ts';
import { failoverRecord } from '../../resources/failover-record.ts';
import { parseConfig } from '../../shared/config/load.ts';
import { formerTable, recordTable } from '../../shared/config/record.ts';
import { describeWithEngines } from '../engine.ts';
import { serve } from '../local-rds/aws-server.ts';
import { leaseStoreContract } from './lease-store.contract.ts';
import { recordStoreContract } from './record-store.contract.ts';

const [PRIMARY, RECOVERY, THIRD] = ['eu-west-1', 'eu-central-1', 'eu-west-3'] as const;
const ACCOUNT = '111122223333';

const configured = (record: object) => {
  const config = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
  config.failover.record = record;
  const [pair] = config.failover.pairs;
  if (record !== undefined && (record as { kind: string }).kind === 'mrsc')
    Object.assign(pair, { fence: 'lease', lease: { seconds: 9 }, maxLossSeconds: 90 });
  return parseConfig(config);
};
const config = configured({ kind: 'mrsc', third: THIRD });
const TABLE = recordTable(config);
const record = (version: number, pair: string) => ({
  ...firstRecord(pair, { instance: 'old', region: PRIMARY }, { instance: 'new', region: RECOVERY }, 1),
  version,
});

// The table as the template has it, made by the stack's loader in front of the real engine, and the stores as the config has them.
await describeWithEngines(['dynamodb'], 'the record in a table that is one over three regions', () => {
  let run: Run;
  let server: Awaited<ReturnType<typeof serve>>;
  let clients: Clients;
  const faults = openFaults();
  const load = async (of: typeof config) => {
    const Resources = Object.fromEntries(
      Object.entries(failoverRecord(of)).map(([name, { Type, Properties }]) => [name, { Type, Properties }]),
    );
    const template = JSON.parse(JSON.stringify({ Resources }).replaceAll('{"Ref":"MainstayKey"}', '"key"'));
    const place = { account: ACCOUNT, region: RECOVERY, stackName: 'mainstay-local', endpoint: server.endpoint };
    for (const resource of planStack(template, place).resources) await makeStore(clients, RECOVERY, resource);
  };
  const here = () => dynamoRecords(TABLE, RECOVERY);
  const there = () => dynamoRecords(TABLE, PRIMARY);
  const leases = (region: string) => configuredLeases(config, region) as LeaseStore;

  beforeAll(async () => {
    run = await openRun({ owner: 'failover-mrsc' });
    const { port } = await startDynamoDb(run);
    server = await serve(openGlobalTables({ upstream: { host: '127.0.0.1', port }, isCut: faults.isCut }));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    clients = openClients({ endpoint: server.endpoint, account: ACCOUNT });
    await load(config);
    // A stack that is deployed again finds its table.
    await load(config);
  }, 120_000);
  afterEach(() => faults.clear());
  afterAll(async () => {
    clients?.stop();
    await server?.stop();
    await run?.stop();
  }, 20_000);

  test('is as the config wants it, by the word of readiness, in both regions of the pair', async () => {
    for (const region of [RECOVERY, PRIMARY]) {
      const seen = await recordTableSeen(TABLE, region)();
      // Deletion protection is the one thing of it that the local engine does without.
      expect(recordFinding(recordPlan(config), { kind: 'ok', report: { ...seen, isProtected: true } })).toEqual({
        state: 'ready',
        sentence: expect.stringContaining('outlives each of them'),
      });
      expect(await leases(region).unfit('ledger')).toBeUndefined();
    }
    await expect(clients.dynamodb(THIRD).send(new DescribeTableCommand({ TableName: TABLE }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  describe('by the recovery region', () => recordStoreContract(here));

  describe('the lease beside it', () =>
    leaseStoreContract(() => {
      const named = (region: string): LeaseStore => {
        const pairs = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((name) => ({
          ...(config.failover.pairs[0] as (typeof config.failover.pairs)[number]),
          name,
        }));
        return configuredLeases({ ...config, failover: { ...config.failover, pairs } }, region) as LeaseStore;
      };
      return { here: named(PRIMARY), there: named(RECOVERY) };
    }));

  test('what one region wrote is the condition of the other at once', async () => {
    expect(await here().save(record(1, 'seen'), 0)).toBe('saved');
    expect(await there().save(record(1, 'seen'), 0)).toBe('conflict');
    expect(await there().load('seen')).toEqual(record(1, 'seen'));
    expect(await there().save({ ...record(2, 'seen'), epoch: 1 }, 1)).toBe('saved');
    expect(await here().save({ ...record(2, 'seen'), epoch: 9 }, 1)).toBe('conflict');
    expect((await here().load('seen'))?.epoch).toBe(1);
  });

  test('of many writers on one version in two regions at most one wins, and a write that meets another is no false conflict', async () => {
    await here().save(record(1, 'raced'), 0);
    const writers = Array.from({ length: 20 }, (_, at) => ({
      store: at % 2 === 0 ? here() : there(),
      next: { ...record(2, 'raced'), lastLookMs: at + 2 },
    }));
    const outcomes = await Promise.all(
      writers.map(({ store, next }) => store.save(next, 1).catch((error: Error) => error.name)),
    );
    const won = outcomes.flatMap((outcome, at) => (outcome === 'saved' ? [at] : []));
    expect(won).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(
      new Set(['saved', ...outcomes.filter((one) => /^(conflict|ReplicatedWriteConflictException)$/.test(one))]),
    );
    expect(await there().load('raced')).toEqual(writers[won[0] ?? -1]?.next);
  });

  test.each([
    [RECOVERY, 'recovery', PRIMARY],
    [PRIMARY, 'primary', RECOVERY],
  ])(
    '%s, the %s region, lost: it can neither read nor write the record and the lease; the other one can both',
    async (lost, name, other) => {
      const at = (region: string) => dynamoRecords(TABLE, region);
      const held = { pair: 'ledger', epoch: 0, holder: lost, seq: 1, open: true, groups: ['sg'], renewedAtMs: 0 };
      const before = await leases(other).load('ledger');
      const lease = { ...held, seq: (before?.seq ?? 0) + 1 };
      await at(RECOVERY).save(record(1, name), 0);
      await leases(lost).save(lease, before?.seq ?? 0);
      faults.add({ kind: 'region-cut', region: lost });
      await expect(at(lost).load(name)).rejects.toThrow();
      await expect(at(lost).save(record(2, name), 1)).rejects.toThrow();
      await expect(leases(lost).save({ ...lease, seq: lease.seq + 1 }, lease.seq)).rejects.toThrow();
      expect(await at(other).save({ ...record(2, name), epoch: 1 }, 1)).toBe('saved');
      expect(await leases(other).save({ ...lease, holder: other, seq: lease.seq + 1 }, lease.seq)).toBe('saved');
      faults.clear();
      // What the lost region was cut off with is old now: its write on it is a conflict, not a second truth.
      expect(await at(lost).save(record(2, name), 1)).toBe('conflict');
      expect(await leases(lost).save({ ...lease, seq: lease.seq + 1 }, lease.seq)).toBe('conflict');
      expect((await at(lost).load(name))?.epoch).toBe(1);
    },
    60_000,
  );

  test('the third region lost: nobody of the pair notices', async () => {
    faults.add({ kind: 'region-cut', region: THIRD });
    expect(await here().save(record(1, 'voted'), 0)).toBe('saved');
    expect(await there().save(record(2, 'voted'), 1)).toBe('saved');
  });

  test('a person reads the record in the other region when the recovery region is lost, and writes it there alone', async () => {
    const people = recordsForPeople(config);
    await here().save(record(1, 'read'), 0);
    await here().append('read', { epoch: 0, version: 1, atMs: 1, phase: 'healthy', sentence: 'one' });
    faults.add({ kind: 'region-cut', region: RECOVERY });
    expect(await people.load('read')).toEqual(record(1, 'read'));
    await expect(people.save(record(2, 'read'), 1)).rejects.toThrow();
  }, 60_000);

  test('the lease and the record of a pair are two items: neither overwrites the other', async () => {
    await here().save(record(1, 'ledger'), (await here().load('ledger'))?.version ?? 0);
    const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
    const item = async (...at: Parameters<typeof key>) =>
      (await clients.dynamodb(PRIMARY).send(new GetItemCommand({ TableName: TABLE, Key: key(...at) }))).Item;
    expect(await item('PAIR#ledger', 'RECORD')).toMatchObject({ version: { N: '1' } });
    expect(await item('LEASE#ledger', 'LEASE')).toHaveProperty('seq');
    expect(await item('PAIR#ledger', 'LEASE')).toBeUndefined();
  });

  test('transactions are refused, and nothing here needs one', async () => {
    const Item = { pk: { S: 'PAIR#t' }, sk: { S: 'RECORD' } };
    const write = new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: TABLE, Item } }] });
    await expect(clients.dynamodb(RECOVERY).send(write)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a first record is not begun beside one of dr-only, until it is carried over; nor the other way', async () => {
    const before = configured({ kind: 'dr-only' });
    expect([recordTable(before), formerTable(before)]).toEqual([formerTable(config), TABLE]);
    // That table was never made: nothing is left in it.
    expect(await configuredRecords(config).load('carried')).toBeUndefined();
    await load(before);
    const old = dynamoRecords(recordTable(before), RECOVERY);
    await old.save({ ...record(1, 'carried'), epoch: 4 }, 0);
    await expect(configuredRecords(config).load('carried')).rejects.toThrow('at epoch 4, is still in the table');
    await here().save({ ...record(1, 'carried'), epoch: 4 }, 0);
    expect((await configuredRecords(config).load('carried'))?.epoch).toBe(4);
    await here().save(record(1, 'back'), 0);
    await expect(configuredRecords(before).load('back')).rejects.toThrow(`is still in the table ${TABLE}`);
  });
});
