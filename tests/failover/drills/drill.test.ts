import { describe, expect, test } from '@jest/globals';
import type { DrillReason } from '../../../functions/failover/core/drills/drill.ts';
import { applyDrillOrder } from '../../../functions/failover/core/drills/order.ts';
import { runs } from '../../counts.ts';
import { pairRecord, policy } from './samples.ts';
import { openDrillWorld } from './world.ts';

const A = 'mainstay-drill-ledger-abc123-a';
const B = 'mainstay-drill-ledger-abc123-b';
const WHOLE_COURSE = [
  'make-group mainstay-drill-ledger-abc123',
  `restore ${A}`,
  `replicate ${B}`,
  'swap +drill-abc123.ledger.example.com',
  `take-out ${A}`,
  `reboot ${A}`,
  `fail-over ${B}`,
  'swap -drill-abc123.ledger.example.com -_epoch.drill-abc123.ledger.example.com',
  `remove ${B}`,
  `remove ${A}`,
  'remove-group mainstay-drill-ledger-abc123',
];

/** Whatever happened: the pair is as it was, and nothing of the drill is left. */
const expectClean = (one: ReturnType<typeof openDrillWorld>): void => {
  expect(one.standing()).toEqual(['ledger-primary', 'ledger-replica']);
  expect([...one.world.groups]).toEqual([]);
  expect(one.world.names).toEqual({ value: undefined, epochText: undefined });
  expect(one.world.calls.filter((call) => /ledger-(primary|replica)/.test(call))).toEqual([]);
};

test('a drill makes a pair, fails it over, measures it, removes it, and leaves a receipt', async () => {
  const one = openDrillWorld();
  await one.begin();
  await one.world.run();
  expect(one.world.calls).toEqual(WHOLE_COURSE);
  expectClean(one);
  const [receipt] = await one.receipts();
  expect(receipt).toMatchObject({
    ...{ pair: 'ledger', result: 'ok', reason: 'failed-over', by: 'ada', why: 'quarterly' },
    measured: { rtoSeconds: 90, promoteSeconds: 40, lossSeconds: 3, lossRows: 0, phases: { degraded: 90 } },
  });
  expect((await one.book()).open).toBeUndefined();
});

test('its own record goes on from the epoch of the pair, and a record of an earlier drill is no start', async () => {
  const one = openDrillWorld();
  await one.begin();
  await one.plain.records.save({ ...pairRecord(), pair: 'ledger~drill', version: 7, phase: 'degraded' }, 0);
  await one.world.run();
  const record = await one.plain.records.load('ledger~drill');
  expect(record).toMatchObject({ epoch: 4, leader: { instance: B } });
  expect(record?.version).toBeGreaterThan(7);
  expect(one.world.calls).toEqual(WHOLE_COURSE);
});

describe('killed at any call of a port, a drill comes to its end, once', () => {
  const count = async (): Promise<number> => {
    const one = openDrillWorld();
    one.set({ makeMs: 20_000 });
    await one.begin();
    await one.world.run();
    return one.world.asked;
  };

  test.each([
    ['before', false],
    ['after', true],
  ])(
    '%s the call',
    async (_when, dieAfter) => {
      const calls = await count();
      // The looks between two acts are all alike, nine calls each: every fourth meets each kind of them; the soak takes them all.
      for (let dieAt = 1; dieAt <= calls; dieAt += runs(4, 1)) {
        const one = openDrillWorld();
        one.world.dieAt = dieAt;
        one.world.dieAfter = dieAfter;
        await one.begin();
        await one.world.run();
        expectClean(one);
        const made = one.world.calls.filter((call) => /^(restore|replicate|fail-over|reboot) /.test(call));
        expect(new Set(made).size).toBe(made.length);
        expect((await one.receipts()).map(({ result }) => result)).toEqual(['ok']);
      }
    },
    120_000,
  );
});

describe('a hostile world', () => {
  const ends = async (
    hostility: (one: ReturnType<typeof openDrillWorld>) => void | Promise<void>,
    reason: DrillReason,
  ) => {
    const one = openDrillWorld();
    await one.begin();
    await hostility(one);
    await one.world.run();
    expect((await one.receipts()).map((receipt) => receipt.reason)).toEqual([reason]);
    return one;
  };

  test('no snapshot: nothing is made', async () => {
    const one = await ends((it) => it.set({ snapshot: undefined }), 'no-snapshot');
    expect(one.world.calls).toEqual([]);
  });

  test.each(['make-group', 'restore', 'replicate', 'swap +'])(
    'AWS refuses to %s: what was made is removed',
    async (refuses) => {
      expectClean(await ends((it) => it.set({ refuses }), 'refused'));
    },
  );

  test('an engine that starts in spite of the fault: inconclusive, and all is removed', async () => {
    expectClean(await ends((it) => it.set({ withstands: true }), 'no-fault'));
  });

  test('a failover that holds is not over in time: failed, with what it was waiting for', async () => {
    const one = await ends((it) => it.set({ holds: 'Held ledger~drill: RDS is silent.' }), 'overdue');
    expectClean(one);
    expect((await one.receipts())[0]).toMatchObject({ result: 'failed', detail: 'Held ledger~drill: RDS is silent.' });
  });

  test('an incident of the pair itself ends its drill', async () => {
    const one = openDrillWorld();
    await one.begin();
    while (!one.world.calls.includes(`replicate ${B}`)) {
      await one.world.step();
      one.world.nowMs += 10_000;
    }
    const record = await one.plain.records.load('ledger');
    await one.plain.records.save({ ...record!, phase: 'suspect', version: 2 }, 1);
    await one.world.run();
    expectClean(one);
    expect((await one.receipts())[0]).toMatchObject({ result: 'inconclusive', reason: 'pair-in-trouble' });
  });

  test('somebody stands under a name of ours: it is left alone, told, and the seat is free', async () => {
    const one = await ends(async (it) => {
      const theirs = { ...it.world.made.get('eu-west-1/ledger-primary')!, instance: A, resourceId: 'db-THEIRS' };
      it.world.made.set(`eu-west-1/${A}`, theirs);
    }, 'taken-over');
    expect(one.standing()).toContain(A);
    expect(one.world.calls.filter((call) => call.startsWith('remove '))).toEqual([]);
  });

  test('its replica was replaced under its name: the other one is left alone, and said so', async () => {
    const one = openDrillWorld();
    await one.begin();
    while (!one.world.calls.includes(`take-out ${A}`)) {
      await one.world.step();
      await one.world.reconcile();
      one.world.nowMs += 10_000;
    }
    const mine = one.world.made.get(`eu-central-1/${B}`)!;
    one.world.made.set(`eu-central-1/${B}`, { ...mine, resourceId: 'db-THEIRS' });
    await one.world.run();
    expect(one.standing()).toContain(B);
    expect(one.world.calls).not.toContain(`remove ${B}`);
    expect((await one.receipts())[0]?.left).toContain('its resource id is not the one that this drill recorded');
  });

  test("a name of ours that somebody moved is not deleted, and neither is another's", async () => {
    const one = openDrillWorld();
    await one.begin();
    while (!one.world.calls.includes(`reboot ${A}`)) {
      await one.world.step();
      await one.world.reconcile();
      one.world.nowMs += 10_000;
    }
    one.world.withstands = true;
    one.world.holds = 'held';
    one.world.names = { value: 'somebody.example.com', epochText: 'epoch=9 leader=ledger-primary' };
    await one.world.run();
    expect(one.world.names).toEqual({ value: 'somebody.example.com', epochText: 'epoch=9 leader=ledger-primary' });
  });

  test('a person calls it off', async () => {
    const one = openDrillWorld();
    await one.begin();
    while (!one.world.calls.includes(`replicate ${B}`)) {
      await one.world.step();
      one.world.nowMs += 10_000;
    }
    const book = await one.book();
    const outcome = applyDrillOrder(
      book,
      { verb: 'stop', pair: 'ledger', by: 'ada', why: 'lunch' },
      {
        ...{ record: pairRecord(), policy, name: 'x', nowMs: one.world.nowMs },
      },
    );
    expect(outcome.kind).toBe('done');
    if (outcome.kind === 'done') await one.plain.drills.save(outcome.book, book.version);
    await one.world.run();
    expectClean(one);
    expect((await one.receipts())[0]).toMatchObject({ reason: 'called-off', detail: 'ada: lunch' });
  });

  test('called off while RDS does not show yet what it makes: it is waited for, and removed', async () => {
    const one = openDrillWorld();
    one.set({ lagMs: 3 * 60_000 });
    await one.begin();
    while (!one.world.calls.includes(`restore ${A}`)) {
      await one.world.step();
      one.world.nowMs += 10_000;
    }
    const book = await one.book();
    await one.plain.drills.save(
      { ...book, version: book.version + 1, open: { ...book.open!, calledOff: { by: 'ada', why: 'lunch' } } },
      book.version,
    );
    await one.world.run();
    expectClean(one);
    expect(one.world.calls.filter((call) => call.startsWith('restore '))).toHaveLength(1);
  });

  test('silence moves nothing: no answer is neither gone nor there', async () => {
    const one = openDrillWorld();
    await one.begin();
    const { find } = one.world.ports.stage;
    one.world.ports.stage.find = async () => {
      throw new Error('timeout');
    };
    for (let turn = 0; turn < 20; turn += 1) {
      await one.world.step();
      one.world.nowMs += 10_000;
    }
    expect(one.world.calls).toEqual([]);
    one.world.ports.stage.find = find;
    await one.world.run();
    expect(one.world.calls).toEqual(WHOLE_COURSE);
  });
});
