import { DeleteDBInstanceCommand, RemoveFromGlobalClusterCommand } from '@aws-sdk/client-rds';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NEW, OLD, Stand } from './clusters/stand.ts';

// What a config with a pair of Aurora clusters arms, from the ports that the handlers compose to the local RDS: lost, fenced, failed
// over, named, taken back. No real Aurora is anywhere near (docs/verify-on-aws.md).

let stand: Stand;
afterEach(() => stand.stop());
const opened = async (kind: 'aurora-replica' | 'aurora-global') => {
  stand = new Stand(kind);
  await stand.open();
  await stand.until(({ record }) => record.phase === 'healthy' && record.lastWrite !== undefined, 5);
  return stand;
};
const lose = () => stand.aws.world.admin.setStatus(OLD.region, 'old-1', 'failed');
const groups = async (of: typeof OLD) => (await stand.describe(of))?.securityGroups.map(({ id }) => id);
const phase = (name: string) => (report: { record: { phase: string } }) => report.record.phase === name;

describe('a global database', () => {
  test('whose writer is lost is fenced, fails over in the region of who is to lead, and its name leads there', async () => {
    await opened('aurora-global');
    const before = stand.names.value;
    lose();
    const { record } = await stand.until(phase('degraded'), 120);
    expect(record).toMatchObject({ epoch: 1, leader: NEW });
    expect(stand.calls.slice(0, 2)).toEqual(['ModifyDBCluster', 'FailoverGlobalCluster']);
    expect(await groups(OLD)).toEqual(['sg-fenced']);
    const next = await stand.describe(NEW);
    expect([next?.source, next?.endpoint?.host === stand.names.value]).toEqual([undefined, true]);
    expect(stand.names.value).not.toBe(before);
    // Aurora's word for its own attempt is on the receipt, beside the proof.
    expect(record.retired[0]?.fence).toMatchObject({ storage: 'blocked', provenAtMs: expect.any(Number) });
  });

  test('is taken back when Aurora has added its old primary back and a person says so: nothing is built, saved or stopped', async () => {
    await opened('aurora-global');
    lose();
    await stand.until(phase('degraded'), 120);
    await stand.say('ack');
    const { record } = await stand.until(phase('healthy'), 300);
    expect(record).toMatchObject({ epoch: 1, leader: NEW, candidate: OLD, retired: [] });
    expect(await groups(OLD)).toEqual(['sg-open']);
    expect(stand.calls).toEqual(['ModifyDBCluster', 'FailoverGlobalCluster', 'ModifyDBCluster']);
  });

  test('switched over keeps its old primary as a follower, and loses nothing; and back again', async () => {
    await opened('aurora-global');
    for (const [epoch, leader] of [
      [1, NEW],
      [2, OLD],
    ] as const) {
      await stand.say('switchover');
      const { record } = await stand.until(phase('degraded'), 120);
      expect(record).toMatchObject({ epoch, leader, lossSeconds: 0 });
      await stand.say('ack');
      await stand.until(phase('healthy'), 300);
    }
    expect(stand.calls.filter((call) => call.endsWith('GlobalCluster'))).toEqual([
      'SwitchoverGlobalCluster',
      'SwitchoverGlobalCluster',
    ]);
  });

  test.each([
    [
      'that has no DB instance',
      () =>
        stand.aws
          .rds(NEW.region)
          .send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'new-1', SkipFinalSnapshot: true })),
      'new is headless: it has no DB instance. Add one: aws rds create-db-instance --db-cluster-identifier new',
    ],
    [
      'of another version',
      async () => stand.aws.world.admin.setClusterVersion(NEW.region, 'new', '16.4'),
      'new runs engine version 16.4, its global database ledger 16.6: upgrade the one that is behind',
    ],
    [
      'that was taken out of it',
      () =>
        stand.aws.rds(NEW.region).send(
          new RemoveFromGlobalClusterCommand({
            GlobalClusterIdentifier: 'ledger',
            DbClusterIdentifier: 'arn:aws:rds:eu-central-1:111122223333:cluster:new',
          }),
        ),
      "new is part of no global database: add it to the leader's",
    ],
  ])('with a secondary %s uses no epoch, and says what would make it possible', async (_name, spoil, because) => {
    await opened('aurora-global');
    await spoil();
    await stand.aws.advance(5_000);
    lose();
    await expect(stand.until(phase('degraded'), 60)).rejects.toThrow(because);
    expect(stand.calls).toEqual([]);
  });

  test("its leader's heart beats in the guard's minute of its own region, and a secondary's in none", async () => {
    await opened('aurora-global');
    expect([await stand.minute(OLD.region), await stand.minute(NEW.region)]).toEqual([['old'], []]);
    lose();
    await stand.until(phase('degraded'), 120);
    expect([await stand.minute(OLD.region), await stand.minute(NEW.region)]).toEqual([[], ['new']]);
  });
});

describe('a replica cluster', () => {
  test('of a lost primary is promoted, who led before is saved and stopped, and another one is built in its place', async () => {
    await opened('aurora-replica');
    lose();
    const { record } = await stand.until(phase('degraded'), 120);
    expect(record).toMatchObject({ epoch: 1, leader: NEW });
    expect(stand.calls.slice(0, 2)).toEqual(['ModifyDBCluster', 'PromoteReadReplicaDBCluster']);
    stand.aws.world.admin.setStatus(OLD.region, 'old-1', 'available');
    await stand.say('ack');
    const armed = await stand.until(phase('healthy'), 300);
    expect(armed.record).toMatchObject({ leader: NEW, candidate: { instance: 'old-e1', region: OLD.region } });
    await stand.until(() => stand.calls.includes('StopDBCluster'), 300);
    expect([...new Set(stand.calls)].sort()).toEqual([
      ...['CreateDBCluster', 'CreateDBClusterSnapshot', 'CreateDBInstance', 'ModifyDBCluster'],
      ...['PromoteReadReplicaDBCluster', 'StopDBCluster'],
    ]);
    // The minute finds the rebuilt one by what it is: it follows, so that no heart beats there.
    expect(await stand.minute(OLD.region)).toEqual([]);
  });

  test('switched over loses nothing', async () => {
    await opened('aurora-replica');
    await stand.say('switchover');
    const { record } = await stand.until(phase('degraded'), 120);
    expect(record).toMatchObject({ epoch: 1, leader: NEW, lossSeconds: 0 });
    expect(stand.calls).toEqual(['ModifyDBCluster', 'PromoteReadReplicaDBCluster']);
  });
});
