import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { dynamoLeases, whyUnfit } from '../../functions/failover/aws/lease-store.ts';
import type { Lease } from '../../functions/failover/core/lease.ts';
import { openGlobalTables } from '../../local/dynamodb/global-tables.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { openFaults } from '../../local/gateway/faults.ts';
import { describeWithEngines } from '../engine.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';
import { leaseStoreContract } from './lease-store.contract.ts';
import { memoryLeases } from './simulation/leases.ts';

const [PRIMARY, RECOVERY, WITNESS] = ['eu-west-1', 'eu-central-1', 'eu-west-3'] as const;
const PAIR_REGIONS = [PRIMARY, RECOVERY];
const KEY = ['pk', 'sk'].map((AttributeName) => ({ AttributeName }));

describe('the lease store in memory', () => {
  leaseStoreContract(() => {
    const store = memoryLeases();
    return { here: store, there: store };
  });
});

describe('a table is refused', () => {
  const strong = { MultiRegionConsistency: 'STRONG', KeySchema: KEY } as never as { KeySchema: never };
  const why = (described: object) => whyUnfit('leases', PRIMARY, PAIR_REGIONS, { ...strong, ...described } as never);
  const others = (...regions: string[]) => ({ Replicas: regions.map((RegionName) => ({ RegionName })) });

  test('with every reason at once', () => {
    expect(whyUnfit('leases', RECOVERY, PAIR_REGIONS, { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] })).toBe(
      'the table leases cannot carry a lease: it is of this region alone, and would take the lease with it; it has no replica in eu-west-1; its key is id, not pk, sk. It takes a global table with MultiRegionConsistency STRONG',
    );
  });
  test('that is eventually consistent: two regions could both hold the lease', () => {
    expect(why({ MultiRegionConsistency: 'EVENTUAL', ...others(RECOVERY, WITNESS) })).toContain(
      'eventually consistent',
    );
  });
  test('that has no replica where the other side of the pair is, though it is in three regions', () => {
    expect(why({ ...others(WITNESS), GlobalTableWitnesses: [{ RegionName: RECOVERY }] })).toContain(
      'no replica in eu-central-1',
    );
  });
  test('that is not in three regions yet', () => {
    expect(why(others(RECOVERY))).toContain('not yet in three regions');
  });
  test('and taken with three replicas, or two and a witness, whether AWS lists the one that is asked or not', () => {
    expect(why(others(RECOVERY, WITNESS))).toBeUndefined();
    expect(why(others(PRIMARY, RECOVERY, WITNESS))).toBeUndefined();
    expect(why({ ...others(RECOVERY), GlobalTableWitnesses: [{ RegionName: WITNESS }] })).toBeUndefined();
  });
});

await describeWithEngines(['dynamodb'], 'the lease store in a global table', () => {
  let run: Run;
  let server: Awaited<ReturnType<typeof serve>>;
  let asked: string[] = [];
  const faults = openFaults();
  const clients: DynamoDBClient[] = [];
  const at = (region: string): DynamoDBClient => {
    const client = new DynamoDBClient(clientSettings(region, server.endpoint));
    clients.push(client);
    return client;
  };
  const create = async (TableName: string): Promise<void> => {
    await at(PRIMARY).send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  };
  const convert = (TableName: string, replicas: string[], witnesses: string[] = []) =>
    at(PRIMARY).send(
      new UpdateTableCommand({
        TableName,
        MultiRegionConsistency: 'STRONG',
        ReplicaUpdates: replicas.map((RegionName) => ({ Create: { RegionName } })),
        GlobalTableWitnessUpdates: witnesses.map((RegionName) => ({ Create: { RegionName } })),
      }),
    );
  const leases = (region: string, table = 'leases') => dynamoLeases(() => table, region, PAIR_REGIONS);

  beforeAll(async () => {
    run = await openRun({ owner: 'failover-leases' });
    const { port } = await startDynamoDb(run);
    const tables = openGlobalTables({ upstream: { host: '127.0.0.1', port }, isCut: faults.isCut });
    server = await serve({
      handle: (request) => {
        asked.push(`${request.region} ${request.headers['x-amz-target']?.split('.')[1]}`);
        return tables.handle(request);
      },
    });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    await create('leases');
    await convert('leases', [RECOVERY], [WITNESS]);
  }, 120_000);
  afterEach(() => faults.clear());
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server?.stop();
    await run?.stop();
  }, 20_000);

  leaseStoreContract(() => ({ here: leases(PRIMARY), there: leases(RECOVERY) }));

  test('a fit table is asked for once; one of one region is refused at every look', async () => {
    const store = leases(PRIMARY);
    asked = [];
    expect([await store.unfit('ledger'), await store.unfit('ledger')]).toEqual([undefined, undefined]);
    expect(asked).toEqual([`${PRIMARY} DescribeTable`]);
    await create('alone');
    const alone = leases(PRIMARY, 'alone');
    asked = [];
    expect(await alone.unfit('ledger')).toContain('of this region alone');
    expect(await alone.unfit('ledger')).toContain(`no replica in ${RECOVERY}`);
    expect(asked).toHaveLength(2);
  });

  test('a table that is not there is no answer to whether it is fit', async () => {
    await expect(leases(PRIMARY, 'missing').unfit('ledger')).rejects.toThrow();
    await expect(leases(PRIMARY, 'missing').load('ledger')).rejects.toThrow();
  });

  const lease = (pair: string): Lease => ({
    pair,
    epoch: 0,
    holder: PRIMARY,
    seq: 1,
    open: true,
    groups: ['sg-app'],
    renewedAtMs: 0,
  });

  test('a region that is cut off can neither renew nor ask; the others go on, and take what it held', async () => {
    const held = lease('cut');
    await leases(PRIMARY).save(held, 0);
    faults.add({ kind: 'region-cut', region: PRIMARY });
    await expect(leases(PRIMARY).save({ ...held, seq: 2 }, 1)).rejects.toThrow();
    await expect(leases(PRIMARY).load('cut')).rejects.toThrow();
    expect(await leases(RECOVERY).save({ ...held, seq: 2, holder: RECOVERY }, 1)).toBe('saved');
    faults.clear();
    expect(await leases(PRIMARY).load('cut')).toMatchObject({ seq: 2, holder: RECOVERY });
  }, 30_000);

  test('the loss of the recovery region, or of the link to it, takes the lease from nobody', async () => {
    const held = lease('lost');
    await leases(PRIMARY).save(held, 0);
    faults.add({ kind: 'region-cut', region: RECOVERY });
    expect(await leases(PRIMARY).save({ ...held, seq: 2 }, 1)).toBe('saved');
    await expect(leases(RECOVERY).load('lost')).rejects.toThrow();
    faults.clear();
    faults.add({ kind: 'region-cut', region: RECOVERY, from: PRIMARY });
    expect(await leases(PRIMARY).save({ ...held, seq: 3 }, 2)).toBe('saved');
    expect(await leases(RECOVERY).load('lost')).toMatchObject({ seq: 3 });
  }, 30_000);

  test('a write that meets one of another region is no answer, and never a conflict', async () => {
    const held = lease('met');
    await leases(PRIMARY).save(held, 0);
    const put = (region: string) =>
      at(region).send(
        new PutItemCommand({
          TableName: 'leases',
          Item: { pk: { S: 'PAIR#met' }, sk: { S: 'LEASE' }, seq: { N: '1' } },
        }),
      );
    const met = await Promise.allSettled([put(PRIMARY), put(RECOVERY)]);
    expect(met.map((one) => (one.status === 'rejected' ? one.reason.name : one.status)).sort()).toEqual([
      'ReplicatedWriteConflictException',
      'fulfilled',
    ]);
  });

  test('the rules of such a table: three regions of one set, empty, no transactions, no expiry, nothing in the witness region', async () => {
    await create('rules');
    await expect(convert('rules', [RECOVERY])).rejects.toThrow('exactly three');
    await expect(convert('rules', [RECOVERY, WITNESS], [WITNESS])).rejects.toThrow('exactly three');
    const item = { pk: { S: 'a' }, sk: { S: 'b' } };
    await expect(convert('rules', [RECOVERY], ['eu-north-1'])).rejects.toThrow('in Regions of one set');
    await expect(convert('rules', ['us-east-1', 'us-east-2'])).rejects.toThrow('in Regions of one set');
    await create('full');
    await at(PRIMARY).send(new PutItemCommand({ TableName: 'full', Item: item }));
    await expect(convert('full', [RECOVERY, WITNESS])).rejects.toThrow('empty');
    await convert('rules', [RECOVERY], [WITNESS]);
    const { Table } = await at(RECOVERY).send(new DescribeTableCommand({ TableName: 'rules' }));
    expect(Table).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      Replicas: [{ RegionName: PRIMARY, ReplicaStatus: 'ACTIVE' }],
      GlobalTableWitnesses: [{ RegionName: WITNESS, WitnessStatus: 'ACTIVE' }],
    });
    const put = { Put: { TableName: 'rules', Item: item } };
    const refusals = [
      at(PRIMARY).send(new TransactWriteItemsCommand({ TransactItems: [put] })),
      at(PRIMARY).send(
        new UpdateTimeToLiveCommand({
          TableName: 'rules',
          TimeToLiveSpecification: { AttributeName: 'at', Enabled: true },
        }),
      ),
      at(WITNESS).send(new GetItemCommand({ TableName: 'rules', Key: item })),
    ];
    expect(
      (await Promise.allSettled(refusals)).map((one) => (one.status === 'rejected' ? one.reason.name : '')),
    ).toEqual(['ValidationException', 'ValidationException', 'ResourceNotFoundException']);
  });

  test('an eventually consistent read is answered in a region that is cut off', async () => {
    faults.add({ kind: 'region-cut', region: PRIMARY });
    const key = { pk: { S: 'PAIR#none' }, sk: { S: 'LEASE' } };
    expect(await at(PRIMARY).send(new GetItemCommand({ TableName: 'leases', Key: key }))).not.toHaveProperty('Item');
  });
});
