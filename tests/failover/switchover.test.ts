import { describe, expect, test } from '@jest/globals';
import { live } from './simulation/run.ts';
import { FOR_EVER, plannedChange, type Scenario } from './simulation/scenario.ts';
import { REPLICA_HOST, START_MS } from './simulation/world.ts';

// A planned change in the simulated world; real-switchover.test.ts does it on two PostgreSQL servers.

const SWITCHED = { phase: 'degraded', epoch: 1, leader: 'new', lost: 0, name: REPLICA_HOST, violations: [] };
const STAYED = { phase: 'healthy', leader: 'old', promotions: undefined, mayLogIn: true, violations: [] };

const ending = async (scenario: Scenario) => {
  const { world, record, reports } = await live(scenario);
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    leader: record?.leader.instance,
    lost: record?.lossSeconds,
    name: world.names.value,
    promotions: world.calls.promote,
    mayLogIn: world.roleMayLogin,
    violations: world.violations,
    phases: [...new Set(reports.map((report) => report.record.phase))],
    sentences: reports.map(({ sentence }) => sentence),
  };
};

describe('asked to switch over', () => {
  test.each([50, 5_000, 40_000])('with a lag of %d ms: the replica leads, with no row lost', async (lagMs) => {
    const end = await ending(plannedChange({ lagMs }));
    expect(end).toMatchObject(SWITCHED);
    expect(end.phases).toEqual(
      expect.arrayContaining(['quiescing', 'draining', 'closing', 'promoting', 'verifying', 'degraded']),
    );
  });

  test('a crash or a frozen worker at any call: switched or called off, never two primaries, logins never left closed', async () => {
    const ends = new Set<string>();
    for (let call = 25; call <= 110; call += 1) {
      const after = call % 2 === 1;
      const crashed = await ending(plannedChange({ crash: { call, after } }));
      const frozen = await ending(plannedChange({ freeze: { call, forMs: 3_000 + (call % 7) * 9_000 } }));
      for (const { phase, leader, violations } of [crashed, frozen]) {
        expect({ call, violations }).toEqual({ call, violations: [] });
        ends.add(`${phase} ${leader}`);
      }
    }
    expect([...ends].sort()).toEqual(expect.arrayContaining(['degraded new']));
    for (const end of ends) expect(['degraded new', 'healthy old']).toContain(end);
  }, 120_000);

  test('of a pair that is seldom looked at, while the replica is backed up: it begins a step after that, not at the next quiet look', async () => {
    const faults: Scenario['faults'] = [{ kind: 'replica-backing-up', atMs: 40_000, forMs: 55_000 }];
    const person = { verb: 'switchover' as const, atMs: 59_000 };
    const { world, record } = await live(plannedChange({ faults, person, maxLossSeconds: 180, hints: 0 }));
    expect(record).toMatchObject({ phase: 'degraded', epoch: 1 });
    expect((record?.passed.quiescing ?? FOR_EVER) - START_MS - 95_000).toBeLessThan(6_000);
    expect(world.violations).toEqual([]);
  });

  const refused: [string, Partial<Scenario>, RegExp][] = [
    ['in mode observe', { mode: 'observe' }, /the mode is observe/],
    ['with the link cut', { faults: [{ kind: 'link-cut', atMs: 40_000, forMs: FOR_EVER }] }, /does not hear/],
    [
      'while the replica is backed up',
      { faults: [{ kind: 'replica-backing-up', atMs: 40_000, forMs: FOR_EVER }] },
      /backing-up/,
    ],
    [
      'with a name that was moved',
      { faults: [{ kind: 'name-moved', atMs: 40_000, forMs: FOR_EVER }] },
      /not the leader/,
    ],
  ];
  test.each(refused)('%s: not begun, and it says why', async (_name, change, why) => {
    const end = await ending(plannedChange(change));
    expect(end).toMatchObject({ ...STAYED, epoch: 0 });
    expect(end.sentences.find((sentence) => sentence.includes('not begun'))).toMatch(why);
  });

  const calledOff: [string, Partial<Scenario>][] = [
    [
      'the link is cut while the replica drains',
      { lagMs: 40_000, faults: [{ kind: 'link-cut', atMs: 95_000, forMs: FOR_EVER }] },
    ],
    ['the replica is too far behind', { lagMs: 70_000 }],
    [
      'the leader dies meanwhile and RDS heals it',
      { lagMs: 40_000, faults: [{ kind: 'process-killed', atMs: 95_000, forMs: 40_000 }] },
    ],
    ['the security group does not become active', { groupsActiveAfterMs: 100_000 }],
  ];
  test.each(calledOff)('%s: called off, and the logins are open again', async (_name, change) => {
    expect(await ending(plannedChange(change))).toMatchObject(STAYED);
  });
});
