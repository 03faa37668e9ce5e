import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSearchDayIndexes } from '../../functions/search-sync/aws/day-indexes.ts';
import { beginShadow, ensureIndex, ensureLogTemplate } from '../../functions/search-sync/aws/ensure-index.ts';
import { documentIndex } from '../../functions/search-sync/aws/mapping.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import { type OpenSearchHttp, openSearchHttp } from '../../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../../functions/search-sync/aws/opensearch-index.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import type { Item } from '../../functions/search-sync/core/attribute-value.ts';
import { contentOf, documentText } from '../../functions/search-sync/core/document.ts';
import { documentId, keysOf } from '../../functions/search-sync/core/document-id.ts';
import type { OwnMapping } from '../../functions/search-sync/core/own-mapping.ts';
import {
  BadQueryError,
  type RankedHits,
  type RankedQuery,
  type SearchIndex,
} from '../../functions/search-sync/run/ports.ts';
import { openSearchVersions, startOpenSearch } from '../../local/engines/opensearch.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';
import { hostileItems } from './hostile-items.ts';
import { searchIndexContract } from './search-index.contract.ts';

describe('SearchIndex in memory', () => {
  searchIndexContract(async () => ({
    index: memoryIndex({
      nowMs: () => 0,
      gcDeletesMs: 600_000,
      aliases: ['documents'],
      refuses: (source) => (source.includes('"when":') ? 'failed to parse field [when]' : undefined),
    }),
    alias: 'documents',
    refresh: async () => {},
    poison: '{"when":"not a date"}',
  }));

  test('a tombstone is gone after gc_deletes: what comes later than that brings the document back', async () => {
    let nowMs = 0;
    const index = memoryIndex({ nowMs: () => nowMs, gcDeletesMs: 1_000, aliases: ['documents'] });
    const at = (version: bigint) => ({
      index: 'documents',
      viaAlias: true,
      id: 'a',
      condition: { kind: 'at-least' as const, version },
    });
    await index.bulk([{ ...at(2n), write: { kind: 'delete' } }]);
    nowMs = 1_001;
    const answer = await index.bulk([{ ...at(1n), write: { kind: 'index', document: '{}' } }]);
    expect(answer).toMatchObject({ items: [{ status: 201 }] });
  });
});

// Where every engine is required, every OpenSearch is, for which there is a JDK.
const all = process.env.ALL_ENGINES === '1' || process.env.REQUIRE_ENGINES === '1';
const versions = openSearchVersions().slice(0, all ? undefined : 1);

for (const version of versions) {
  await describeWithEngines(['opensearch'], `SearchIndex on OpenSearch ${version}`, () => {
    let run: Run;
    let http: OpenSearchHttp;
    let used = 0;
    beforeAll(async () => {
      run = await openRun({ owner: 'search-index' });
      const { endpoint } = await startOpenSearch(run, { version });
      const credentials = async () => ({ accessKeyId: '111122223333', secretAccessKey: 'local' });
      http = openSearchHttp({
        node: endpoint,
        region: 'eu-west-1',
        service: 'es',
        credentials,
        requestTimeoutMs: 30_000,
      });
    }, 150_000);
    afterAll(() => run?.stop(), 30_000);

    const shape = { keys: { partition: 'id' } };
    const fresh = async () => {
      const alias = `documents-${used++}`;
      await ensureIndex(http, alias, 'documents');
      return { alias, index: openSearchIndex(http, Date.now) };
    };
    const done = async (method: 'PUT' | 'POST' | 'DELETE', path: string, body?: string) => {
      const answer = await http.ask(method, path, body === undefined ? {} : { body });
      if (answer.status >= 300) throw new Error(answer.text);
    };

    searchIndexContract(async () => {
      const { alias, index } = await fresh();
      await done('PUT', `/${alias}/_mapping`, '{"properties":{"when":{"type":"date"}}}');
      return { index, alias, refresh: () => done('POST', `/${alias}/_refresh`), poison: '{"when":"not a date"}' };
    });

    test('no item breaks the mapping, whatever the ones before it were, and each is kept letter by letter', async () => {
      const { alias, index } = await fresh();
      const wrong: string[] = [];
      for (const item of hostileItems) {
        const id = documentId(item, shape.keys, sha256);
        const origin = { source: 'stream' as const, sequence: '1'.repeat(40), stream: 'label', seconds: 1_790_000_000 };
        const document = documentText(contentOf(item, shape), keysOf(item, shape.keys), shape, origin, sha256);
        const condition = { kind: 'at-least' as const, version: 1n };
        const answer = await index.bulk([
          { index: alias, viaAlias: true, id, condition, write: { kind: 'index', document } },
        ]);
        if (answer.kind !== 'items' || answer.items[0]?.status !== 201) wrong.push(`${id}: ${JSON.stringify(answer)}`);
        else if ((await index.reads(alias, [id]))[0]?.source !== document)
          wrong.push(`${id}: not kept as it was written`);
      }
      expect(wrong).toEqual([]);
      await done('POST', `/${alias}/_refresh`);
      const ids = async (query: string) => (await index.search(alias, { query, size: 5 })).hits.map(({ id }) => id);
      expect(await ids('hello')).toEqual(['Splain text']);
      expect(await ids('author:me')).toEqual(['Sauthor as text']);
      expect(await ids('_maps.author.name:sindre')).toEqual(['Sauthor as map']);
    });

    const written = async (alias: string, index: SearchIndex, items: readonly Item[]) => {
      const origin = { source: 'stream' as const, sequence: '1'.repeat(40), stream: 'label', seconds: 1_790_000_000 };
      const answer = await index.bulk(
        items.map((item) => ({
          index: alias,
          viaAlias: true,
          id: documentId(item, shape.keys, sha256),
          condition: { kind: 'at-least' as const, version: 1n },
          write: {
            kind: 'index' as const,
            document: documentText(contentOf(item, shape), keysOf(item, shape.keys), shape, origin, sha256),
          },
        })),
      );
      expect(answer).toMatchObject({ kind: 'items', items: items.map(() => ({ status: 201 })) });
      await done('POST', `/${alias}/_refresh`);
    };
    const book = (id: string, text: string, license: string, stars: number): Item => ({
      id: { S: id },
      about: { S: text },
      license: { S: license },
      stars: { N: String(stars) },
      free: { BOOL: stars > 5 },
      author: { M: { name: { S: id } } },
    });

    test('pages over ties on three shards show every document once', async () => {
      const alias = `ties-${used++}`;
      const body = documentIndex('documents');
      const settings = { index: { ...body.settings.index, number_of_shards: 3 } };
      await done('PUT', `/${alias}-v1`, JSON.stringify({ ...body, settings, aliases: { [alias]: {} } }));
      const index = openSearchIndex(http, Date.now);
      const ids = Array.from({ length: 40 }, (_, n) => `k${n}`);
      await written(
        alias,
        index,
        ids.map((id) => ({ id: { S: id }, text: { S: 'tie' } })),
      );
      const seen: string[] = [];
      for (let after: readonly unknown[] | undefined, pages = 0; pages < 20; pages++) {
        const { hits } = await index.search(alias, { where: { text: 'tie' }, size: 3, after });
        seen.push(...hits.map(({ keys }) => keys.id?.S ?? ''));
        after = hits.at(-1)?.cursor;
        if (hits.length < 3) break;
      }
      expect(seen.length).toBe(40);
      expect(new Set(seen)).toEqual(new Set(ids));
    });

    test('what is like an item, without the item; exact values and ranges; counted values; marked places', async () => {
      const { alias, index } = await fresh();
      await written(alias, index, [
        book('a', 'postgres driver with a connection pool', 'MIT', 10),
        book('b', 'pool of connections for a postgres driver', 'MIT', 7),
        book('c', 'paints colours at the terminal', 'ISC', 3),
        book('d', 'terminal colours', 'MIT', 1),
      ]);
      const ids = (found: RankedHits) => found.hits.map(({ keys }) => keys.id?.S);
      const like = { text: 'postgres driver with a connection pool', id: 'Sa' };
      expect(ids(await index.search(alias, { like, size: 5 }))).toEqual(['b']);
      const where = async (asked: RankedQuery['where']) => ids(await index.search(alias, { where: asked, size: 5 }));
      expect(await where({ license: 'ISC' })).toEqual(['c']);
      expect(await where({ stars: { from: 3, to: 7 } })).toEqual(['b', 'c']);
      expect(await where({ stars: 10, free: true })).toEqual(['a']);
      expect(await where({ '_maps.author.name': 'd' })).toEqual(['d']);
      expect(await where({ license: 'mit' })).toEqual([]);
      const asked = { query: 'postgres', facets: ['license', 'stars', 'free', 'nothing'], highlight: true, size: 1 };
      const found = await index.search(alias, asked);
      expect(found.facets).toEqual({
        license: [{ value: 'MIT', count: 2 }],
        stars: [
          { value: 7, count: 1 },
          { value: 10, count: 1 },
        ],
        free: [{ value: 'true', count: 2 }],
        nothing: [],
      });
      expect(found.hits[0]?.highlights?.about?.join()).toContain('<em>postgres</em>');
    });

    test('a query that can not be parsed is the fault of the caller', async () => {
      const { alias, index } = await fresh();
      const asked = index.search(alias, { query: 'name:[', size: 1 });
      await expect(asked).rejects.toThrow(BadQueryError);
      await expect(asked).rejects.toThrow(/\(at line 1, column 6\)/);
    });

    test('an index is made once, and what is not ours is refused and left alone', async () => {
      const { alias } = await fresh();
      const there = await ensureIndex(http, alias, 'documents');
      expect(there).toEqual({ kind: 'present', alias, index: `${alias}-v1`, plan: { kind: 'same' } });
      await expect(ensureIndex(http, alias, 'another-table')).rejects.toThrow('holds the table documents');
      await done('PUT', `/foreign-${used}`);
      await expect(ensureIndex(http, `foreign-${used}`, 'documents')).rejects.toThrow('is an index and not an alias');
      await done('POST', '/_aliases', `{"actions":[{"add":{"index":"foreign-${used}","alias":"other-${used}"}}]}`);
      await expect(ensureIndex(http, `other-${used}`, 'documents')).rejects.toThrow('is not ours');
      await done('POST', '/_aliases', `{"actions":[{"add":{"index":"foreign-${used}","alias":"${alias}"}}]}`);
      await expect(ensureIndex(http, alias, 'documents')).rejects.toThrow('stands for 2 indexes');
    });

    test("a mapping file's fields are added while no document has them; another type needs a new index, and gets it", async () => {
      const { alias, index } = await fresh();
      const ensure = async (properties: OwnMapping['properties']) => {
        const prepared = await ensureIndex(http, alias, 'documents', { properties, settings: {} });
        return prepared.kind === 'present' ? prepared.plan : prepared;
      };
      const when = { when: { type: 'date' } };
      expect(await ensure(when)).toEqual({ kind: 'extend', fields: ['when'] });
      expect(await ensure(when)).toEqual({ kind: 'same' });
      // A value that the type can't take does not make the document poison.
      await written(alias, index, [
        { id: { S: 'a' }, when: { S: 'soon' } },
        { id: { S: 'b' }, when: { S: '2026-11-21' } },
      ]);
      expect((await index.search(alias, { query: 'soon', size: 5 })).total).toBe(1);
      expect((await index.search(alias, { query: 'when:[2026-11-01 TO 2026-12-01]', size: 5 })).total).toBe(1);
      const other = { when: { type: 'keyword' } };
      expect(await ensure(other)).toEqual({ kind: 'rebuild', reasons: [expect.stringContaining('when: ')] });
      const next = await beginShadow(http, alias, 'documents', {
        properties: other,
        settings: { number_of_shards: 2 },
      });
      const { text } = await http.ask('GET', `/${next}`);
      expect(JSON.parse(text)[next]).toMatchObject({
        mappings: { properties: { when: { type: 'keyword', copy_to: ['_text'] } } },
        settings: { index: { number_of_shards: '2', gc_deletes: '10m' } },
      });
    });

    test('two who make the same index at once both end with it', async () => {
      const alias = `race-${used++}`;
      const both = await Promise.all([ensureIndex(http, alias, 'documents'), ensureIndex(http, alias, 'documents')]);
      expect(both.map(({ index }) => index)).toEqual([`${alias}-v1`, `${alias}-v1`]);
    });

    test('a day index of logs gets its types from the template, and an event that comes twice is there once', async () => {
      await ensureLogTemplate(http, 'postgresql');
      await ensureLogTemplate(http, 'postgresql');
      const event = {
        index: 'postgresql-2026.11.21',
        viaAlias: false,
        id: '1',
        condition: { kind: 'absent' as const },
        write: { kind: 'index' as const, document: '{"@timestamp":1790000000000,"message":"slow","extra":1}' },
      };
      const index = openSearchIndex(http, Date.now);
      await openSearchDayIndexes(http).ensure(event.index);
      await openSearchDayIndexes(http).ensure(event.index);
      expect(await index.bulk([event])).toMatchObject({ items: [{ status: 201 }] });
      expect(await index.bulk([event])).toMatchObject({ items: [{ status: 409 }] });
      const mapping = await http.ask('GET', '/postgresql-2026.11.21/_mapping');
      expect(mapping.text).toContain('"epoch_millis"');
      expect(mapping.text).not.toContain('extra');
    });
  });
}
