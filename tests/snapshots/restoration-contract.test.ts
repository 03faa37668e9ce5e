import {
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DescribeDBClustersCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rdsRestorations } from '../../functions/snapshots/aws/restorations.ts';
import { RESTORED_FROM } from '../../functions/snapshots/core/restoration/plan.ts';
import { openInMemoryRestorations } from '../../functions/snapshots/run/restoration/in-memory.ts';
import type { NewDatabase, Restorations } from '../../functions/snapshots/run/restoration/ports.ts';
import { master, minuteMs, Records } from '../local-rds/records.ts';
import { database, snapshot } from './samples.ts';

/** A world with the instance snapshot `one` of `orders` and the cluster snapshot `two` of the Aurora cluster `grid`. */
interface World {
  ports: Restorations;
  /** Lets what was begun come to its end. */
  settle(): Promise<void>;
}

const tags = { [RESTORED_FROM]: 'arn:aws:rds:eu-west-1:111122223333:snapshot:one', team: 'shop' };
const wanted = (name: string, over: Partial<NewDatabase> = {}): NewDatabase => ({
  ...{ form: 'instance', name, from: 'one', keyId: undefined, instanceClass: undefined, subnetGroup: undefined },
  ...{ securityGroupIds: undefined, parameterGroup: undefined, tags },
  ...over,
});

/** What a restoration relies on, asked of every world in the same words. */
const contract = (world: () => World): void => {
  test('what is not there is not there', async () => {
    expect(await world().ports.find('instance', 'nobody')).toBeUndefined();
    expect(await world().ports.find('cluster', 'nobody')).toBeUndefined();
    expect(await world().ports.findSnapshot('instance', 'nobody')).toBeUndefined();
    expect(await world().ports.placement('instance', 'nobody')).toBeUndefined();
  });

  test('a restored instance is seen while it is made, with its tags, and has an endpoint when it is there', async () => {
    expect(await world().ports.restore(wanted('back'))).toEqual({ kind: 'asked' });
    const making = await world().ports.find('instance', 'back');
    expect(making).toMatchObject({ status: 'creating', tags });
    expect(making?.endpoint).toBeUndefined();
    await world().settle();
    expect(await world().ports.find('instance', 'back')).toMatchObject({
      status: 'available',
      endpoint: { host: expect.stringMatching(/./), port: 5432 },
    });
  });

  test('a name that is taken is not restored over, whoever has it', async () => {
    expect(await world().ports.restore(wanted('back'))).toEqual({ kind: 'already-exists' });
    expect(await world().ports.restore(wanted('orders'))).toEqual({ kind: 'already-exists' });
  });

  test('a snapshot that is not there is a refusal, not an exception', async () => {
    expect(await world().ports.restore(wanted('other', { from: 'nothing' }))).toMatchObject({ kind: 'refused' });
  });

  test('an unencrypted snapshot is encrypted by a copy, which is seen while it is made and has only the given tags', async () => {
    const copy = { from: 'one', name: 'one-encrypted', keyId: 'alias/estate', tags };
    expect(await world().ports.copyEncrypted(copy)).toEqual({ kind: 'asked' });
    expect(await world().ports.findSnapshot('instance', 'one-encrypted')).toMatchObject({ status: 'creating', tags });
    expect(await world().ports.restore(wanted('safe', { from: 'one-encrypted' }))).toMatchObject({ kind: 'refused' });
    expect(await world().ports.copyEncrypted(copy)).toEqual({ kind: 'already-exists' });
    await world().settle();
    expect(await world().ports.findSnapshot('instance', 'one-encrypted')).toMatchObject({
      status: 'available',
      encrypted: true,
    });
    expect(await world().ports.restore(wanted('safe', { from: 'one-encrypted' }))).toEqual({ kind: 'asked' });
  });

  test('an Aurora cluster comes without an instance, and gets one', async () => {
    const cluster = wanted('grid-back', { form: 'aurora', from: 'two' });
    expect(await world().ports.restore(cluster)).toEqual({ kind: 'asked' });
    expect(await world().ports.restore(cluster)).toEqual({ kind: 'already-exists' });
    await world().settle();
    const restored = await world().ports.find('cluster', 'grid-back');
    expect(restored).toMatchObject({
      status: 'available',
      engine: 'aurora-postgresql',
      tags,
      endpoint: { port: 5432 },
    });
    const { engine = '' } = restored ?? {};
    const member = { name: 'grid-back-1', cluster: 'grid-back', engine, instanceClass: 'db.r6g.large', tags };
    expect(await world().ports.addMember(member)).toEqual({ kind: 'asked' });
    expect(await world().ports.addMember(member)).toEqual({ kind: 'already-exists' });
    await world().settle();
    expect(await world().ports.find('instance', 'grid-back-1')).toMatchObject({
      status: 'available',
      memberOf: 'grid-back',
    });
  });

  test("a source's class is known, of a cluster by its writer", async () => {
    expect(await world().ports.placement('instance', 'orders')).toMatchObject({ instanceClass: 'db.m6i.large' });
    expect(await world().ports.placement('cluster', 'grid')).toMatchObject({ instanceClass: 'db.r6g.large' });
  });
};

describe('restorations in memory', () => {
  let world: World;
  beforeAll(() => {
    const orders = database('orders');
    const grid = database('grid', { kind: 'cluster', engine: 'aurora-postgresql' });
    const memory = openInMemoryRestorations([
      snapshot(orders, 0, { id: 'one', engine: 'postgres' }),
      snapshot(grid, 0, { id: 'two', engine: 'aurora-postgresql' }),
    ]);
    memory.databases.push(orders, grid);
    memory.placements.set('orders', { instanceClass: 'db.m6i.large' });
    memory.placements.set('grid', { instanceClass: 'db.r6g.large' });
    world = { ports: memory.ports, settle: async () => memory.settle() };
  });
  contract(() => world);
});

describe('restorations on RDS', () => {
  let world: World;
  let aws: Records;
  beforeAll(async () => {
    aws = new Records();
    await aws.createAvailable('orders', { AllocatedStorage: 20 });
    await aws.snapshot('orders', 'one', { Tags: [{ Key: 'other', Value: 'x' }] });
    await aws.aurora('grid', { EngineVersion: '16.6' });
    await aws.rds().send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: 'grid-1', DBClusterIdentifier: 'grid', DBInstanceClass: 'db.r6g.large' },
        Engine: 'aurora-postgresql',
      }),
    );
    await aws.advance(minuteMs);
    await aws
      .rds()
      .send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'grid', DBClusterSnapshotIdentifier: 'two' }));
    await aws.advance(20 * minuteMs);
    world = { ports: rdsRestorations(aws.rds()), settle: () => aws.advance(20 * minuteMs) };
  });
  afterAll(() => aws?.stop());
  contract(() => world);

  const cluster = async (DBClusterIdentifier: string) =>
    (await aws.rds().send(new DescribeDBClustersCommand({ DBClusterIdentifier }))).DBClusters?.[0];

  test("a cluster keeps its snapshot's engine version: without one RDS takes the region's default", async () => {
    expect((await cluster('grid-back'))?.EngineVersion).toBe((await cluster('grid'))?.EngineVersion);
  });

  test('a cluster is encrypted by its restore; a Multi-AZ one brings its own instances', async () => {
    expect(
      await world.ports.restore(wanted('grid-safe', { form: 'aurora', from: 'two', keyId: 'alias/estate' })),
    ).toEqual({ kind: 'asked' });
    expect(await cluster('grid-safe')).toMatchObject({ StorageEncrypted: true });
    await aws.rds().send(
      new CreateDBClusterCommand({
        ...{ DBClusterIdentifier: 'trio', Engine: 'postgres', DBClusterInstanceClass: 'db.r6gd.large' },
        ...{ AllocatedStorage: 100, Iops: 1_000, BackupRetentionPeriod: 7, ...master },
      }),
    );
    await aws.advance(minuteMs);
    await aws
      .rds()
      .send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'trio', DBClusterSnapshotIdentifier: 'three' }));
    await aws.advance(20 * minuteMs);
    const placement = await world.ports.placement('cluster', 'trio');
    expect(placement).toMatchObject({ instanceClass: 'db.r6gd.large' });
    const form = { form: 'multi-az-cluster', from: 'three', instanceClass: placement?.instanceClass } as const;
    expect(await world.ports.restore(wanted('trio-back', form))).toEqual({ kind: 'asked' });
    await aws.advance(20 * minuteMs);
    expect((await cluster('trio-back'))?.DBClusterMembers).toHaveLength(3);
  });

  test('no answer is no evidence', async () => {
    aws.world.admin.outage('eu-west-1', true);
    expect(await world.ports.restore(wanted('lost'))).toMatchObject({ kind: 'unknown' });
    await expect(world.ports.find('instance', 'lost')).rejects.toThrow();
    aws.world.admin.outage('eu-west-1', false);
  });
});
