import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureIndex } from '../../functions/search-sync/aws/ensure-index.ts';
import { inFlight } from '../../functions/search-sync/run/in-flight.ts';
import { openSearchVersions, startOpenSearch } from '../../local/engines/opensearch.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { runs } from '../counts.ts';
import { describeWithEngines } from '../engine.ts';
import { httpTo, runRealHistory } from './model/real-history.ts';

const HISTORIES = Number(process.env.HISTORIES ?? runs(30, 300));
const FIRST_SEED = Number(process.env.MAINSTAY_SEED ?? 1);
/** Every so many has an index of its own, which is built anew and cut over to. */
const REBUILT = 20;
// Where every engine is required, every OpenSearch is, for which there is a JDK.
const all = process.env.ALL_ENGINES === '1' || process.env.REQUIRE_ENGINES === '1';
const versions = openSearchVersions().slice(0, all ? undefined : 1);

for (const version of versions) {
  await describeWithEngines(['opensearch'], `histories on OpenSearch ${version} behind a bad network`, () => {
    let run: Run;
    let engine: string;
    beforeAll(async () => {
      run = await openRun({ owner: 'real-histories' });
      engine = (await startOpenSearch(run, { version })).endpoint;
    }, 150_000);
    afterAll(() => run?.stop(), 30_000);

    const made = async (alias: string): Promise<string> => {
      const http = httpTo(engine);
      // What is played is the order of writes, not the loss of a disk.
      const settings = { refresh_interval: '-1', number_of_replicas: 0, 'translog.durability': 'async' };
      await ensureIndex(http, alias, 'documents', { properties: {}, settings });
      const body = '{"properties":{"poison":{"type":"date"}}}';
      const answer = await http.ask('PUT', `/${alias}/_mapping`, { body });
      if (answer.status >= 300) throw new Error(answer.text);
      return alias;
    };

    test(`index equals table at the end of ${HISTORIES} of them from seed ${FIRST_SEED}, and every fault was met`, async () => {
      const shared = await made('shared');
      const seeds = Array.from({ length: HISTORIES }, (_, i) => FIRST_SEED + i);
      const fates = new Map<unknown, number>();
      const wrong: string[] = [];
      await inFlight(seeds, 6, async (seed) => {
        const rebuilds = seed % REBUILT === 0;
        const alias = rebuilds ? await made(`own-${seed}`) : shared;
        const end = await runRealHistory(seed, engine, alias, rebuilds);
        if (end.wrong.length > 0) wrong.push(`seed ${seed}: ${end.wrong.join(', ')}`);
        for (const [fate, count] of end.fates) fates.set(fate, (fates.get(fate) ?? 0) + count);
      });
      expect(wrong).toEqual([]);
      expect([...fates.keys()].map(String).sort()).toEqual(
        ['403', '429', '503', 'cut-after', 'cut-before', 'late', 'slow', 'through', 'twice'].sort(),
      );
    }, 3_600_000);
  });
}
