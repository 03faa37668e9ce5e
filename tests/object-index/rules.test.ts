import { expect, test } from '@jest/globals';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import type { Truth } from '../../functions/object-index/core/row.ts';
import { attributesOf, compileRules, customerOf, needsHead } from '../../functions/object-index/core/rules.ts';
import { totalsOf } from '../../functions/object-index/core/totals.ts';
import { ingest } from '../../functions/object-index/run/ingest.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import { assertI1 } from './ledger.ts';
import { batchOf, notification } from './s3-model.ts';
import { sha256 } from './world.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const shards = { totals: 4, dates: 1 };

test('a customer and attributes come from key, metadata, tags and content type; what has none is unknown, not dropped', () => {
  const rules = compileRules({
    buckets: [
      { name: 'keys', customer: { pattern: '^(?<customer>[^/]+)/' }, attributes: {} },
      {
        name: 'told',
        customer: { metadata: 'Owner' },
        attributes: { kind: { tag: 'kind' }, type: { contentType: true }, long: { metadata: 'long', maxBytes: 5 } },
      },
    ],
    shards,
  });
  expect(customerOf(rules, { bucket: 'keys', key: 'acme/a' })).toBe('acme');
  expect(customerOf(rules, { bucket: 'keys', key: 'loose' })).toBe('unknown');
  expect(customerOf(rules, { bucket: 'other', key: 'acme/a' })).toBe('unknown');
  const told = {
    bucket: 'told',
    key: 'x/y',
    contentType: 'image/png',
    metadata: { owner: 'globex', long: 'üüüü' },
    tags: { kind: 'scan' },
  };
  expect(customerOf(rules, told)).toBe('globex');
  // Cut between characters: two of two bytes.
  expect(attributesOf(rules, told)).toEqual({ kind: 'scan', type: 'image/png', long: 'üü' });
  expect([needsHead(rules, 'keys'), needsHead(rules, 'told')]).toEqual([false, true]);
});

test('where metadata says whose it is, a new object costs one look, a duplicate none, and a re-tag moves its bytes', async () => {
  const table = inMemoryTable();
  let owner = 'acme';
  let looks = 0;
  const truth = (): Truth => ({
    kind: 'present',
    atMs: NOON + 1000,
    sizeBytes: 10,
    etag: 'e',
    versionId: undefined,
    lastModifiedMs: NOON,
    storageClass: 'STANDARD',
    contentType: undefined,
    tags: { owner },
  });
  const deps = {
    table,
    objects: {
      look: async () => {
        looks += 1;
        return truth();
      },
    },
    rules: compileRules({ buckets: [{ name: 'estate', customer: { tag: 'owner' }, attributes: {} }], shards }),
    digest: sha256,
    lanes: openLanes(1, 4, () => 0.5),
    random: () => 0.5,
    now: () => NOON + 60_000,
    pause: async () => {},
  };
  const put = notification({
    eventName: 'ObjectCreated:Put',
    key: 'a',
    eventTimeMs: NOON,
    size: 10,
    eTag: 'e',
    sequencer: '10',
  });
  const take = (body: string) => ingest(batchOf([{ id: '1', body }]), deps, { remainingMs: () => 60_000 });
  const bytes = async (customer: string) => totalsOf(await table.readTotals(customer)).bytes;
  await take(put);
  await take(put);
  expect([looks, await bytes('acme')]).toEqual([1, 10n]);
  owner = 'globex';
  await take(notification({ eventName: 'ObjectTagging:Put', key: 'a', eventTimeMs: NOON + 20_000, eTag: 'e' }));
  expect([await bytes('acme'), await bytes('globex')]).toEqual([0n, 10n]);
  assertI1(table.items());
});
