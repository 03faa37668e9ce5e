import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auroraGlobalPrimarySql, auroraGlobalReplicaSql } from '../../functions/failover/aws/aurora-sql.ts';
import { describeWithEngines } from '../engine.ts';
import { openPair, policy } from './real/pair.ts';

// setup.sql's way to a global database, on real PostgreSQL servers. Aurora's function is a stand-in with the columns of AWS's page,
// which says what a table holds: no Aurora was to be had. The heartbeat is replicated by PostgreSQL, where Aurora's storage does it.

const HERE = 'eu-west-1';
const THERE = 'eu-central-1';
const guard = { kind: 'secret', secretId: 'guard' } as const;

const STAND_IN = `
  create table public.said (aws_region text, highest_lsn_written bigint, durability_lag_in_msec int, rpo_lag_in_msec int,
    last_lag_calculation_time timestamptz, feedback_epoch bigint, feedback_xmin bigint);
  create function pg_catalog.aurora_global_db_status() returns setof public.said language sql as 'select * from public.said';
  insert into public.said values ('${HERE}', 93763984222, -1, -1, 'epoch', 0, 0),
    ('${THERE}', 93763984200, 900, 1090, clock_timestamp() + interval '1 day', 2, 3315479243);`;

await describeWithEngines(['postgres'], 'the SQL of a global database on a real PostgreSQL pair', () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  beforeAll(async () => {
    pair = await openPair();
  }, 60_000);
  afterAll(() => pair?.stop(), 30_000);

  const primary = () => pair.world.admin.instance(HERE, policy.primary.instance);
  const replica = () => pair.world.admin.instance(THERE, policy.replica.instance);
  const at = ({ endpointName, port }: { endpointName: string; port: number }) => ({ host: endpointName, port });
  const beat = (atMs: number, epoch: number) =>
    auroraGlobalPrimarySql('postgres', guard, HERE).beat(at(primary()), atMs, epoch);
  const view = () => auroraGlobalReplicaSql('postgres', guard, THERE).view(at(replica()), ['app']);
  const until = async (isSo: () => Promise<boolean>) => {
    for (let tries = 0; tries < 60 && !(await isSo()); tries += 1) await sleep(100);
    expect(await isSo()).toBe(true);
  };

  test('where Aurora’s function is not, a write is a write, and a secondary gives no view', async () => {
    expect(await beat(1_000, 4)).toMatchObject({ kind: 'wrote', lsn: '', epoch: 4 });
    await expect(view()).rejects.toThrow('aurora_global_db_status');
  });

  test('a login that may no more than setup.sql gives it reads the volumes, and the heartbeat that came', async () => {
    await primary().query(STAND_IN, [], 'ledger');
    // The epoch and the time of a beat never go down.
    expect(await beat(500, 3)).toMatchObject({ kind: 'wrote', lsn: '93763984222@1000', epoch: 4 });
    await until(async () => (await view().catch(() => undefined))?.heartbeat?.epoch === 4);
    expect(await view()).toMatchObject({
      inRecovery: true,
      // Compared a moment ago by its clock: what is left is the lag.
      lastMessageAgeMs: expect.any(Number),
      receivedLsn: '93763984200@1000',
      heartbeat: { epoch: 4, atMs: 1_000 },
      lacks: [],
    });
    expect((await view()).lastMessageAgeMs).toBeLessThanOrEqual(900);
  }, 20_000);

  test('it grows old when neither log nor comparison come, and may hear again with the next beat', async () => {
    await primary().query(
      `update public.said set last_lag_calculation_time = now() - interval '1 hour' where aws_region = '${THERE}'`,
      [],
      'ledger',
    );
    const marks = `93763984200/4/1000`;
    const old = async () =>
      auroraGlobalReplicaSql('postgres', guard, THERE).view(at(replica()), ['app'], {
        ...{ marks, sinceMs: Date.now() - 60_000, lookedMs: Date.now() },
      });
    await until(async () => ((await old()).lastMessageAgeMs ?? 0) >= 3_600_000);
    expect((await old()).mayHearAgeMs).toBeGreaterThanOrEqual(60_000);
    await beat(2_000, 4);
    await until(async () => (await old()).heartbeat?.atMs === 2_000);
    expect((await old()).mayHearAgeMs).toBeLessThan(10_000);
  }, 20_000);

  test('the volume that leads is nobody’s replica', async () => {
    const leading = auroraGlobalReplicaSql('postgres', guard, HERE);
    await expect(leading.view(at(replica()), ['app'])).rejects.toThrow('the volume in eu-west-1 leads');
    const seen = await leading.view(at(primary()), ['app']);
    expect([seen.inRecovery, seen.lastMessageAgeMs]).toEqual([false, undefined]);
  });
});
