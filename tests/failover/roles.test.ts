import { describe, expect, test } from '@jest/globals';
import { live } from './simulation/run.ts';
import { lostHost, type Scenario } from './simulation/scenario.ts';
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
});
