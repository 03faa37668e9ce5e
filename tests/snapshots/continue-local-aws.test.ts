import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageStack } from '../../build/package.ts';
import { continueQueueName } from '../../functions/snapshots/aws/continuations.ts';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { stateTableName } from '../../functions/snapshots/aws/state-table.ts';
import { formatInstant, HOUR_MS, hourStart } from '../../functions/snapshots/core/calendar.ts';
import { PATIENCE_MS } from '../../functions/snapshots/core/remaining.ts';
import { openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import { describeWithEngines } from '../engine.ts';

const region = 'eu-west-1';
const MINUTE_MS = 60_000;

await describeWithEngines(
  ['postgres', 'dynamodb', 'ministack'],
  'a slot that is gone on with, deployed on the local AWS',
  () => {
    const before = { ...process.env };
    let aws: LocalAws;
    let rds: RDSClient;
    let db: DynamoDBClient;
    let sqs: SQSClient;
    let QueueUrl = '';
    let slotMs = 0;

    beforeAll(async () => {
      const config = await readConfigFile('local');
      const { [region]: template = '' } = await packageStack('local');
      aws = await startLocalAws({
        port: 0,
        engines: ['postgres', 'dynamodb', 'ministack'],
        templates: { [region]: template },
        // Over on the local clock by the time at which the slot is gone on with, and not before.
        durations: { modifyMs: PATIENCE_MS },
      });
      Object.assign(process.env, aws.env());
      await openEstate(aws, config, { objects: true, documents: true });
      await aws.loadStacks();
      rds = new RDSClient({ region });
      db = new DynamoDBClient({ region });
      sqs = new SQSClient({ region, useQueueUrlAsEndpoint: false });
      ({ QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: continueQueueName(config) })));
      for (const id of ['orders', 'ledger']) {
        await rds.send(
          new CreateDBInstanceCommand({
            ...{ DBInstanceIdentifier: id, DBInstanceClass: 'db.t4g.micro', Engine: 'mysql', AllocatedStorage: 20 },
            ...{ MasterUsername: 'master', MasterUserPassword: 'local-master-password' },
            Tags: [{ Key: 'mainstay:snapshots', Value: 'true' }],
          }),
        );
        await until(async () => (await statusOf(id)) === 'available');
      }
      // An hour that does not begin by itself while this goes on.
      slotMs = hourStart(aws.clock.now() + 5 * MINUTE_MS) + HOUR_MS;
    }, 240_000);
    afterAll(async () => {
      process.env = before;
      for (const client of [rds, db, sqs]) client?.destroy();
      await aws?.stop();
    }, 30_000);

    const until = async (good: () => Promise<boolean>): Promise<void> => {
      for (const endMs = Date.now() + 60_000; !(await good()); ) {
        if (Date.now() > endMs) throw new Error('it did not come');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const statusOf = async (DBInstanceIdentifier: string) =>
      (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0]?.DBInstanceStatus;
    /** The databases that have a snapshot of the slot, one entry for each. */
    const ofSlot = async () =>
      (await rdsSnapshots(rds).list('instance'))
        .filter(({ tags }) => tags['mainstay:slot'] === formatInstant(slotMs))
        .map(({ databaseId }) => databaseId)
        .sort();
    const remaining = async () => {
      const id = { S: `remaining#${formatInstant(slotMs)}#1` };
      const TableName = stateTableName({ stage: 'local' });
      return (await db.send(new GetItemCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
    };
    const waiting = async () => {
      const AttributeNames = [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ] as const;
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
      );
      const [now, taken, later] = AttributeNames.map((name) => Number(Attributes[name]));
      return { now, taken, later };
    };

    test('the schedule takes what can be taken, writes the busy one down and sends itself a message that waits', async () => {
      await aws.clock.advance(slotMs - MINUTE_MS - aws.clock.now());
      await rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: 'orders',
          MasterUserPassword: 'another-master-password',
          ApplyImmediately: true,
        }),
      );
      await aws.clock.advance(MINUTE_MS + 1);
      await until(async () => (await waiting()).later === 1);
      expect(await ofSlot()).toEqual(['ledger']);
      expect(await statusOf('orders')).toBe('resetting-master-credentials');
      expect((await remaining())?.work?.S).toMatch(/\ninstance deferred db-[A-Z0-9]+$/);
      expect((await remaining())?.isOver).toBeUndefined();
      expect(await waiting()).toEqual({ now: 0, taken: 0, later: 1 });
    });

    test('the message is taken from the queue by the function, and the snapshot comes within its slot', async () => {
      await aws.clock.advance(PATIENCE_MS);
      expect(await statusOf('orders')).toBe('available');
      await goOn();
      await until(async () => (await remaining())?.isOver?.BOOL === true);
      expect(await ofSlot()).toEqual(['ledger', 'orders']);
      expect(aws.clock.now()).toBeLessThan(slotMs + HOUR_MS);
      expect((await waiting()).now).toBe(0);
    });

    test('delivered again it changes nothing, and is acknowledged', async () => {
      await goOn();
      await until(async () => {
        const { now, taken } = await waiting();
        return now === 0 && taken === 0;
      });
      expect(await ofSlot()).toEqual(['ledger', 'orders']);
    });

    /** ministack counts a message's delay on the wall, where ten minutes are too long to wait: the same message, without one. */
    const goOn = () =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: JSON.stringify({ kind: 'continue', slot: formatInstant(slotMs), part: 1 }),
        }),
      );
  },
);
