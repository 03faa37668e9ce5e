import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { afterEach, expect, test } from '@jest/globals';
import { copyOnce, Records, region } from './records.ts';

const open: Records[] = [];
const openRecords = (options: ConstructorParameters<typeof Records>[0] = {}) => {
  const aws = new Records(options);
  open.push(aws);
  return aws;
};
afterEach(async () => {
  for (const aws of open.splice(0)) {
    expect(aws.errors).toEqual([]);
    await aws.stop();
  }
});

const ask = (aws: Records) =>
  aws
    .rds()
    .send(new DescribeDBInstancesCommand({}))
    .then(
      () => 'ok',
      (error: Error) => error.name,
    );

test('a region answers so many calls a second after its burst, and the rest is refused as RDS refuses it', async () => {
  const aws = openRecords();
  aws.world.admin.throttle(region, { perSecond: 2, burst: 3 });
  expect([await ask(aws), await ask(aws), await ask(aws), await ask(aws)]).toEqual(['ok', 'ok', 'ok', 'Throttling']);
  await expect(aws.snapshots()).rejects.toMatchObject({
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 400 },
  });
  await aws.advance(1_000);
  expect([await ask(aws), await ask(aws), await ask(aws)]).toEqual(['ok', 'ok', 'Throttling']);
  aws.world.admin.throttle(region, { perSecond: 1, burst: 1, code: 'ThrottlingException' });
  expect([await ask(aws), await ask(aws)]).toEqual(['ok', 'ThrottlingException']);
  aws.world.admin.throttle(region, undefined);
  expect(await ask(aws)).toBe('ok');
});

test('an error or a silence before the effect has none, after it it was done all the same', async () => {
  const aws = openRecords();
  const { admin } = aws.world;
  const outcome = async (name: string, fault: object) => {
    aws.plant(name);
    admin.faults(1, { actions: { DeleteDBSnapshot: fault } });
    const error = await aws
      .rds()
      .send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name }))
      .catch((thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown);
    const isThere = (await aws.snapshots()).some((one) => one.DBSnapshotIdentifier === name);
    return [
      (error as Error).name,
      (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode,
      isThere,
    ];
  };
  expect(await outcome('a', { errorBefore: 1 })).toEqual(['InternalFailure', 500, true]);
  expect(await outcome('b', { errorAfter: 1 })).toEqual(['InternalFailure', 500, false]);
  expect(await outcome('c', { timeoutBefore: 1 })).toEqual(['TimeoutError', undefined, true]);
  expect(await outcome('d', { timeoutAfter: 1 })).toEqual(['TimeoutError', undefined, false]);
  expect(await outcome('e', { throttled: 1 })).toEqual(['Throttling', 400, true]);
  admin.faults(1, undefined);
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'e' }));
});

test('a retry of what was done although an error was said finds it done', async () => {
  const aws = openRecords();
  await aws.createAvailable('alpha');
  aws.world.admin.faults(1, { actions: { CreateDBSnapshot: { errorAfter: 1 } } });
  await expect(aws.snapshot('alpha', 'one')).rejects.toMatchObject({ name: 'InternalFailure' });
  aws.world.admin.faults(1, undefined);
  await expect(
    aws.rds().send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'alpha', DBSnapshotIdentifier: 'one' })),
  ).rejects.toMatchObject({ name: expect.stringMatching(/DBSnapshotAlreadyExistsFault|InvalidDBInstanceStateFault/) });
  expect(await aws.snapshots()).toHaveLength(1);
});

test('the same seed strikes the same calls, whatever other actions were called in between; another seed strikes others', async () => {
  const struck = async (seed: number, isNoisy: boolean) => {
    const aws = openRecords();
    aws.world.admin.faults(seed, { throttled: 0.1, errorBefore: 0.1, timeoutBefore: 0.1 });
    const seen: string[] = [];
    for (let i = 0; i < 200; i += 1) {
      seen.push(await ask(aws));
      if (isNoisy && i % 3 === 0) await aws.snapshots().catch(() => {});
    }
    return seen;
  };
  const first = await struck(7, false);
  expect(await struck(7, true)).toEqual(first);
  expect(await struck(8, false)).not.toEqual(first);
  const share = (name: string) => first.filter((one) => one === name).length / first.length;
  for (const name of ['Throttling', 'InternalFailure', 'TimeoutError']) {
    expect(share(name)).toBeGreaterThan(0.04);
    expect(share(name)).toBeLessThan(0.17);
  }
});

test('a region that is out answers nobody, its neighbour does, and what it had begun goes on', async () => {
  const aws = openRecords();
  await aws.createAvailable('alpha');
  await aws.snapshot('alpha', 'one');
  aws.world.admin.outage(region, true);
  expect(await ask(aws)).toBe('TimeoutError');
  expect(await aws.snapshots({}, 'eu-central-1')).toEqual([]);
  await aws.advance(10 * 60_000);
  aws.world.admin.outage(region, false);
  expect((await aws.snapshots())[0]?.Status).toBe('available');
});

test('a snapshot or a copy that comes to nothing fails after its time', async () => {
  const aws = openRecords();
  await aws.createAvailable('alpha');
  aws.plant('source');
  aws.world.admin.faults(3, { snapshotsFail: 1, copiesFail: 1 });
  await aws.snapshot('alpha', 'one');
  await copyOnce(aws, 'source');
  await aws.advance(9 * 60_000);
  expect((await aws.snapshots({ DBSnapshotIdentifier: 'one' }))[0]?.Status).toBe('creating');
  await aws.advance(60_000);
  expect((await aws.snapshots({ DBSnapshotIdentifier: 'one' }))[0]?.Status).toBe('failed');
  expect((await aws.snapshots({}, 'eu-central-1'))[0]?.Status).toBe('failed');
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('available');
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' }));
});

test('a list that moves while it is read names one of its items on two pages, and hides none', async () => {
  const aws = openRecords();
  const ids = Array.from({ length: 45 }, (_, number) => `source-${String(number).padStart(2, '0')}`);
  for (const id of ids) aws.plant(id);
  await aws.advance(60_000);
  const pages = async () => {
    const seen: string[] = [];
    for (let Marker: string | undefined, first = true; first || Marker !== undefined; first = false) {
      const page = await aws.rds().send(new DescribeDBSnapshotsCommand({ MaxRecords: 20, Marker }));
      seen.push(...(page.DBSnapshots ?? []).map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier ?? ''));
      Marker = page.Marker;
    }
    return seen;
  };
  aws.world.admin.faults(3, { pagesRepeat: 1 });
  const seen = await pages();
  expect(seen).toHaveLength(47);
  expect([...new Set(seen)]).toEqual(ids);
  aws.world.admin.faults(3, undefined);
  expect(await pages()).toEqual(ids);
});

test('a stale list misses what is young, shows old tags and what was just removed; asked by name all is as it is', async () => {
  const aws = openRecords({ staleReadMs: 5_000 });
  const list = async () =>
    (await aws.snapshots()).map((one) => [one.DBSnapshotIdentifier, one.TagList?.map(({ Key }) => Key)]);
  aws.plant('old', { tags: [{ key: 'a', value: '' }] });
  await aws.advance(10_000);
  aws.plant('young');
  aws.world.admin.setTags('arn:aws:rds:eu-west-1:111122223333:snapshot:old', [{ key: 'b', value: '' }]);
  expect(await list()).toEqual([['old', ['a']]]);
  const byName = async (DBSnapshotIdentifier: string) =>
    (await aws.rds().send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }))).DBSnapshots?.[0]?.TagList;
  expect(await byName('old')).toEqual([{ Key: 'b', Value: '' }]);
  expect(await byName('young')).toEqual([]);
  await aws.advance(5_000);
  expect(await list()).toEqual([
    ['old', ['b']],
    ['young', []],
  ]);
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'old' }));
  expect(await list()).toHaveLength(2);
  await expect(byName('old')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  await aws.advance(5_000);
  expect(await list()).toEqual([['young', []]]);
});
