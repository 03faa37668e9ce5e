import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { memoryDeadLetters, memoryTable } from '../functions/search-sync/aws/memory.ts';
import { sha256 } from '../functions/search-sync/aws/wiring.ts';
import type { SearchIndex } from '../functions/search-sync/run/ports.ts';
import { syncBatch } from '../functions/search-sync/run/sync.ts';
import { type Measure, spread } from './measure.ts';
import { recordsOf } from './search-sync-items.ts';

const SIZES = [1_000, 3_000, 9_000] as const;
const LINEAR_RATIO = 1.5;
const MEMORY_MB = 100;
/** Of the function's NODE_OPTIONS (serverless.yml). */
const AS_DEPLOYED = '--max-semi-space-size=8';
const run = promisify(execFile);

const target = { table: 'documents', index: 'documents', keys: { partition: 'id' }, stream: 'label' };
const refuse = async (): Promise<never> => {
  throw new Error('nothing is read here');
};

/** An index that takes everything at once: what is left is our own work. */
const takesAll: SearchIndex = {
  bulk: async (operations) => ({ kind: 'items', items: operations.map(() => ({ status: 201 })) }),
  stamps: refuse,
  reads: refuse,
  search: refuse,
};

const patience = { nowMs: Date.now, sleep: async () => {}, chance: () => 0, remainingMs: () => 60_000 };

/** One batch's own work: from the text of the event to the report. */
export const syncOnce = async (event: string, index: SearchIndex = takesAll): Promise<number> => {
  const { Records } = JSON.parse(event) as { Records: unknown[] };
  const ports = { index, table: memoryTable(target.keys), deadLetters: memoryDeadLetters(), hash: sha256, patience };
  return (await syncBatch(ports, target, Records)).written;
};

/** Grows as the batch does, and no faster; and what a batch of 6 MB takes of memory. */
export const cost = async (progress: (line: string) => void): Promise<Measure[]> => {
  const perRecord = async (size: number): Promise<number> => {
    const event = JSON.stringify({ Records: recordsOf(size) });
    const times: number[] = [];
    for (let round = -3; round < 9; round++) {
      const started = performance.now();
      await syncOnce(event);
      if (round >= 0) times.push((performance.now() - started) / size);
    }
    return spread(times).median * 1_000;
  };
  const [small, ...larger] = SIZES;
  const base = await perRecord(small);
  const measures: Measure[] = [];
  for (const size of larger) {
    const value = await perRecord(size);
    measures.push({
      name: `own work for each record, batch of ${size} against ${small}`,
      value,
      unit: 'µs',
      baseline: base,
      ratio: value / base,
      goal: `≤ ${LINEAR_RATIO} ×`,
      met: value / base <= LINEAR_RATIO,
    });
  }
  progress('memory of a 6 MB batch');
  const script = fileURLToPath(new URL('./search-sync-memory.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [AS_DEPLOYED, script], { maxBuffer: 1e7 });
  const { baseMb, peakMb, eventMb } = JSON.parse(stdout) as { baseMb: number; peakMb: number; eventMb: number };
  return [
    ...measures,
    {
      name: `peak memory over the runtime, batch of ${eventMb.toFixed(1)} MB`,
      value: peakMb - baseMb,
      unit: 'MB',
      baseline: baseMb,
      ratio: (peakMb - baseMb) / baseMb,
      goal: `≤ ${MEMORY_MB} MB`,
      met: peakMb - baseMb <= MEMORY_MB,
    },
  ];
};
