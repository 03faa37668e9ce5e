import { Resolver } from 'node:dns/promises';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LedgerWriter, startWriter } from '../../demo/ledger.ts';
import { mainstay, until } from '../../demo/stage.ts';
import { dynamoRecords } from '../../functions/failover/aws/record-store.ts';
import { recordTable } from '../../functions/failover/run/settings.ts';
import { openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import type { Config, PairConfig } from '../../shared/config/schema.ts';
import { describeWithEngines } from '../engine.ts';

// One story: a host is lost, the replica leads, a person acknowledges, a replica is built where the old leader was, the pair is
// armed with its roles swapped, and a switchover leads back. Built bundles, real servers, one writer through the name all along.

await describeWithEngines(['ministack', 'dynamodb', 'postgres'], 'a pair that failed over', () => {
  let config: Config;
  let pair: PairConfig;
  let aws: LocalAws;
  let byName: LedgerWriter;
  let stubborn: LedgerWriter;
  const rebuilt = 'ledger-primary-e1';
  const ended: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    config = await readConfigFile('local');
    pair = config.failover.pairs[0] as PairConfig;
    aws = await startLocalAws({ port: 0, engines: ['ministack', 'dynamodb', 'postgres'] });
    ended.push(() => aws.stop());
    await openEstate(aws, config, { databases: true });
    Object.assign(process.env, aws.env());
    await aws.loadStacks();
    await until('a pair that is watched', 90, record, (one) => one?.lastWrite !== undefined);
    byName = await startWriter({ aws, config }, pair.dns.writer, 'estate/ledger-app', { lanes: 1 });
    ended.push(() => byName.stop());
    await until('the writer', 30, rowsByName, (rows) => rows.length > 200);
  }, 180_000);

  afterAll(async () => {
    for (const end of ended.reverse()) await end();
  }, 60_000);

  const record = () =>
    dynamoRecords(recordTable(config), config.regions.recovery)
      .load(pair.name)
      .catch(() => undefined);
  const rowsByName = () => byName.acknowledged();
  const hostOf = (region: string, id: string) => aws.rds.admin.instance(region, id);
  const say = (...args: string[]) => mainstay({ aws }, 'failover', ...args, '--by', 'alex', '--why', 'a test');
  const rowsOn = async (region: string, id: string) =>
    new Set(
      (await hostOf(region, id).query('select number from ledger', [], 'ledger')).map((row) => Number(row.number)),
    );
  const rowsOnceOn = (address: string, afterMs: number) =>
    until(
      'commits by name there',
      60,
      rowsByName,
      (rows) => rows.filter((row) => row.server === address && row.atMs > afterMs).length > 20,
    );
  const described = async (region: string, id: string) => {
    const rds = new RDSClient({ region });
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    rds.destroy();
    return DBInstances?.[0];
  };
  const shut = (group: string | undefined) => JSON.stringify([{ VpcSecurityGroupId: group, Status: 'active' }]);
  const writerLeadsTo = async () => {
    const resolver = new Resolver();
    resolver.setServers([aws.dns.address]);
    return (await resolver.resolveCname(pair.dns.writer))[0];
  };

  test('the replica leads after its source is lost, and nothing is built before a person says so', async () => {
    aws.rds.admin.hostLost(config.regions.primary, pair.primary.instance);
    const lostMs = Date.now();
    await until('the failover', 120, record, (one) => one?.phase === 'degraded');
    await rowsOnceOn(hostOf(config.regions.recovery, pair.replica.instance).address, lostMs);
    aws.rds.admin.return_(config.regions.primary, pair.primary.instance);
    await until(
      'the old primary, fenced',
      60,
      () => described(config.regions.primary, pair.primary.instance),
      (one) => JSON.stringify(one?.VpcSecurityGroups) === shut(pair.fencedSecurityGroupId),
    );
    await expect(described(config.regions.primary, rebuilt)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    expect(await record()).toMatchObject({ phase: 'degraded', epoch: 1, leader: { instance: pair.replica.instance } });
  }, 300_000);

  test('acknowledged, a replica is built where the old leader was, like it, and the pair is armed with its roles swapped', async () => {
    await say('ack', pair.name, '--epoch', '1');
    const armed = await until('a pair that is armed again', 150, record, (one) => one?.phase === 'healthy');
    expect(armed).toMatchObject({
      epoch: 1,
      leader: { instance: pair.replica.instance, region: config.regions.recovery },
      candidate: { instance: rebuilt, region: config.regions.primary },
    });
    const twin = await described(config.regions.primary, rebuilt);
    const old = await described(config.regions.primary, pair.primary.instance);
    expect(twin).toMatchObject({
      DBInstanceStatus: 'available',
      ReadReplicaSourceDBInstanceIdentifier: (await described(config.regions.recovery, pair.replica.instance))
        ?.DBInstanceArn,
      ...{ DBInstanceClass: old?.DBInstanceClass, KmsKeyId: old?.KmsKeyId, AllocatedStorage: old?.AllocatedStorage },
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0open', Status: 'active' }],
      TagList: expect.arrayContaining([{ Key: 'mainstay:failover', Value: pair.name }]),
    });
  }, 200_000);

  test('a switchover leads back: no row is lost, the door that was left is shut, the name leads home', async () => {
    const { endpointName, address } = hostOf(config.regions.recovery, pair.replica.instance);
    stubborn = await startWriter({ aws, config }, endpointName, 'estate/ledger-app', {
      lanes: 1,
      first: 1_000_000_000,
    });
    ended.push(() => stubborn.stop());
    await until(
      'the stubborn writer',
      30,
      () => stubborn.acknowledged(),
      (rows) => rows.length > 20,
    );
    await say('switchover', pair.name, '--epoch', '1');
    const toldMs = Date.now();
    const back = await until('the switchover', 150, record, (one) => one?.phase === 'degraded' && one.epoch === 2);
    expect(back).toMatchObject({ lossSeconds: 0, leader: { instance: rebuilt, region: config.regions.primary } });
    const home = hostOf(config.regions.primary, rebuilt);
    await rowsOnceOn(home.address, toldMs);
    const [rows, stuck] = [await byName.stop(), await stubborn.stop()];

    const there = await rowsOn(config.regions.primary, rebuilt);
    const ofTheLeader = [...rows, ...stuck].filter((row) => row.server === address || row.server === home.address);
    expect(ofTheLeader.filter(({ number }) => !there.has(number))).toEqual([]);
    for (const server of [address, home.address]) {
      expect(ofTheLeader.filter((row) => row.server === server).length).toBeGreaterThan(20);
    }
    const openedMs = Math.min(...rows.filter((row) => row.server === home.address).map(({ atMs }) => atMs));
    expect([...rows, ...stuck].filter((row) => row.server === address && row.atMs > openedMs)).toEqual([]);

    const left = await described(config.regions.recovery, pair.replica.instance);
    expect(JSON.stringify(left?.VpcSecurityGroups)).toBe(shut(pair.replica.fencedSecurityGroupId));
    expect(await writerLeadsTo()).toBe(home.endpointName);
    // Nobody who led before is deleted: all of them stay, shut.
    expect(back?.retired.map(({ instance, epoch }) => [instance, epoch])).toEqual([
      [pair.primary.instance, 1],
      [pair.replica.instance, 2],
    ]);
    const old = () => described(config.regions.primary, pair.primary.instance);
    await until('the first leader, stopped', 60, old, (one) => one?.DBInstanceStatus === 'stopped');
    console.info(`${ofTheLeader.length} rows acknowledged by two leaders around the switchover, 0 lost`);
  }, 300_000);
});
