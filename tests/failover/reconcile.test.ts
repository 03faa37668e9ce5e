import { describe, expect, test } from '@jest/globals';
import { RULES } from '../../functions/failover/core/decide.ts';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { look } from '../../functions/failover/run/look.ts';
import { step } from '../../functions/failover/run/reconcile.ts';
import { openPorts } from './simulation/ports.ts';
import { live } from './simulation/run.ts';
import { lostHost } from './simulation/scenario.ts';
import { PRIMARY, REPLICA, World } from './simulation/world.ts';

// The order of things within one step, and what a look is worth.

describe('a step', () => {
  test('gives an order only after it was written, and none when somebody wrote first', async () => {
    const log: string[] = [];
    const { record } = await live(lostHost(), {
      ports: (ports) => ({
        ...ports,
        records: {
          ...ports.records,
          save: async (next, expected) => {
            const outcome = await ports.records.save(next, expected);
            for (const [step, intent] of Object.entries(next.intents))
              if (outcome === 'saved' && intent?.doneAtMs === undefined) log.push(`${step} ${intent?.id} written`);
            return outcome;
          },
        },
        fencing: {
          ...ports.fencing,
          fence: async (order) => {
            expect(log).toContain(`fence ledger/${order.epoch}/fence written`);
            log.push('fence given');
            return ports.fencing.fence(order);
          },
        },
        instances: {
          ...ports.instances,
          promote: async (region, instance, backups) => {
            log.push(log.includes('promote ledger/1/promote written') ? 'promote given' : 'promote given unwritten');
            return ports.instances.promote(region, instance, backups);
          },
        },
      }),
    });
    expect(record?.phase).toBe('degraded');
    expect(log).toContain('fence given');
    expect(log).toContain('promote given');
    expect(log).not.toContain('promote given unwritten');
  });
});

test('evidence is as old as its first question, however long the answers took', async () => {
  let now = 1_000;
  const slow = async (): Promise<never> => {
    now += 9_000;
    throw new Error('timeout');
  };
  const ports = {
    clock: { now: () => now, sleep: async () => {} },
    observers: { guard: slow, witness: slow, replica: slow, resolve: slow },
    instances: { describe: slow },
    names: new Proxy({}, { get: () => slow }),
  } as unknown as Parameters<typeof look>[0];
  const where = { instance: 'old', region: 'eu-west-1' };
  const policy = { pair: 'ledger', primary: where, replica: where, names: { zoneId: 'Z', writer: 'w' } };
  const evidence = await look(ports, firstRecord('ledger', where, where, 0), policy as Parameters<typeof look>[2]);
  expect(evidence).toMatchObject({ takenAtMs: 1_000, guard: { kind: 'no-answer', because: 'timeout' } });
});

test.each([
  [2, 45_000],
  [0, 60_000],
])(
  'what a run saw while the record was out of reach counts where no door was opened since (openings %d of 2: lost since %d)',
  async (openings, since) => {
    const world = new World(lostHost({ fence: 'lease', leaseSeconds: 9 }));
    const { ports, policy, memory, leases } = openPorts(world);
    world.old.die('dead', 'failed', world.now);
    const startMs = world.now - 62_000;
    const streak = (sinceMs: number, seenMs = sinceMs) => ({ sinceMs: startMs + sinceMs, seenMs: startMs + seenMs });
    const holder = PRIMARY.region;
    const lease = {
      seq: 1,
      holder,
      epoch: 0,
      sinceMs: startMs,
      closesAfterSeconds: 9,
      openings: 2,
      calmSinceMs: startMs,
    };
    const record = { ...firstRecord('ledger', PRIMARY, REPLICA, startMs), version: 1, lease };
    const found = { failing: streak(60_000), agreed: streak(60_000), lost: streak(60_000) };
    await memory.save({ ...record, phase: 'suspect', ...found }, 0);
    await leases.save({ ...lease, pair: 'ledger', open: true, groups: ['sg-app'], renewedAtMs: startMs }, 0);
    const before = { ...record, version: 0, lease: { ...lease, openings } };
    const seen = {
      ...before,
      failing: streak(45_000, 50_000),
      agreed: streak(45_000, 50_000),
      lost: streak(45_000, 50_000),
    };
    const stepped = step(ports, policy, RULES, { seen });
    await world.time.run(world.now + 20_000, () => world.tick(), 500);
    expect((await stepped).record.lost?.sinceMs).toBe(startMs + since);
  },
);
