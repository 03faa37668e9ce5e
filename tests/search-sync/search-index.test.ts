import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSearchDayIndexes } from '../../functions/search-sync/aws/day-indexes.ts';
import { ensureIndex, ensureLogTemplate } from '../../functions/search-sync/aws/ensure-index.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import { type OpenSearchHttp, openSearchHttp } from '../../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../../functions/search-sync/aws/opensearch-index.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import { contentOf, documentText } from '../../functions/search-sync/core/document.ts';
import { documentId, keysOf } from '../../functions/search-sync/core/document-id.ts';
import { BadQueryError } from '../../functions/search-sync/run/ports.ts';
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

const versions = process.env.ALL_ENGINES === '1' ? openSearchVersions() : openSearchVersions().slice(0, 1);

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
      const shape = { keys: { partition: 'id' } };
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

    test('a query that can not be parsed is the fault of the caller', async () => {
      const { alias, index } = await fresh();
      await expect(index.search(alias, { query: 'name:[', size: 1 })).rejects.toThrow(BadQueryError);
    });

    test('an index is made once, and what is not ours is refused and left alone', async () => {
      const { alias } = await fresh();
      expect(await ensureIndex(http, alias, 'documents')).toEqual({ kind: 'present', alias, index: `${alias}-v1` });
      await expect(ensureIndex(http, alias, 'another-table')).rejects.toThrow('holds the table documents');
      await done('PUT', `/foreign-${used}`);
      await expect(ensureIndex(http, `foreign-${used}`, 'documents')).rejects.toThrow('is an index and not an alias');
      await done('POST', '/_aliases', `{"actions":[{"add":{"index":"foreign-${used}","alias":"other-${used}"}}]}`);
      await expect(ensureIndex(http, `other-${used}`, 'documents')).rejects.toThrow('is not ours');
      await done('POST', '/_aliases', `{"actions":[{"add":{"index":"foreign-${used}","alias":"${alias}"}}]}`);
      await expect(ensureIndex(http, alias, 'documents')).rejects.toThrow('stands for 2 indexes');
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
