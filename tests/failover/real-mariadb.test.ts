import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StepReport } from '../../functions/failover/run/reconcile.ts';
import { describeWithEngines } from '../engine.ts';
import { lookingAt } from './real/look-for.ts';
import { openPair, openWriter, policy } from './real/pair.ts';

/** Writes numbered rows through the name until told to stop; what was acknowledged is kept, with its time. */
const startWriter = () => {
  const acknowledged: { number: number; atMs: number }[] = [];
  let going = true;
  const work = (async () => {
    for (let number = 1; going; ) {
      try {
        const writer = await openWriter('mariadb');
        try {
          for (; going; number += 1) {
            await writer.write(number);
            acknowledged.push({ number, atMs: Date.now() });
            await sleep(5);
          }
        } finally {
          await writer.close().catch(() => {});
        }
      } catch {
        // The row may have been written and not acknowledged: the next one has another number.
        number += 1;
        await sleep(50);
      }
    }
  })();
  return {
    acknowledged,
    stop: async () => {
      going = false;
      await work;
    },
  };
};

await describeWithEngines(['postgres', 'mariadb'], 'a real pair of MariaDB', () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  const reports: StepReport[] = [];
  beforeAll(async () => {
    pair = await openPair('mariadb');
  }, 90_000);
  afterAll(() => pair?.stop(), 30_000);

  const lookFor = lookingAt(() => pair, reports);
  const phase = () => reports.at(-1)?.record.phase;
  const old = () => pair.world.admin.instance('eu-west-1', policy.primary.instance);
  const next = () => pair.world.admin.instance('eu-central-1', policy.replica.instance);

  test('a quiet pair is watched: its positions are GTIDs, the replica has all of them and hears its source', async () => {
    await lookFor(12_000, () => phase() === 'healthy' && reports.length > 3);
    const { decision } = reports.at(-1) as StepReport;
    expect(decision.kind).toBe('watch');
    const { replica, guard } = decision.situation.evidence;
    expect(guard).toMatchObject({ report: { write: { kind: 'wrote', lsn: expect.stringMatching(/^0-\d+-\d+$/) } } });
    expect(replica).toMatchObject({
      report: { inRecovery: true, replayedLsn: expect.stringMatching(/^0-\d+-\d+$/), heartbeat: { epoch: 0 } },
    });
    expect(replica.kind === 'ok' && replica.report.lastMessageAgeMs).toBeLessThan(10_000);
  }, 30_000);

  test('a killed process is healed by RDS: held, no epoch', async () => {
    pair.world.admin.killProcess('eu-west-1', policy.primary.instance);
    await lookFor(4_000, () => false);
    await lookFor(30_000, () => phase() === 'healthy');
    expect(reports.some(({ decision }) => decision.kind === 'hold' && decision.reason === 'gates-closed')).toBe(true);
    expect(reports.at(-1)?.record).toMatchObject({ phase: 'healthy', epoch: 0 });
  }, 60_000);

  test('a lost host: the replica leads, the writer goes on by name, the loss is within the bound; back, the old one takes nothing', async () => {
    const writer = startWriter();
    await sleep(1_500);
    await lookFor(1_000, () => phase() === 'healthy');
    pair.world.admin.hostLost('eu-west-1', policy.primary.instance);
    await lookFor(60_000, () => phase() === 'degraded');
    const before = writer.acknowledged.length;
    await sleep(3_000);
    expect(reports.at(-1)?.record).toMatchObject({ epoch: 1, leader: { instance: 'ledger-replica' } });
    expect(writer.acknowledged.length).toBeGreaterThan(before);

    pair.world.admin.return_('eu-west-1', policy.primary.instance);
    const salvaged = () => reports.at(-1)?.record.retired[0]?.intents.salvage?.doneAtMs !== undefined;
    await lookFor(40_000, salvaged);
    await writer.stop();
    const record = reports.at(-1)?.record;
    expect(record?.retired[0]?.fence?.provenAtMs ?? record?.retired[0]?.intents['fence-old']?.doneAtMs).toBeDefined();

    const numbers = async (query: (sql: string) => Promise<Record<string, unknown>[]>) =>
      new Set((await query('select number from ledger.entry')).map(({ number }) => Number(number)));
    const there = await numbers(next().query);
    const missing = writer.acknowledged.filter(({ number }) => !there.has(number));
    expect(missing.length * 0.005).toBeLessThanOrEqual(record?.lossSeconds ?? 0);
    const openedMs = record?.passed.verifying ?? Number.POSITIVE_INFINITY;
    const onOld = await numbers(old().query);
    expect(writer.acknowledged.filter(({ number, atMs }) => atMs > openedMs && onOld.has(number))).toEqual([]);
  }, 150_000);
});
