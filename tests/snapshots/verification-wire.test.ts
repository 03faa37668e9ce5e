import { afterEach, describe, expect, test } from '@jest/globals';
import { rdsThrowAways } from '../../functions/snapshots/aws/verification/compose.ts';
import { verificationInventory } from '../../functions/snapshots/aws/verification/inventory.ts';
import { throwAwayTags } from '../../functions/snapshots/core/verification/throw-away.ts';
import type { ThrowAway } from '../../functions/snapshots/core/verification/verification.ts';
import { ok, openScripted, refusal } from './scripted.ts';
import { verification, verifyingSettings } from './verification-samples.ts';

// The real SDK over real HTTP: what exactly is asked of RDS before a database is made, changed or deleted.

const { asked, scripted, close } = openScripted();
afterEach(close);

const settings = verifyingSettings();
const entry: ThrowAway = { kind: 'instance', id: 'msv-orders-000001', askedMs: 0, resourceId: 'db-MADE' };
const record = verification({ throwAways: [entry] });
const claim = { record, entry };
const tagXml = (tags: Record<string, string>) =>
  Object.entries(tags)
    .map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
    .join('');
const instance = (over: { id?: string; resourceId?: string; tags?: Record<string, string>; more?: string } = {}) =>
  ok(
    'DescribeDBInstances',
    `<DBInstances><DBInstance><DBInstanceIdentifier>${over.id ?? entry.id}</DBInstanceIdentifier>
    <DbiResourceId>${over.resourceId ?? 'db-MADE'}</DbiResourceId><DBInstanceStatus>available</DBInstanceStatus>
    <TagList>${tagXml(over.tags ?? throwAwayTags(settings.stack, record.name))}</TagList>${over.more ?? ''}</DBInstance></DBInstances>`,
  );
const actions = () => asked.map(({ Action }) => Action);

describe('a deletion', () => {
  test('is asked after one more look, for good and without a snapshot', async () => {
    const { rds } = await scripted(({ Action }) =>
      Action === 'DescribeDBInstances' ? instance() : ok('DeleteDBInstance', ''),
    );
    expect(await rdsThrowAways(rds, settings).remove(claim)).toEqual({ kind: 'done' });
    expect(actions()).toEqual(['DescribeDBInstances', 'DeleteDBInstance']);
    expect(asked[1]).toMatchObject({
      DBInstanceIdentifier: entry.id,
      SkipFinalSnapshot: 'true',
      DeleteAutomatedBackups: 'true',
    });
    expect(asked[1]).not.toHaveProperty('FinalDBSnapshotIdentifier');
  });

  test('of a cluster is asked of the cluster', async () => {
    const cluster: ThrowAway = { kind: 'cluster', id: 'msv-shop-000001', askedMs: 0, resourceId: 'cluster-MADE' };
    const { rds } = await scripted(({ Action }) =>
      Action === 'DescribeDBClusters'
        ? ok(
            'DescribeDBClusters',
            `<DBClusters><DBCluster><DBClusterIdentifier>${cluster.id}</DBClusterIdentifier>
            <DbClusterResourceId>cluster-MADE</DbClusterResourceId><Status>available</Status>
            <TagList>${tagXml(throwAwayTags(settings.stack, record.name))}</TagList></DBCluster></DBClusters>`,
          )
        : ok('DeleteDBCluster', ''),
    );
    expect(await rdsThrowAways(rds, settings).remove({ record, entry: cluster })).toEqual({ kind: 'done' });
    expect(asked[1]).toMatchObject({ Action: 'DeleteDBCluster', SkipFinalSnapshot: 'true' });
  });

  test.each([
    ['another resource id under the name', { resourceId: 'db-PRODUCTION' }],
    ['no tags', { tags: {} }],
    ['another stack’s tag', { tags: throwAwayTags('mainstay-other', record.name) }],
    ['another verification’s tag', { tags: throwAwayTags(settings.stack, 'another') }],
    ['another name', { id: 'orders' }],
  ])('and a new password are not asked for on %s', async (_what, over) => {
    const { rds } = await scripted(() => instance(over));
    const throwAways = rdsThrowAways(rds, settings);
    expect(await throwAways.remove(claim)).toMatchObject({ kind: 'refused' });
    expect(await throwAways.secure(claim, 'a-password')).toMatchObject({ kind: 'refused' });
    expect(actions()).toEqual(['DescribeDBInstances', 'DescribeDBInstances']);
  });

  test('is not asked for when the last look gets no answer, or finds nothing', async () => {
    const { rds } = await scripted((_, turn) =>
      turn === 1 ? refusal(503, 'ServiceUnavailable') : refusal(404, 'DBInstanceNotFound'),
    );
    const throwAways = rdsThrowAways(rds, settings);
    expect(await throwAways.remove(claim)).toMatchObject({ kind: 'unknown' });
    expect(await throwAways.remove(claim)).toMatchObject({ kind: 'unknown' });
    expect(new Set(actions())).toEqual(new Set(['DescribeDBInstances']));
  });
});

describe('a restore', () => {
  const isolated = {
    DBSubnetGroupName: 'isolated',
    'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-0isolated',
    DeletionProtection: 'false',
    CopyTagsToSnapshot: 'false',
    'Tags.Tag.1.Key': 'mainstay:throw-away',
    'Tags.Tag.1.Value': settings.stack,
    'Tags.Tag.2.Key': 'mainstay:verification',
    'Tags.Tag.2.Value': record.name,
  };

  test('of an instance is isolated, small, without backups, and carries our two tags and no others', async () => {
    const { rds } = await scripted(() =>
      ok('RestoreDBInstanceFromDBSnapshot', '<DBInstance><DbiResourceId>db-MADE</DbiResourceId></DBInstance>'),
    );
    expect(await rdsThrowAways(rds, settings).restore(claim)).toEqual({ kind: 'made', resourceId: 'db-MADE' });
    expect(asked).toEqual([
      {
        Action: 'RestoreDBInstanceFromDBSnapshot',
        Version: '2014-10-31',
        DBInstanceIdentifier: entry.id,
        DBSnapshotIdentifier: 'ms-orders-1',
        PubliclyAccessible: 'false',
        MultiAZ: 'false',
        AutoMinorVersionUpgrade: 'false',
        BackupRetentionPeriod: '0',
        ...isolated,
      },
    ]);
  });

  test('of a Multi-AZ cluster’s snapshot makes one instance', async () => {
    const { rds } = await scripted(() => ok('RestoreDBInstanceFromDBSnapshot', '<DBInstance/>'));
    const of = { ...record, source: { ...record.source, kind: 'cluster' as const } };
    await rdsThrowAways(rds, verifyingSettings({ instanceClass: 'db.t4g.medium' })).restore({ record: of, entry });
    expect(asked[0]).toMatchObject({ DBClusterSnapshotIdentifier: 'ms-orders-1', DBInstanceClass: 'db.t4g.medium' });
    expect(asked[0]).not.toHaveProperty('DBSnapshotIdentifier');
  });

  test('of an Aurora cluster keeps the snapshot’s version, and its instance has the source’s class', async () => {
    const { rds } = await scripted(({ Action = '' }) => {
      if (Action === 'DescribeDBClusterSnapshots')
        return ok(
          Action,
          '<DBClusterSnapshots><DBClusterSnapshot><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion></DBClusterSnapshot></DBClusterSnapshots>',
        );
      if (Action === 'DescribeDBClusters') return refusal(404, 'DBClusterNotFoundFault');
      if (Action === 'DescribeDBInstances')
        return ok(
          Action,
          '<DBInstances><DBInstance><DBInstanceClass>db.r7g.large</DBInstanceClass></DBInstance></DBInstances>',
        );
      return ok(
        Action,
        '<DBCluster><DbClusterResourceId>cluster-MADE</DbClusterResourceId></DBCluster><DBInstance><DbiResourceId>db-MADE</DbiResourceId></DBInstance>',
      );
    });
    const entries: ThrowAway[] = [
      { kind: 'cluster', id: 'msv-shop-1' },
      { kind: 'instance', id: 'msv-shop-1-1' },
    ];
    const of = verification({
      source: { ...record.source, kind: 'cluster', id: 'shop', engine: 'aurora-postgresql' },
      throwAways: entries,
    });
    const throwAways = rdsThrowAways(rds, settings);
    expect(await throwAways.restore({ record: of, entry: entries[0]! })).toEqual({
      kind: 'made',
      resourceId: 'cluster-MADE',
    });
    expect(asked.at(-1)).toMatchObject({
      Action: 'RestoreDBClusterFromSnapshot',
      EngineVersion: '16.4',
      BackupRetentionPeriod: '1',
      ...isolated,
    });
    expect(await throwAways.addMember({ record: of, entry: entries[1]! })).toEqual({
      kind: 'made',
      resourceId: 'db-MADE',
    });
    expect(asked.at(-1)).toMatchObject({
      Action: 'CreateDBInstance',
      DBClusterIdentifier: 'msv-shop-1',
      DBInstanceClass: 'db.r7g.large',
      PubliclyAccessible: 'false',
      'Tags.Tag.1.Key': 'mainstay:throw-away',
    });
  });

  test.each([
    [400, 'DBInstanceAlreadyExists', 'name-taken'],
    [400, 'DBClusterAlreadyExistsFault', 'name-taken'],
    [400, 'InstanceQuotaExceeded', 'refused'],
    [404, 'DBSubnetGroupNotFoundFault', 'refused'],
    [403, 'AccessDenied', 'refused'],
    [400, 'InsufficientDBInstanceCapacity', 'unknown'],
    [400, 'InvalidDBSnapshotState', 'unknown'],
    [400, 'Throttling', 'unknown'],
    [500, 'InternalFailure', 'unknown'],
  ])('that is answered %i %s is %s', async (status, code, kind) => {
    const { rds } = await scripted(() => refusal(status, code));
    expect(await rdsThrowAways(rds, settings).restore(claim)).toMatchObject({ kind });
  });
});

test('a new master password takes deletion protection off, at once; a busy database is asked again', async () => {
  const { rds } = await scripted(({ Action }, turn) =>
    Action === 'DescribeDBInstances'
      ? instance()
      : turn < 3
        ? ok('ModifyDBInstance', '')
        : refusal(400, 'InvalidDBInstanceState'),
  );
  const throwAways = rdsThrowAways(rds, settings);
  expect(await throwAways.secure(claim, 'a-password')).toEqual({ kind: 'done' });
  expect(asked[1]).toMatchObject({
    Action: 'ModifyDBInstance',
    DBInstanceIdentifier: entry.id,
    MasterUserPassword: 'a-password',
    DeletionProtection: 'false',
    ApplyImmediately: 'true',
  });
  expect(await throwAways.secure(claim, 'another')).toMatchObject({ kind: 'busy' });
});

test('a database is seen with its endpoint, its master user, and whether a password is pending', async () => {
  const { rds } = await scripted(() =>
    instance({
      more: `<Endpoint><Address>a.c0.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint><MasterUsername>master</MasterUsername>
      <InstanceCreateTime>2026-08-14T10:00:00Z</InstanceCreateTime><PendingModifiedValues><MasterUserPassword>****</MasterUserPassword></PendingModifiedValues>`,
    }),
  );
  expect(await rdsThrowAways(rds, settings).find('instance', entry.id)).toMatchObject({
    endpoint: { host: 'a.c0.eu-west-1.rds.amazonaws.com', port: 5432 },
    masterUsername: 'master',
    passwordPending: true,
    createdMs: Date.parse('2026-08-14T10:00:00Z'),
  });
});

test('a tag for a snapshot that is gone is refused, and one that got no answer may have been written', async () => {
  const { rds } = await scripted((_, turn) => (turn === 1 ? refusal(404, 'DBSnapshotNotFound') : refusal(500, 'Oops')));
  const { snapshotTags } = verificationInventory(rds);
  expect(await snapshotTags.add('arn', { a: 'b' })).toMatchObject({ kind: 'refused' });
  expect(await snapshotTags.add('arn', { a: 'b' })).toMatchObject({ kind: 'unknown' });
});
