import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { applyCommand } from '../../../functions/failover/core/command.ts';
import type { StepReport } from '../../../functions/failover/run/reconcile.ts';
import { lookingAt } from './look-for.ts';
import { type Engine, openPair, openWriter, policy } from './pair.ts';

/** Writes numbered rows through the name until told to stop, over several connections; what was acknowledged is kept. */
const startWriters = (engine: Engine, lanes: number) => {
  const acknowledged: number[] = [];
  let going = true;
  const write = async (lane: number) => {
    for (let number = lane; going; number += lanes) {
      try {
        const writer = await openWriter(engine);
        try {
          for (; going; number += lanes) {
            await writer.write(number);
            acknowledged.push(number);
          }
        } finally {
          await writer.close().catch(() => {});
        }
      } catch {
        // The row may have been written and not acknowledged: the next one has another number.
        await sleep(50);
      }
    }
  };
  const work = Promise.all(Array.from({ length: lanes }, (_, lane) => write(lane + 1)));
  return {
    acknowledged,
    stop: async () => {
      going = false;
      await work;
    },
  };
};

/** The tests of a planned change on a fresh pair of this engine. A file of its own each: a process reads one authority. */
export const plannedChange = (engine: Engine) => () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  const reports: StepReport[] = [];
  beforeAll(async () => {
    pair = await openPair(engine);
  }, 90_000);
  afterAll(() => pair?.stop(), 30_000);

  const phase = () => reports.at(-1)?.record.phase;
  const lookFor = lookingAt(() => pair, reports);

  test('under four writers without a pause: every acknowledged row is on the new leader, and they go on there by name', async () => {
    await lookFor(15_000, () => reports.at(-1)?.record.leader.resourceId !== undefined && phase() === 'healthy');
    const writers = startWriters(engine, 4);
    await sleep(1_500);
    const record = await pair.ports.records.load(policy.pair);
    if (record === undefined) throw new Error('nothing is recorded');
    const outcome = applyCommand(record, { verb: 'switchover', by: 'alex', why: 'a test', epoch: 0 }, Date.now());
    if (outcome.kind !== 'done') throw new Error(outcome.sentence);
    await pair.ports.records.save(outcome.record, record.version);

    const startMs = Date.now();
    await lookFor(60_000, () => phase() === 'degraded');
    const before = writers.acknowledged.length;
    const tookMs = Date.now() - startMs;
    for (let waited = 0; waited < 40 && writers.acknowledged.length === before; waited += 1) await sleep(500);
    await writers.stop();
    expect(reports.at(-1)?.record).toMatchObject({
      phase: 'degraded',
      epoch: 1,
      leader: { instance: policy.replica.instance },
      lossSeconds: 0,
    });
    expect(writers.acknowledged.length).toBeGreaterThan(before);
    const rows = await pair.world.admin
      .instance('eu-central-1', policy.replica.instance)
      .query('select number from entry', [], 'ledger');
    const there = new Set(rows.map(({ number }) => Number(number)));
    expect(writers.acknowledged.filter((number) => !there.has(number))).toEqual([]);
    console.info(`${writers.acknowledged.length} rows acknowledged, 0 lost; the writers waited ${tookMs} ms at most`);
  }, 120_000);
};
