import { beginShadow } from '../../../functions/search-sync/aws/ensure-index.ts';
import { openSearchGenerations, swapGenerations, writeAlias } from '../../../functions/search-sync/aws/generations.ts';
import { memoryDeadLetters } from '../../../functions/search-sync/aws/memory.ts';
import { memoryFills, memoryScan } from '../../../functions/search-sync/aws/memory-upkeep.ts';
import { openSearchCensus } from '../../../functions/search-sync/aws/opensearch-census.ts';
import { type OpenSearchHttp, openSearchHttp } from '../../../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../../../functions/search-sync/aws/opensearch-index.ts';
import { sha256 } from '../../../functions/search-sync/aws/wiring.ts';
import { documentId } from '../../../functions/search-sync/core/document-id.ts';
import { freshFill } from '../../../functions/search-sync/core/fill.ts';
import { fillPart } from '../../../functions/search-sync/run/backfill.ts';
import { cutOver } from '../../../functions/search-sync/run/cutover.ts';
import type { Written } from '../../../functions/search-sync/run/ports.ts';
import { sendSettings } from '../../../functions/search-sync/run/send.ts';
import { syncGenerations } from '../../../functions/search-sync/run/sync-generations.ts';
import { chanceOf } from './chance.ts';
import { openFaultProxy } from './fault-proxy.ts';
import { labelOf, ofOneStream, optionsOf, sequenceOf, wrongs } from './history.ts';
import { KEYS, openWriter } from './writer.ts';

const WRITES = 40;
const MAX_INVOCATIONS = 300;

export const httpTo = (node: string): OpenSearchHttp =>
  openSearchHttp({
    node,
    region: 'eu-west-1',
    service: 'es',
    credentials: async () => ({ accessKeyId: '111122223333', secretAccessKey: 'local' }),
    requestTimeoutMs: 10_000,
  });

export interface RealHistory {
  wrong: string[];
  fates: ReadonlyMap<unknown, number>;
}

/**
 * One random life on a real index behind a bad network. Time is the model's, so that no backoff is waited for; requests,
 * their late copies and the answers are real. `rebuilds`: an index of its own, built anew and cut over to on the way.
 */
export const runRealHistory = async (
  seed: number,
  engine: string,
  alias: string,
  rebuilds: boolean,
): Promise<RealHistory> => {
  const chance = chanceOf(seed);
  const options = { ...optionsOf(seed), prefix: `s${seed}-` };
  const proxy = await openFaultProxy(engine, chanceOf(seed ^ 0xfa17));
  try {
    let nowMs = 1_790_000_000_000 + chance.whole(0, 999);
    let endsMs = 0;
    let calm = false;
    const writer = openWriter(chance, () => nowMs, options);
    const deadLetters = memoryDeadLetters();
    const http = httpTo(proxy.endpoint);
    const direct = httpTo(engine);
    const target = { table: 'documents', index: alias, keys: KEYS };
    const ports = {
      index: openSearchIndex(http, () => nowMs),
      generations: openSearchGenerations(http),
      table: writer.moving(() => (calm ? 0 : 0.1)),
      deadLetters,
      hash: sha256,
      patience: {
        nowMs: () => nowMs,
        sleep: async (ms: number) => {
          nowMs += Math.ceil(ms);
        },
        chance: chance.next,
        remainingMs: () => endsMs - nowMs,
      },
    };
    const rebuild = rebuilds ? openRealRebuild(direct, http, { ports, writer, target }) : undefined;
    let written = 0;
    let at = 0;
    for (let turn = 0; turn < MAX_INVOCATIONS; turn++) {
      for (let i = chance.whole(0, 8); i > 0 && written < WRITES; i--, written++) {
        await writer.write();
        nowMs += chance.whole(0, 400);
      }
      if (turn > MAX_INVOCATIONS / 2) {
        calm = true;
        proxy.calmDown();
      }
      const isDrained = at >= writer.records.length;
      if (isDrained && written >= WRITES) break;
      if (isDrained && options.recreations && chance.hit(0.3)) writer.recreateStream();
      const batch = ofOneStream(writer.records.slice(at, at + chance.whole(1, 20)));
      if (batch.length === 0) continue;
      endsMs = nowMs + chance.whole(8_000, 20_000);
      const settings = { ...sendSettings, maxOperations: chance.whole(1, 10), requestsInFlight: 3 };
      const [{ checkpoint }] = await Promise.all([
        syncGenerations(ports, { ...target, stream: labelOf(batch[0]) }, batch, settings),
        rebuild?.step(chance),
      ]);
      const stopped = batch.findIndex((record) => sequenceOf(record) === checkpoint);
      at = checkpoint === undefined ? at + batch.length : at + Math.max(0, stopped);
      if (options.duplicates && chance.hit(0.1)) at = Math.max(0, at - chance.whole(0, 5));
      nowMs += chance.whole(1, 300);
    }
    await proxy.landed();
    const all = writer.table.all();
    const now = await openSearchGenerations(direct).of(alias);
    const letters = [...deadLetters.letters.values()];
    const wrong = wrongs(
      all,
      await documentsOf(direct, now.serving, options.prefix),
      letters,
      at === writer.records.length,
      sha256,
    );
    return { wrong, fates: proxy.fates };
  } finally {
    await proxy.close();
  }
};

/** The documents of one history as they are stored, letter by letter. */
const documentsOf = async (http: OpenSearchHttp, index: string, prefix: string): Promise<Map<string, string>> => {
  const census = openSearchCensus(http);
  await census.sums(index);
  const ids: string[] = [];
  const everyBucket = Array.from({ length: 4_096 }, (_, bucket) => bucket);
  for (let after: string | undefined, more = true; more; ) {
    const page = await census.members(index, everyBucket, after);
    ids.push(...page.keys.filter(({ id }) => id?.S?.startsWith(prefix)).map((keys) => documentId(keys, KEYS, sha256)));
    after = page.next;
    more = after !== undefined;
  }
  const stored = await openSearchIndex(http, Date.now).reads(index, ids);
  return new Map(ids.flatMap((id, i) => (stored[i] === undefined ? [] : [[id, stored[i].source]])));
};

/** Someone who builds the index anew, through the same bad network: what is not answered is tried again at the next step. */
const openRealRebuild = (
  direct: OpenSearchHttp,
  http: OpenSearchHttp,
  parts: {
    ports: Parameters<typeof syncGenerations>[0];
    writer: ReturnType<typeof openWriter>;
    target: { table: string; index: string; keys: typeof KEYS };
  },
) => {
  const { ports, writer, target } = parts;
  const fills = memoryFills();
  const upkeep = {
    ...ports,
    patience: { ...ports.patience, remainingMs: () => 60_000 },
    scan: memoryScan(() => writer.table.all().map((item) => ({ id: documentId(item, KEYS, sha256), item }))),
    census: openSearchCensus(http),
    fills,
    swap: (alias: string, written: Written) => swapGenerations(http, alias, written),
  };
  let swaps = 0;
  return {
    step: async (chance: ReturnType<typeof chanceOf>): Promise<void> => {
      if (swaps >= 2 || chance.hit(0.3)) return;
      try {
        const { shadow } = await ports.generations.of(target.index);
        if (shadow === undefined) {
          const index = writeAlias(await beginShadow(direct, target.index, target.table));
          await fills.begin([0, 1].map((segment) => freshFill(index, segment, 2, 0)));
          return;
        }
        for (const segment of [0, 1]) await fillPart(upkeep, { ...target, index: shadow }, segment);
        const end = await cutOver(upkeep, target, true, { repair: true, segments: 2, settleMs: 0 });
        if (end.kind === 'done') swaps++;
      } catch {
        // No answer is no evidence: the next step looks again.
      }
    },
  };
};
