import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../../tests/counts.ts';
import { drill, pairRecord, production, START_MS, sight } from '../../../../tests/failover/drills/samples.ts';
import { firstRecord } from '../record.ts';
import type { DrillSituation } from './conditions.ts';
import type { DrillPhase } from './drill.ts';
import { DRILL_PHASES } from './phases.ts';
import { measure, nextDrillStep } from './step.ts';
import { type Look, mayTouch, type Sight } from './throw-away.ts';

const ALL: readonly DrillPhase[] = [
  ...([
    'asked',
    'restoring',
    'replicating',
    'naming',
    'settling',
    'breaking',
    'failing-over',
    'removing',
    'over',
  ] as const),
];
const HARMFUL = ['take-out', 'reboot', 'remove-leader', 'remove-replica'];

test('every phase ends in otherwise, so every situation has an outcome', () => {
  for (const phase of ALL)
    expect(DRILL_PHASES.filter(({ from }) => from.includes(phase)).at(-1)?.when).toBe('otherwise');
});

test('nothing is deleted before a result is given, and a result is given only on the way out', () => {
  for (const { from, step, ends, to } of DRILL_PHASES) {
    if (step?.startsWith('remove-')) expect(from).toEqual(['removing']);
    if (ends !== undefined) expect(to).toBe('removing');
  }
});

describe('whatever is seen', () => {
  const look = (instance: string, region: string): fc.Arbitrary<Look<Sight>> =>
    fc.oneof(
      fc.constant<Look<Sight>>({ kind: 'absent' }),
      fc.constant<Look<Sight>>({ kind: 'unseen', detail: 'Rate exceeded' }),
      fc
        .record({
          resourceId: fc.constantFrom('db-MADE', 'db-LEADER', 'db-CANDIDATE', 'db-SOMEBODY'),
          status: fc.constantFrom(
            'creating',
            'available',
            'rebooting',
            'incompatible-parameters',
            'deleting',
            'failed',
            'new-word',
          ),
          tags: fc.constantFrom(
            sight().tags,
            { ...sight().tags, 'mainstay:drill-name': 'fedcba' },
            { ...sight().tags, 'mainstay:drill': 'orders' },
            {},
          ),
          createdMs: fc.constantFrom(undefined, 0, START_MS + 1),
          securityGroups: fc.constantFrom([{ id: 'sg-open', active: true }], [{ id: 'sg-fenced', active: true }]),
          parameterGroup: fc.constantFrom('default.postgres18', 'mainstay-drill-ledger-abc123'),
          source: fc.constantFrom(undefined, 'mainstay-drill-ledger-abc123-a'),
        })
        .map((seen): Look<Sight> => ({ kind: 'seen', one: sight({ instance, region, ...seen }) })),
    );
  const silent = { kind: 'no-answer', because: 'timeout' } as const;
  const situation = fc.record({
    phase: fc.constantFrom(...ALL),
    leader: look(drill().leader.instance, drill().leader.region),
    replica: look(drill().replica.instance, drill().replica.region),
    group: fc.constantFrom<DrillSituation['group']>({ kind: 'absent' }, { kind: 'seen', one: { name: 'g' } }),
    names: fc.constantFrom<DrillSituation['names']>(
      silent,
      { kind: 'ok', report: { value: undefined } },
      {
        kind: 'ok',
        report: { value: `${drill().leader.instance}.x`, epochText: `epoch=4 leader=${drill().replica.instance}` },
      },
    ),
    record: fc.constantFrom<DrillSituation['record']>(
      silent,
      { kind: 'ok', report: undefined },
      {
        kind: 'ok',
        report: firstRecord('ledger~drill', drill().leader, drill().replica, START_MS),
      },
    ),
    recorded: fc.constantFrom(undefined, 'db-MADE'),
    askedMs: fc.constantFrom(undefined, START_MS),
    rebootedMs: fc.constantFrom(undefined, START_MS + 60_000),
    attempts: fc.nat(12),
    minutes: fc.nat(300),
  });

  test('there is one step; nothing is changed or deleted but what is its own; the pair never; no answer moves nothing', () => {
    fc.assert(
      fc.property(situation, ({ phase, recorded, askedMs, rebootedMs, attempts, minutes, ...seen }) => {
        const one = drill({ phase, attempts, rebootedMs, group: { ...drill().group, askedMs } });
        const now: DrillSituation = {
          ...seen,
          drill: {
            ...one,
            leader: { ...one.leader, askedMs, resourceId: askedMs === undefined ? undefined : recorded },
            replica: { ...one.replica, askedMs, resourceId: askedMs === undefined ? undefined : recorded },
          },
          pair: { kind: 'ok', report: pairRecord() },
          snapshot: { kind: 'ok', report: { id: 's', atMs: 0 } },
          fencedSecurityGroupId: 'sg-fenced',
          nowMs: START_MS + minutes * 60_000,
        };
        const decision = nextDrillStep(now);
        for (const part of ['leader', 'replica'] as const) {
          const known = decision.drill[part].resourceId;
          expect([production.leader.resourceId, production.candidate.resourceId]).not.toContain(known);
        }
        if (decision.kind !== 'act' || !HARMFUL.includes(decision.step)) return;
        const part = decision.step === 'remove-replica' ? 'replica' : 'leader';
        const under = now[part];
        expect(under.kind).toBe('seen');
        if (under.kind === 'seen') expect(mayTouch(under.one, now.drill, part)).toEqual({ may: true });
      }),
      lengthOf(5_000, 300_000),
    );
  });

  test.each(['restoring', 'replicating', 'breaking', 'removing'] as const)(
    'in %s silence of RDS decides nothing',
    (phase) => {
      const silence: Look<never> = { kind: 'unseen', detail: 'timeout' };
      const decision = nextDrillStep({
        ...{ drill: drill({ phase }), leader: silence, replica: silence, group: silence },
        names: { kind: 'ok', report: { value: undefined } },
        record: { kind: 'ok', report: undefined },
        pair: { kind: 'ok', report: { ...pairRecord(), phase: 'suspect' } },
        snapshot: { kind: 'not-asked' },
        fencedSecurityGroupId: 'sg-fenced',
        nowMs: START_MS + 86_400_000,
      });
      expect(decision).toMatchObject({ kind: 'hold', row: { when: 'unseen' } });
    },
  );
});

describe('what a failover has shown', () => {
  const record = {
    ...firstRecord('ledger~drill', drill().leader, drill().replica, 0),
    passed: {
      healthy: 1_000,
      suspect: 90_000,
      confirming: 92_000,
      promoting: 120_000,
      verifying: 150_400,
      degraded: 160_000,
    },
  };

  test('zero is the first moment without an accepted write: the fault, or the first look that saw none, whichever was earlier', () => {
    expect(measure({ rebootedMs: 100_000 }, record)).toMatchObject({ rtoSeconds: 70, promoteSeconds: 30.4 });
    expect(measure({ rebootedMs: 80_000 }, record)?.rtoSeconds).toBe(80);
    expect(measure({ rebootedMs: 80_000 }, record)?.phases).toEqual({
      suspect: 10,
      confirming: 12,
      promoting: 40,
      verifying: 70.4,
      degraded: 80,
    });
  });

  test('rows are counted only where the replica had all of the log', () => {
    expect(measure({}, { ...record, loss: { seconds: 3.07, bytes: 0 } })).toMatchObject({
      lossRows: 0,
      lossSeconds: 3.1,
    });
    expect(measure({}, { ...record, loss: { seconds: 3, bytes: 800 } })).toMatchObject({
      lossRows: undefined,
      lossBytes: 800,
    });
    const applied = (replayedLsn: string) => ({
      ...record,
      loss: { seconds: 3, lastWrite: { atMs: 1, lsn: '0-1-9' }, receivedLsn: '0-1-9', replayedLsn },
    });
    expect(measure({}, applied('0-1-9'))).toMatchObject({ lossRows: 0 });
    expect(measure({}, applied('0-1-8'))).toMatchObject({ lossRows: undefined });
    expect(measure({}, record)).toMatchObject({ lossRows: undefined, lossSeconds: undefined });
  });

  test('a failover that is not over has shown nothing', () => {
    expect(measure({}, { ...record, passed: { suspect: 1 } })).toBeUndefined();
    expect(measure({}, undefined)).toBeUndefined();
  });
});
