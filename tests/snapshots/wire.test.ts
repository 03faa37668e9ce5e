import { afterEach, describe, expect, test } from '@jest/globals';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import { reportsTopicArn, snsReports } from '../../functions/snapshots/aws/sns-reports.ts';
import type { AwsResponse } from '../../local/gateway/service.ts';
import { ok, openScripted, refusal } from './scripted.ts';

// The real SDK over real HTTP against scripted answers: clusters, pages that misbehave, and errors in their wire shapes
// (docs: API_CreateDBClusterSnapshot and others, Errors), which the local RDS does not have.

const { asked, scripted, close } = openScripted();
afterEach(close);

const clusterSnapshot = (number: number) => `<DBClusterSnapshot>
  <DBClusterSnapshotIdentifier>s-${number}</DBClusterSnapshotIdentifier><DBClusterIdentifier>aurora</DBClusterIdentifier>
  <DbClusterResourceId>cluster-AURORA</DbClusterResourceId><SnapshotType>manual</SnapshotType><Status>creating</Status>
  <DBClusterSnapshotArn>arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:s-${number}</DBClusterSnapshotArn>
  <TagList><Tag><Key>mainstay:slot</Key><Value>2026-08-14T10:00:00Z</Value></Tag></TagList></DBClusterSnapshot>`;

describe('pages', () => {
  test('are asked for with the same parameters and the marker alone changed, 100 at a time', async () => {
    const { rds } = await scripted((_, turn) =>
      ok(
        'DescribeDBClusterSnapshots',
        `<DBClusterSnapshots>${clusterSnapshot(turn)}</DBClusterSnapshots>${turn < 3 ? `<Marker>m${turn}</Marker>` : ''}`,
      ),
    );
    const listed = await rdsSnapshots(rds).list('cluster');
    expect(listed.map(({ id }) => id)).toEqual(['s-1', 's-2', 's-3']);
    expect(listed[0]).toMatchObject({
      kind: 'cluster',
      resourceId: 'cluster-AURORA',
      status: 'creating',
      tags: { 'mainstay:slot': '2026-08-14T10:00:00Z' },
    });
    const same = { SnapshotType: 'manual', MaxRecords: '100', Action: 'DescribeDBClusterSnapshots' };
    expect(asked).toMatchObject([same, { ...same, Marker: 'm1' }, { ...same, Marker: 'm2' }]);
  });

  test('that never end are no list', async () => {
    const { rds } = await scripted(() => ok('DescribeDBSnapshots', '<DBSnapshots/><Marker>again</Marker>'));
    await expect(rdsSnapshots(rds).list('instance')).rejects.toThrow('marker again came twice');
    expect(asked).toHaveLength(2);
  });
});

test('a cluster and an instance that is a member of it are told apart', async () => {
  const { rds } = await scripted(({ Action }) =>
    Action === 'DescribeDBClusters'
      ? ok(
          'DescribeDBClusters',
          '<DBClusters><DBCluster><DBClusterIdentifier>aurora</DBClusterIdentifier><DbClusterResourceId>cluster-A</DbClusterResourceId><Engine>aurora-postgresql</Engine><Status>available</Status></DBCluster></DBClusters>',
        )
      : ok(
          'DescribeDBInstances',
          '<DBInstances><DBInstance><DBInstanceIdentifier>aurora-1</DBInstanceIdentifier><DBClusterIdentifier>aurora</DBClusterIdentifier><DBInstanceStatus>available</DBInstanceStatus></DBInstance></DBInstances>',
        ),
  );
  expect(await rdsDatabases(rds).list('cluster')).toMatchObject([{ id: 'aurora', resourceId: 'cluster-A', tags: {} }]);
  expect(await rdsDatabases(rds).list('instance')).toMatchObject([{ id: 'aurora-1', memberOf: 'aurora' }]);
});

test('a quota that RDS does not speak of is missing, not zero', async () => {
  const { rds } = await scripted(() =>
    ok(
      'DescribeAccountAttributes',
      '<AccountQuotas><AccountQuota><AccountQuotaName>ManualSnapshots</AccountQuotaName><Used>3</Used><Max>100</Max></AccountQuota><AccountQuota><AccountQuotaName>DBInstances</AccountQuotaName><Used>1</Used><Max>40</Max></AccountQuota></AccountQuotas>',
    ),
  );
  expect(await rdsQuotas(rds).read()).toEqual([{ kind: 'instance', max: 100, used: 3 }]);
});

describe('an error of', () => {
  const create = async (kind: 'instance' | 'cluster', answer: AwsResponse, maxAttempts = 1) => {
    const { rds } = await scripted(() => answer, maxAttempts);
    return rdsSnapshots(rds).create({ kind, databaseId: 'd', name: 'n', tags: { team: 'a' } });
  };

  test.each([
    ['instance', 400, 'DBSnapshotAlreadyExists', 'already-exists'],
    ['cluster', 400, 'DBClusterSnapshotAlreadyExistsFault', 'already-exists'],
    ['instance', 400, 'SnapshotQuotaExceeded', 'quota-full'],
    ['cluster', 400, 'SnapshotQuotaExceeded', 'quota-full'],
    ['instance', 400, 'InvalidDBInstanceState', 'wrong-state'],
    ['cluster', 400, 'InvalidDBClusterStateFault', 'wrong-state'],
    ['instance', 404, 'DBInstanceNotFound', 'gone'],
    ['cluster', 404, 'DBClusterNotFoundFault', 'gone'],
    ['instance', 400, 'KMSKeyNotAccessibleFault', 'refused'],
    ['instance', 400, 'InvalidParameterValue', 'refused'],
    ['instance', 403, 'AccessDenied', 'refused'],
    ['instance', 400, 'Throttling', 'unknown'],
    ['cluster', 500, 'InternalFailure', 'unknown'],
    ['instance', 503, 'ServiceUnavailable', 'unknown'],
  ] as const)('creation (%s): %d %s means %s', async (kind, status, code, answer) => {
    expect((await create(kind, refusal(status, code))).kind).toBe(answer);
  });

  test('creation that is a throttle is tried again by the SDK', async () => {
    const { rds } = await scripted(
      (_, turn) => (turn < 3 ? refusal(400, 'Throttling', 'Rate exceeded') : ok('CreateDBSnapshot', '<DBSnapshot/>')),
      5,
    );
    expect(
      await rdsSnapshots(rds).create({ kind: 'instance', databaseId: 'd', name: 'n', tags: { team: 'a' } }),
    ).toEqual({ kind: 'created' });
    expect(asked).toHaveLength(3);
    expect(asked[0]).toMatchObject({ 'Tags.Tag.1.Key': 'team', 'Tags.Tag.1.Value': 'a' });
  });

  test('creation without any answer is no evidence', async () => {
    const { rds } = await scripted(() => ok('CreateDBSnapshot', ''));
    await close();
    const answer = await rdsSnapshots(rds).create({ kind: 'instance', databaseId: 'd', name: 'n', tags: {} });
    expect(answer.kind).toBe('unknown');
  });

  test.each([
    ['instance', 404, 'DBSnapshotNotFound', 'already-gone'],
    ['cluster', 404, 'DBClusterSnapshotNotFoundFault', 'already-gone'],
    ['instance', 400, 'InvalidDBSnapshotState', 'wrong-state'],
    ['cluster', 400, 'InvalidDBClusterSnapshotStateFault', 'wrong-state'],
    ['instance', 403, 'AccessDenied', 'forbidden'],
    ['instance', 400, 'InvalidParameterValue', 'refused'],
    ['cluster', 500, 'InternalFailure', 'unknown'],
  ] as const)('deletion (%s): %d %s means %s', async (kind, status, code, answer) => {
    const { rds } = await scripted(() => refusal(status, code));
    expect((await rdsSnapshots(rds).delete(kind, 'n')).kind).toBe(answer);
  });

  test('deletion that a service control policy forbids is about that snapshot only', async () => {
    const text = 'is not authorized to perform: rds:DeleteDBSnapshot with an explicit deny in a service control policy';
    const { rds } = await scripted(() => refusal(403, 'AccessDenied', text));
    expect((await rdsSnapshots(rds).delete('instance', 'n')).kind).toBe('refused');
  });

  test('a look that fails is not "not there"', async () => {
    const { rds } = await scripted(() => refusal(500, 'InternalFailure'));
    await expect(rdsSnapshots(rds).find('cluster', 'n')).rejects.toThrow();
    const gone = await scripted(() => refusal(404, 'DBClusterSnapshotNotFoundFault'));
    expect(await rdsSnapshots(gone.rds).find('cluster', 'n')).toBeUndefined();
  });
});

test('a notice carries its result as an attribute, so that a subscription can filter', async () => {
  const { sns } = await scripted(() => ok('Publish', '<MessageId>m</MessageId>'));
  const arn = reportsTopicArn({ account: '111122223333', stage: 'local' }, 'eu-west-1');
  expect(arn).toBe('arn:aws:sns:eu-west-1:111122223333:mainstay-local-reports');
  await snsReports(sns, arn).publish({ subject: 's', text: 't', result: 'PARTIAL' });
  expect(asked[0]).toMatchObject({ Action: 'Publish', TopicArn: arn, Subject: 's', Message: 't' });
  expect(Object.values(asked[0] ?? {})).toEqual(expect.arrayContaining(['result', 'PARTIAL']));
});
