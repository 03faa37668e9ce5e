import { describe, expect, test } from '@jest/globals';
import { live } from './simulation/run.ts';
import { FOR_EVER, lostHost, type Scenario } from './simulation/scenario.ts';
import { REPLICA_HOST } from './simulation/world.ts';

// What comes after a failover: a person says so, a replica is built, the roles are swapped, and it may all happen again.

const lost = { kind: 'host-lost', atMs: 30_000, forMs: 60_000 } as const;
const ACK = { verb: 'ack', atMs: 150_000 } as const;

const followed = (change: Partial<Scenario> = {}): Scenario =>
  lostHost({ faults: [lost], later: [ACK], cooldownSeconds: 60, worldMs: 600_000, ...change });

const ending = async (scenario: Scenario) => {
  const { world, record, reports } = await live(scenario);
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    leader: record?.leader.instance,
    candidate: record?.candidate.instance,
    retired: record?.retired.map(({ instance, epoch }) => `${instance} ${epoch}`),
    name: world.names.value,
    reader: world.readers.records.map(({ value }) => value.split('.')[0]),
    built: world.calls.build,
    violations: world.violations,
    record,
    world,
    reports,
  };
};

const REARMED = {
  phase: 'healthy',
  epoch: 1,
  leader: 'new',
  candidate: 'old-e1',
  retired: ['old 1'],
  name: REPLICA_HOST,
  reader: ['old-e1'],
  violations: [],
};

describe('after a failover', () => {
  test('and a word from a person a replica is built in the other region, and the roles are swapped once it follows', async () => {
    expect(await ending(followed())).toMatchObject({ ...REARMED, built: 1 });
  });

  test('nobody acknowledges: nothing is built, and it says what it waits for', async () => {
    const end = await ending(followed({ later: [] }));
    expect(end).toMatchObject({ phase: 'degraded', built: undefined, violations: [] });
    expect(end.reports.at(-1)?.sentence).toContain('it waits: nobody has acknowledged the incident yet');
  });

  test('that was planned: the old leader cannot follow on RDS either, so a replica is built as well', async () => {
    const planned = followed({ faults: [], person: { verb: 'switchover', atMs: 45_000 } });
    expect(await ending(planned)).toMatchObject({ ...REARMED, built: 1 });
  });

  test('a person builds the replica under the old name: it is taken, and nothing is built', async () => {
    const end = await ending(followed({ later: [{ verb: 'replace', atMs: 150_000 }] }));
    expect(end).toMatchObject({ ...REARMED, candidate: 'old', retired: [], reader: ['old'], built: undefined });
  });

  test('a crash or a frozen worker at any call on the way: one replica, and the same end', async () => {
    for (let call = 150; call <= 420; call += 6) {
      const crashed = await ending(followed({ crash: { call, after: call % 4 === 0 } }));
      expect({ call, ...crashed }).toMatchObject({ call, ...REARMED });
      const frozen = await ending(followed({ freeze: { call, forMs: 70_000 } }));
      expect({ call, ...frozen }).toMatchObject({ call, ...REARMED });
    }
  }, 120_000);

  test('whose old primary never came back: a replica is built like it all the same, and the swap is told once', async () => {
    const end = await ending(followed({ faults: [{ ...lost, forMs: FOR_EVER }] }));
    expect(end).toMatchObject({ ...REARMED, built: 1 });
    expect(end.world.pages.filter((page) => page.includes('the roles are swapped'))).toHaveLength(1);
  });
});

describe('with the roles swapped', () => {
  const again = { ...lost, atMs: 330_000, forMs: FOR_EVER };

  test('a second lost host fails over to the rebuilt one, in the other direction', async () => {
    const end = await ending(followed({ faults: [lost, again] }));
    expect(end).toMatchObject({ phase: 'degraded', epoch: 2, leader: 'old-e1', violations: [] });
    expect([end.name?.split('.')[0], end.retired]).toEqual(['old-e1', ['old 1', 'new 2']]);
  });

  test('and back once more: the roles as at first, everybody who led before closed', async () => {
    const end = await ending(
      followed({ faults: [lost, again], later: [ACK, { verb: 'ack', atMs: 420_000 }], worldMs: 720_000 }),
    );
    expect(end).toMatchObject({ phase: 'healthy', epoch: 2, leader: 'old-e1', candidate: 'new-e2', violations: [] });
  });

  test('a failback is a switchover, with no row lost', async () => {
    const back = { verb: 'switchover', atMs: 330_000 } as const;
    const end = await ending(followed({ later: [ACK, back] }));
    expect(end).toMatchObject({ phase: 'degraded', epoch: 2, leader: 'old-e1', violations: [] });
    expect(end.record?.lossSeconds).toBe(0);
  });

  test('a cut link, a frozen host and a cut region are no disaster of the new leader either', async () => {
    for (const kind of ['link-cut', 'observer-cut', 'region-cut', 'frozen', 'stopped'] as const) {
      const end = await ending(followed({ faults: [lost, { kind, atMs: 330_000, forMs: FOR_EVER }] }));
      expect({ kind, ...end }).toMatchObject({ kind, epoch: 1, leader: 'new', name: REPLICA_HOST, violations: [] });
    }
  });

  test('the old primary comes back late: fenced, snapshotted, stopped, and the new leader is watched meanwhile', async () => {
    const faults: Scenario['faults'] = [
      { ...lost, forMs: 300_000 },
      { ...again, atMs: 345_000 },
    ];
    const end = await ending(followed({ faults }));
    expect(end).toMatchObject({ epoch: 2, leader: 'old-e1', violations: [] });
    expect([end.world.calls.salvage, end.world.old.status]).toEqual([1, 'stopped']);
  });

  test('what a person deletes is forgotten', async () => {
    const end = await ending(followed({ later: [ACK, { verb: 'delete', atMs: 400_000 }] }));
    expect(end).toMatchObject({ ...REARMED, retired: [] });
  });
});
