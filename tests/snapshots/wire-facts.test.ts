import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { quotaMeaning } from '../../functions/snapshots/aws/answers.ts';
import { continueQueueName, sqsContinuations } from '../../functions/snapshots/aws/continuations.ts';
import { copyingInto } from '../../functions/snapshots/aws/copying.ts';
import { kmsKeys } from '../../functions/snapshots/aws/keys.ts';
import { keepPace, OutOfTimeError } from '../../functions/snapshots/aws/pace.ts';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import type { Kind } from '../../functions/snapshots/core/inventory.ts';
import { json, ok, openScripted, refusal } from './scripted.ts';

// What the adapters read out of answers, beyond names and states; and how they behave when RDS is slow.

const { asked, scripted, close } = openScripted();
afterEach(close);

const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;

describe('of a database', () => {
  test('what RDS says is read, for instances and both kinds of clusters; what it does not say is missing, not zero', async () => {
    const { rds } = await scripted(({ Action }) =>
      Action === 'DescribeDBInstances'
        ? ok(
            'DescribeDBInstances',
            `<DBInstances>
              <DBInstance><DBInstanceIdentifier>orders</DBInstanceIdentifier><Engine>postgres</Engine><EngineVersion>18.1</EngineVersion>
                <AllocatedStorage>200</AllocatedStorage><StorageEncrypted>false</StorageEncrypted>
                <LatestRestorableTime>2026-08-14T09:55:00Z</LatestRestorableTime><BackupRetentionPeriod>0</BackupRetentionPeriod></DBInstance>
              <DBInstance><DBInstanceIdentifier>bare</DBInstanceIdentifier></DBInstance></DBInstances>`,
          )
        : ok(
            'DescribeDBClusters',
            `<DBClusters>
              <DBCluster><DBClusterIdentifier>aurora</DBClusterIdentifier><Engine>aurora-postgresql</Engine><AllocatedStorage>1</AllocatedStorage><StorageEncrypted>true</StorageEncrypted></DBCluster>
              <DBCluster><DBClusterIdentifier>multi-az</DBClusterIdentifier><Engine>mysql</Engine><AllocatedStorage>400</AllocatedStorage><BackupRetentionPeriod>7</BackupRetentionPeriod></DBCluster></DBClusters>`,
          ),
    );
    const [orders, bare] = await rdsDatabases(rds).list('instance');
    expect(orders).toMatchObject({
      engineVersion: '18.1',
      allocatedGib: 200,
      encrypted: false,
      latestRestorableMs: Date.parse('2026-08-14T09:55:00Z'),
      backupRetentionDays: 0,
    });
    expect(Object.keys(bare ?? {}).sort()).toEqual(['arn', 'engine', 'id', 'kind', 'resourceId', 'status', 'tags']);
    const [aurora, multiAz] = await rdsDatabases(rds).list('cluster');
    // Aurora's allocated storage is always 1: it says nothing.
    expect(aurora).not.toHaveProperty('allocatedGib');
    expect(aurora).toMatchObject({ encrypted: true });
    expect(multiAz).toMatchObject({ allocatedGib: 400, backupRetentionDays: 7 });
  });

  test('few are asked for by their resource ids, many by the whole list; others that come along are left out', async () => {
    const { rds } = await scripted(() =>
      ok(
        'DescribeDBInstances',
        '<DBInstances><DBInstance><DBInstanceIdentifier>a</DBInstanceIdentifier><DbiResourceId>db-A</DbiResourceId></DBInstance><DBInstance><DBInstanceIdentifier>z</DBInstanceIdentifier><DbiResourceId>db-Z</DbiResourceId></DBInstance></DBInstances>',
      ),
    );
    expect((await rdsDatabases(rds).withResourceIds('instance', ['db-A'])).map(({ id }) => id)).toEqual(['a']);
    expect(asked[0]).toMatchObject({
      'Filters.Filter.1.Name': 'dbi-resource-id',
      'Filters.Filter.1.Values.Value.1': 'db-A',
    });
    const many = Array.from({ length: 21 }, (_, index) => `db-${index}`);
    expect(await rdsDatabases(rds).withResourceIds('instance', [...many, 'db-Z'])).toHaveLength(1);
    expect(Object.keys(asked[1] ?? {}).filter((key) => key.startsWith('Filters'))).toEqual([]);
    expect(await rdsDatabases(rds).withResourceIds('cluster', [])).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});

describe('of a snapshot', () => {
  test('key, source, option group, size and progress are read; a default option group is none; a time that is missing while creating breaks nothing', async () => {
    const { rds } = await scripted(({ Action }) =>
      Action === 'DescribeDBSnapshots'
        ? ok(
            'DescribeDBSnapshots',
            `<DBSnapshots>
              <DBSnapshot><DBSnapshotIdentifier>copied</DBSnapshotIdentifier><Engine>postgres</Engine><SnapshotCreateTime>2026-08-14T10:01:00Z</SnapshotCreateTime>
                <Encrypted>true</Encrypted><KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k</KmsKeyId><AllocatedStorage>20</AllocatedStorage>
                <SourceDBSnapshotIdentifier>arn:aws:rds:eu-central-1:111122223333:snapshot:s</SourceDBSnapshotIdentifier><OptionGroupName>ours-tde</OptionGroupName></DBSnapshot>
              <DBSnapshot><DBSnapshotIdentifier>creating</DBSnapshotIdentifier><Status>creating</Status><PercentProgress>0</PercentProgress><OptionGroupName>default:postgres-18</OptionGroupName></DBSnapshot></DBSnapshots>`,
          )
        : ok(
            'DescribeDBClusterSnapshots',
            '<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>c</DBClusterSnapshotIdentifier><Engine>mysql</Engine><StorageEncrypted>true</StorageEncrypted><KmsKeyId>k2</KmsKeyId><AllocatedStorage>50</AllocatedStorage><SourceDBClusterSnapshotArn>arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:s</SourceDBClusterSnapshotArn></DBClusterSnapshot></DBClusterSnapshots>',
          ),
    );
    const [copied, creating] = await rdsSnapshots(rds).list('instance');
    expect(copied).toMatchObject({
      createdMs: Date.parse('2026-08-14T10:01:00Z'),
      encrypted: true,
      kmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/k',
      allocatedGib: 20,
      sourceArn: 'arn:aws:rds:eu-central-1:111122223333:snapshot:s',
      optionGroup: 'ours-tde',
    });
    expect(creating).toMatchObject({ status: 'creating', percentProgress: 0 });
    expect(creating).not.toHaveProperty('createdMs');
    expect(creating).not.toHaveProperty('optionGroup');
    expect((await rdsSnapshots(rds).list('cluster'))[0]).toMatchObject({
      encrypted: true,
      kmsKeyId: 'k2',
      allocatedGib: 50,
      sourceArn: 'arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:s',
    });
  });
});

describe('a key', () => {
  const stateOf = async (answer: Parameters<typeof json>[0], status = 200) => {
    const { kms } = await scripted(() => json(answer, status));
    return kmsKeys(kms).state('k');
  };
  test.each([
    ['Enabled', 'usable'],
    ['Disabled', 'unusable'],
    ['PendingDeletion', 'unusable'],
    ['PendingImport', 'unusable'],
    ['Unavailable', 'unusable'],
    ['PendingReplicaDeletion', 'unusable'],
    ['Updating', 'unknown'],
    ['AStateOfTomorrow', 'unknown'],
  ])('that is %s is %s', async (KeyState, state) => {
    expect(await stateOf({ KeyMetadata: { KeyId: 'k', KeyState } })).toBe(state);
    expect(asked).toEqual([{ Action: 'DescribeKey', KeyId: 'k' }]);
  });
  test.each([
    ['NotFoundException', 400, 'unusable'],
    ['AccessDeniedException', 400, 'unknown'],
    ['ThrottlingException', 400, 'unknown'],
    ['KMSInternalException', 500, 'unknown'],
  ])('of which KMS says %s is %s %s', async (__type, status, state) => {
    expect(await stateOf({ __type, message: 'No.' }, status)).toBe(state);
  });
});

describe('"quota exceeded"', () => {
  const said = (message: string) => Object.assign(new Error(message), { name: 'SnapshotQuotaExceededFault' });
  test.each([
    ['Cannot create more than 100 manual snapshots', 'manual-quota'],
    ['Cannot copy more than 20 snapshots across regions', 'copies-in-flight'],
    ['Cannot copy more than 5 snapshots across regions.', 'copies-in-flight'],
    ['Too many snapshot copies are in progress', 'copies-in-flight'],
    ['Quota exceeded.', 'unclear'],
    ['', 'unclear'],
  ])('%j means %s', (message, meaning) => {
    expect(quotaMeaning(said(message))).toBe(meaning);
  });

  const create = async (message: string, quota: string | undefined, kind: Kind = 'instance') => {
    const { rds } = await scripted(({ Action }) =>
      Action === 'DescribeAccountAttributes'
        ? quota === undefined
          ? refusal(500, 'InternalFailure')
          : ok('DescribeAccountAttributes', `<AccountQuotas>${quota}</AccountQuotas>`)
        : refusal(400, 'SnapshotQuotaExceeded', message),
    );
    return (await rdsSnapshots(rds).create({ kind, databaseId: 'd', name: 'n', tags: {} })).kind;
  };
  const of = (name: string, used: number) =>
    `<AccountQuota><AccountQuotaName>${name}</AccountQuotaName><Used>${used}</Used><Max>100</Max></AccountQuota>`;

  test('whose text says neither is settled by the account’s figures, of the kind that was asked for', async () => {
    expect(await create('Quota exceeded.', of('ManualSnapshots', 100))).toBe('quota-full');
    expect(await create('Quota exceeded.', of('ManualSnapshots', 40))).toBe('wrong-state');
    expect(
      await create('Quota exceeded.', of('ManualSnapshots', 100) + of('ManualClusterSnapshots', 3), 'cluster'),
    ).toBe('wrong-state');
    expect(await create('Quota exceeded.', undefined)).toBe('quota-full');
  });

  test('that is about copies passes: the database is tried again, and no kind is stopped', async () => {
    expect(await create('Cannot copy more than 20 snapshots across regions', undefined)).toBe('wrong-state');
    expect(asked).toHaveLength(1);
  });
});

test('what is being copied is every snapshot in the making over there, by RDS’s word or our tag', async () => {
  const one = (id: string, status: string, source: string, tags = '') =>
    `<DBSnapshot><DBSnapshotIdentifier>${id}</DBSnapshotIdentifier><Status>${status}</Status>${source && `<SourceDBSnapshotIdentifier>${source}</SourceDBSnapshotIdentifier>`}<TagList>${tags}</TagList></DBSnapshot>`;
  const { rds } = await scripted(({ Action }) =>
    Action === 'DescribeDBSnapshots'
      ? ok(
          'DescribeDBSnapshots',
          `<DBSnapshots>${one('a', 'creating', 'arn:a')}${one('b', 'copying', '', tag('mainstay:source-snapshot', 'arn:b'))}${one('c', 'available', 'arn:c')}${one('d', 'failed', 'arn:d')}${one('e', 'a-new-state', 'arn:e')}</DBSnapshots>`,
        )
      : ok('DescribeDBClusterSnapshots', '<DBClusterSnapshots/>'),
  );
  expect(await copyingInto(rdsSnapshots(rds)).sources()).toEqual(new Set(['arn:a', 'arn:b', 'arn:e']));
});

describe('the pace', () => {
  test('counts how often RDS says "slower", in every shape of it, however the call ends', async () => {
    const { rds } = await scripted(
      (_, turn) =>
        turn === 1
          ? refusal(400, 'Throttling', 'Rate exceeded')
          : turn === 2
            ? refusal(400, 'ThrottlingException', 'Rate exceeded')
            : ok('DescribeDBInstances', '<DBInstances/>'),
      5,
    );
    const throttles = keepPace(rds, { remainingMs: () => Number.POSITIVE_INFINITY });
    await rdsDatabases(rds).list('instance');
    expect([throttles(), asked.length]).toEqual([2, 3]);
  });

  test('begins no call that cannot end in time', async () => {
    const { rds } = await scripted(() => ok('DescribeDBInstances', '<DBInstances/>'));
    keepPace(rds, { remainingMs: () => 7_999 });
    await expect(rdsDatabases(rds).list('instance')).rejects.toThrow(OutOfTimeError);
    expect(asked).toHaveLength(0);
  });

  test('gives a call up when its time is over, retries and the waits between them included', async () => {
    const startedMs = Date.now();
    const { rds } = await scripted(() => refusal(400, 'Throttling', 'Rate exceeded'), 100);
    keepPace(rds, { remainingMs: () => 8_000 + 700 - (Date.now() - startedMs) });
    const answer = await rdsSnapshots(rds).create({ kind: 'instance', databaseId: 'd', name: 'n', tags: {} });
    expect(answer).toEqual({ kind: 'unknown', detail: 'OutOfTimeError: there was no time left to wait for an answer' });
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    const tried = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(asked.length - tried).toBeLessThanOrEqual(1);
  });
});

test('a message to itself names the slot and the part, and waits', async () => {
  const { sqs } = await scripted(({ Action, MessageBody }) =>
    Action === 'GetQueueUrl'
      ? json({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/q' })
      : json({
          MessageId: 'm',
          MD5OfMessageBody: createHash('md5')
            .update(MessageBody ?? '')
            .digest('hex'),
        }),
  );
  const queue = continueQueueName({ stage: 'local' });
  await sqsContinuations(sqs, queue).send({ slotMs: Date.parse('2026-08-14T10:00:00Z'), part: 2 }, 600);
  expect(asked).toMatchObject([
    { Action: 'GetQueueUrl', QueueName: 'mainstay-local-snapshots-continue' },
    {
      Action: 'SendMessage',
      QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/q',
      MessageBody: '{"kind":"continue","slot":"2026-08-14T10:00:00Z","part":2}',
      DelaySeconds: 600,
    },
  ]);
});
