import { describe, expect, test } from '@jest/globals';
import { whatToType } from '../../functions/failover/core/sentence.ts';
import type { StepReport } from '../../functions/failover/run/reconcile.ts';
import type { Replication } from './simulation/binlog.ts';
import { live } from './simulation/run.ts';
import { FOR_EVER, lostHost, MARIADB, MYSQL, plannedChange, type Scenario } from './simulation/scenario.ts';

// Worlds of MySQL and MariaDB: what differs from PostgreSQL's in worlds.test.ts. simulation.test.ts lives through any.

const lost = { kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER } as const;

const of = (replication: Partial<Replication>, change: Partial<Scenario> = {}) =>
  lostHost({ replication: { ...MARIADB, ...replication }, ...change });

const ending = async (scenario: Scenario) => {
  const { world, record } = await live(scenario);
  return { phase: record?.phase, epoch: record?.epoch, leader: record?.leader.instance, violations: world.violations };
};
const FAILED_OVER = { phase: 'degraded', epoch: 1, leader: 'new', violations: [] };
const HELD = { phase: 'confirming', epoch: 0, leader: 'old', violations: [] };

describe.each([
  ['MariaDB', MARIADB],
  ['MySQL', MYSQL],
  ['MySQL without its performance schema', { ...MYSQL, hasClock: false }],
  ['MySQL without GTIDs', { ...MYSQL, hasGtids: false }],
])('a lost host of %s', (_name, replication) => {
  test('ends with the replica leading, at any lag of its applier that drains', async () => {
    for (const lagMs of [50, 5_000, 40_000])
      expect({ lagMs, ...(await ending(of(replication, { lagMs }))) }).toEqual({ lagMs, ...FAILED_OVER });
  });

  test('what was received is waited for, and no more than was on the wire is lost', async () => {
    const { world, record, reports } = await live(of(replication, { lagMs: 40_000 }));
    const [leader, old] = [world.leading, world.old];
    expect(reports.some(({ sentence }) => sentence.includes('it still applies what it received'))).toBe(true);
    expect(old.lastCommitMs - leader.replayedCommitMs).toBeLessThanOrEqual(replication.wireMs + 1_000);
    expect(record?.lossSeconds).toBeLessThan(30);
  });

  test('an applier that has stopped: its newest heartbeat bounds the loss, and holds where that is too much', async () => {
    const stopped = (atMs: number): Partial<Scenario> => ({
      faults: [lost, { kind: 'applier-stopped', atMs, forMs: FOR_EVER }],
    });
    expect(await ending(of(replication, stopped(20_000)))).toEqual(FAILED_OVER);
    expect(await ending(of(replication, { ...stopped(12_000), maxLossSeconds: 10 }))).toEqual(HELD);
  });

  test('a receiver that stood still: held where more may be missing than is allowed', async () => {
    const faults: Scenario['faults'] = [lost, { kind: 'receiver-stopped', atMs: 12_000, forMs: FOR_EVER }];
    expect(await ending(of(replication, { faults, maxLossSeconds: 10 }))).toEqual(HELD);
  });

  test('transactions that only the replica has: held, told what to type, and forced', async () => {
    const faults: Scenario['faults'] = [lost, { kind: 'replica-diverged', atMs: 20_000, forMs: 1 }];
    // Without GTIDs nobody can tell.
    const isSeen = replication.hasGtids;
    expect(await ending(of(replication, { faults }))).toEqual(isSeen ? HELD : FAILED_OVER);
    if (!isSeen) return;
    const last = (await live(of(replication, { faults }))).reports.at(-1) as StepReport;
    expect(last.sentence).toContain('G9 the replica has transactions of its own, which the leader never had:');
    expect(whatToType(last.decision)).toContain('--accept divergence');
    expect(await ending(of(replication, { faults, person: { verb: 'force', atMs: 90_000 } }))).toEqual(FAILED_OVER);
  });

  test('appliers side by side without the order of the source: nothing bounds the loss', async () => {
    expect(await ending(of({ ...replication, outOfOrder: true }))).toEqual(HELD);
  });

  test('a crash or a frozen worker at any call: the same end', async () => {
    for (let call = 9; call <= 150; call += 5) {
      const after = call % 2 === 1;
      const one = { call, ...FAILED_OVER };
      expect({ call, ...(await ending(of(replication, { crash: { call, after } }))) }).toEqual(one);
      expect({ call, ...(await ending(of(replication, { freeze: { call, forMs: 25_000 } }))) }).toEqual(one);
    }
  }, 60_000);
});

describe('what is no disaster ends without an epoch', () => {
  const cases: [string, Scenario['faults']][] = [
    ['a receiver that stopped', [{ kind: 'receiver-stopped', atMs: 30_000, forMs: FOR_EVER }]],
    ['an applier that stopped', [{ kind: 'applier-stopped', atMs: 30_000, forMs: FOR_EVER }]],
    ['a replica that restarts', [{ kind: 'relay-log-lost', atMs: 30_000, forMs: 1 }]],
    ['a killed process, whose replica waits to connect', [{ kind: 'process-killed', atMs: 30_000, forMs: 12_000 }]],
    ['a cut link', [{ kind: 'link-cut', atMs: 30_000, forMs: FOR_EVER }]],
  ];
  test.each(cases)('%s', async (_name, faults) => {
    for (const replication of [MARIADB, MYSQL])
      expect(await ending(of(replication, { faults }))).toMatchObject({ epoch: 0, leader: 'old', violations: [] });
  });

  test('an observer that forgets at every look never makes a silence: it is heard just now', async () => {
    const faults: Scenario['faults'] = [{ kind: 'link-cut', atMs: 30_000, forMs: FOR_EVER }];
    const end = await ending(of({ observerLivesMs: 1 }, { faults, idle: true }));
    expect(end).toMatchObject({ epoch: 0, violations: [] });
  });
});

describe('a planned change', () => {
  const change = (replication: Partial<Replication>, more: Partial<Scenario> = {}) =>
    plannedChange({ replication: { ...MARIADB, ...replication }, ...more });

  test.each([MARIADB, MYSQL])('drains what is received and not applied, and loses nothing', async (replication) => {
    const { world, record } = await live(change(replication, { lagMs: 20_000 }));
    expect([record?.phase, record?.epoch, world.violations]).toEqual(['degraded', 1, []]);
    expect(world.leading.replayedCommitMs).toBeGreaterThanOrEqual(world.old.lastRowMs);
  });

  test('of a quiet pair that is seldom looked at begins at the second look after it was asked for, and no later', async () => {
    const { world, record, reports } = await live(change({}, { maxLossSeconds: 180, hints: 0 }));
    expect([record?.phase, record?.epoch, world.violations]).toEqual(['degraded', 1, []]);
    const said = reports.map(({ sentence }) => sentence);
    const first = said.findIndex((one) => one.includes('known at the next look'));
    expect(first).toBeGreaterThan(0);
    expect(said[first + 1]).toContain('goes from healthy to quiescing');
  });

  test('does not begin behind a cut link on the news of before it: the writers go on', async () => {
    // The run that would have looked meanwhile died: at the next look all that came before the cut is news.
    const faults: Scenario['faults'] = [{ kind: 'link-cut', atMs: 17_000, forMs: FOR_EVER }];
    const person = { verb: 'switchover' as const, atMs: 59_000 };
    for (const call of [9, 13, 17, 21, 25]) {
      const more = { faults, person, crash: { call, after: false }, maxLossSeconds: 180, hints: 0, confirmSeconds: 5 };
      const { world, record } = await live(change({}, more));
      expect([call, record?.epoch, world.calls.quiesce, world.violations]).toEqual([call, 0, undefined, []]);
    }
  });

  test('is refused without GTIDs, and to a replica with transactions of its own', async () => {
    const { reports, record } = await live(change({ ...MYSQL, hasGtids: false }));
    expect(record?.epoch).toBe(0);
    expect(reports.some(({ sentence }) => sentence.includes('turn its GTIDs on'))).toBe(true);
    const diverged = await live(change({}, { faults: [{ kind: 'replica-diverged', atMs: 20_000, forMs: 1 }] }));
    expect([diverged.record?.epoch, diverged.world.violations]).toEqual([0, []]);
  });

  test('is called off where the applier stops, and the leader is opened again', async () => {
    const faults: Scenario['faults'] = [{ kind: 'applier-stopped', atMs: 71_000, forMs: FOR_EVER }];
    const { world, record } = await live(change({}, { faults, lagMs: 5_000 }));
    expect([record?.phase, record?.leader.instance, world.roleMayLogin, world.violations]).toEqual([
      'healthy',
      'old',
      true,
      [],
    ]);
  });
});

test('the roles are not swapped to a rebuilt replica that has transactions of its own, and people are told once', async () => {
  const scenario = of(
    {},
    {
      faults: [lost, { kind: 'replica-diverged', atMs: 200_000, forMs: 1 }],
      later: [{ verb: 'ack', atMs: 100_000 }],
      cooldownSeconds: 160,
      worldMs: 540_000,
    },
  );
  const { world, record } = await live(scenario);
  expect([record?.phase, record?.hold?.because, world.violations]).toEqual(['degraded', 'standby-not-ready', []]);
  expect(world.pages.filter((page) => page.includes('build another one and name it'))).toHaveLength(1);
});
