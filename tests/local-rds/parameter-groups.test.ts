import {
  CreateDBParameterGroupCommand,
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBParameterGroupsCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minuteMs, Records } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const DBParameterGroupName = 'no-engine';
const DBInstanceIdentifier = 'alpha';

test('an engine that cannot start with its parameters: out of that an instance is only rebooted or deleted', async () => {
  await aws.createAvailable(DBInstanceIdentifier);
  const rds = aws.rds();
  await rds.send(
    new CreateDBParameterGroupCommand({ DBParameterGroupName, DBParameterGroupFamily: 'postgres18', Description: 'd' }),
  );
  const set = (ParameterValue: string) =>
    rds.send(
      new ModifyDBParameterGroupCommand({
        DBParameterGroupName,
        Parameters: [{ ParameterName: 'shared_buffers', ParameterValue, ApplyMethod: 'pending-reboot' }],
      }),
    );
  await set('1073741823');
  await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DBParameterGroupName, ApplyImmediately: true }));
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('available');
  await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('rebooting');
  await aws.advance(minuteMs);
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('incompatible-parameters');
  await expect(
    rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, BackupRetentionPeriod: 3 })),
  ).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  await expect(rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName }))).rejects.toMatchObject({
    name: 'InvalidDBParameterGroupStateFault',
  });
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
  await aws.advance(minuteMs);
  await rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName }));
  await expect(rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName }))).rejects.toMatchObject({
    name: 'DBParameterGroupNotFoundFault',
  });
});

test.each(['mariadb10.11', 'mysql8.4'])('an engine of %s asks for its memory by another parameter', async (family) => {
  const rds = aws.rds();
  const set = (ParameterName: string, ParameterValue: string) =>
    rds.send(
      new ModifyDBParameterGroupCommand({
        DBParameterGroupName,
        Parameters: [{ ParameterName, ParameterValue, ApplyMethod: 'pending-reboot' }],
      }),
    );
  await rds.send(
    new CreateDBParameterGroupCommand({ DBParameterGroupName, DBParameterGroupFamily: family, Description: 'd' }),
  );
  await expect(set('shared_buffers', '1073741823')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await set('innodb_buffer_pool_size', '8796093022208');
  await aws.createAvailable(DBInstanceIdentifier, { Engine: family.replace(/[\d.]+$/, ''), DBParameterGroupName });
  await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
  await aws.advance(minuteMs);
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('incompatible-parameters');
});

test("RDS's own group of a family is there, and nobody changes it", async () => {
  const rds = aws.rds();
  const own = { DBParameterGroupName: 'default.postgres18' };
  const { DBParameterGroups } = await rds.send(new DescribeDBParameterGroupsCommand(own));
  expect(DBParameterGroups?.[0]?.DBParameterGroupFamily).toBe('postgres18');
  const Parameters = [
    { ParameterName: 'shared_buffers', ParameterValue: '16', ApplyMethod: 'pending-reboot' as const },
  ];
  await expect(rds.send(new ModifyDBParameterGroupCommand({ ...own, Parameters }))).rejects.toMatchObject({
    name: 'InvalidDBParameterGroupStateFault',
  });
  await aws.createAvailable(DBInstanceIdentifier);
  await expect(
    rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DBParameterGroupName: 'none' })),
  ).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
});
