import type { Benchmark } from './measure.ts';
import { cost } from './object-index-cost.ts';
import { openEngine } from './object-index-engine.ts';
import { queries, throughput } from './object-index-speed.ts';

/** The object index: what an object costs, how many there can be a second, how long a page takes; one engine, one run. */
export const objectIndex: Benchmark = {
  name: 'object-index',
  summary: 'write units and calls per object, objects a second against the usual handler, p99 of a page against a scan',
  run: async (progress) => {
    const engine = await openEngine();
    try {
      return [
        ...(await cost(engine, progress)),
        ...(await throughput(engine, progress)),
        ...(await queries(engine, progress)),
      ];
    } finally {
      await engine.stop();
    }
  },
};
