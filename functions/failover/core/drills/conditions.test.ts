import { describe, expect, test } from '@jest/globals';
import { drill, pairRecord, START_MS, sight } from '../../../../tests/failover/drills/samples.ts';
import { type DrillSituation, SETTLE_MS } from './conditions.ts';
import type { Drill } from './drill.ts';
import { nextDrillStep } from './step.ts';
import type { Look, Sight } from './throw-away.ts';

// An hour after both instances were asked for: whatever is not to be seen is not there.
const NOW_MS = START_MS + 3_600_000;

const made = (change: Partial<Drill>): Drill => {
  const { leader, replica, group } = drill();
  return drill({
    leader: { ...leader, askedMs: START_MS, resourceId: 'db-A' },
    replica: { ...replica, askedMs: START_MS, resourceId: 'db-B' },
    group: { ...group, askedMs: START_MS },
    ...change,
  });
};
const seen = (one: Sight): Look<Sight> => ({ kind: 'seen', one });
const primary = (change: Partial<Sight> = {}) => seen(sight({ resourceId: 'db-A', ...change }));
const copy = (change: Partial<Sight> = {}) => {
  const { instance, region } = drill().replica;
  return seen(sight({ instance, region, resourceId: 'db-B', source: drill().leader.instance, ...change }));
};

const decide = (one: Drill, change: Partial<DrillSituation> = {}) =>
  nextDrillStep({
    drill: one,
    leader: primary(),
    replica: copy(),
    group: { kind: 'seen', one: { name: one.group.name } },
    names: { kind: 'ok', report: {} },
    record: { kind: 'ok', report: undefined },
    pair: { kind: 'ok', report: pairRecord(NOW_MS) },
    snapshot: { kind: 'not-asked' },
    fencedSecurityGroupId: 'sg-fenced',
    nowMs: NOW_MS,
    ...change,
  });

describe('the primary goes after its replica', () => {
  const removing = made({ phase: 'removing' });

  test('not while the replica stands, nor while RDS is still removing it', () => {
    expect(decide(removing)).toMatchObject({ kind: 'act', step: 'remove-replica' });
    expect(decide(removing, { replica: copy({ status: 'deleting' }) })).toMatchObject({ kind: 'hold' });
    expect(decide(removing, { replica: { kind: 'absent' } })).toMatchObject({ kind: 'act', step: 'remove-leader' });
  });

  test('not while a replica that was asked for may yet appear', () => {
    const justAsked = made({
      phase: 'removing',
      replica: { ...drill().replica, askedMs: NOW_MS - SETTLE_MS + 1 },
    });
    const absent = { replica: { kind: 'absent' } as const };
    expect(decide(justAsked, absent)).toMatchObject({ kind: 'hold' });
    expect(decide(justAsked, { ...absent, nowMs: NOW_MS + 1 })).toMatchObject({ step: 'remove-leader' });
  });
});

describe('the engine is rebooted only behind the empty group, with parameters it does not start with', () => {
  const group = drill().group.name;
  const behind = [{ id: 'sg-fenced', active: true }];
  // The order to take it out was given just now, and is not repeated yet.
  const takenOut = made({ phase: 'breaking', attempts: 1, triedStep: 'take-out', triedMs: NOW_MS - 2_000 });

  test('both are there: it is rebooted', () => {
    const leader = primary({ securityGroups: behind, parameterGroup: group });
    expect(decide(takenOut, { leader })).toMatchObject({ kind: 'act', step: 'reboot' });
  });

  test.each<[string, Partial<Sight>]>([
    ['its network is still the old one', { parameterGroup: group }],
    [
      'its old network is there beside it',
      { securityGroups: [...behind, ...sight().securityGroups], parameterGroup: group },
    ],
    ['its parameters are still the old ones', { securityGroups: behind }],
    [
      'the empty group is not active yet',
      { securityGroups: [{ id: 'sg-fenced', active: false }], parameterGroup: group },
    ],
  ])('%s: it is waited for', (_what, change) => {
    expect(decide(takenOut, { leader: primary(change) })).toMatchObject({ kind: 'hold', row: { from: ['breaking'] } });
  });
});
