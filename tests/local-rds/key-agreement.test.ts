import { DescribeKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateDBInstanceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Clock, openClock } from '../../local/clock.ts';
import { type Ministack, startMinistack } from '../../local/engines/ministack.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { requestHandlerOf } from '../../local/rds/in-process.ts';
import { openRdsRecords, type RdsRecords } from '../../local/rds/records-world.ts';
import { findKeyAt } from '../../local/rds-keys.ts';
import { describeWithEngines } from '../engine.ts';
import { clientSettings } from './aws-server.ts';

await describeWithEngines(['ministack'], 'RDS and the KMS beside it', () => {
  const region = 'eu-west-1';
  const account = '111122223333';
  let run: Run;
  let clock: Clock;
  let kmsEngine: Ministack;
  let world: RdsRecords;
  let find: ReturnType<typeof findKeyAt>;
  beforeAll(async () => {
    run = await openRun({ owner: 'rds-keys', say: () => {} });
    kmsEngine = await startMinistack(run);
    clock = openClock();
    find = findKeyAt(kmsEngine.endpoint, account);
    world = openRdsRecords({ clock, account, regions: [region], emit: () => {}, findKey: find });
  });
  afterAll(async () => {
    find?.stop();
    clock?.stop();
    await world?.stop();
    await run?.stop();
  });

  test('say the same of a key: RDS makes its own there, and refuses one that was disabled there', async () => {
    const rds = new RDSClient({
      ...clientSettings(region, 'http://rds'),
      requestHandler: requestHandlerOf(world.service),
    });
    const kms = new KMSClient(clientSettings(region, kmsEngine.endpoint));
    const create = (DBInstanceIdentifier: string) =>
      rds.send(
        new CreateDBInstanceCommand({
          ...{ DBInstanceIdentifier, DBInstanceClass: 'db.m6i.large', Engine: 'mysql', StorageEncrypted: true },
          ...{ MasterUsername: 'master', MasterUserPassword: 'local-master-password' },
        }),
      );
    const { DBInstance } = await create('alpha');
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/rds' }));
    expect(DBInstance?.KmsKeyId).toBe(KeyMetadata?.Arn);
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata!.KeyId! }));
    await expect(create('beta')).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
    expect((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances).toHaveLength(1);
    rds.destroy();
    kms.destroy();
  });
});
