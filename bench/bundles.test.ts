import { describe, expect, test } from '@jest/globals';
import { bundleImports, bundleSizes, libraryImports } from './bundles.ts';

describe('every bundle', () => {
  test('is at most 1.2 times one that only imports the same libraries, and at most 950 KB', async () => {
    const over = (await bundleSizes())
      .filter(({ met }) => !met)
      .map(({ name, value, ratio }) => `${name}: ${value} bytes, ${ratio.toFixed(3)} ×`);
    expect(over).toEqual([]);
  }, 180_000);

  test('is imported in at most 1.2 times the time of one that only imports the same libraries, or 40 ms more', async () => {
    const slow = (await bundleImports())
      .filter(({ met }) => !met)
      .map(({ name, ratio }) => `${name}: ${ratio.toFixed(3)} ×`);
    expect(slow).toEqual([]);
  }, 420_000);
});

test('type imports and own files are no libraries of a bundle', () => {
  const source =
    "import type { A } from 'a';\nimport { b, type C } from 'b';\nimport d, { e as f } from 'd';\nimport * as v from 'v';\nexport const s = v.object({ t: v.string() });\ntype T = v.InferOutput<typeof s>;\nimport { g } from './g.ts';\nimport { join } from 'node:path';\n";
  expect([...libraryImports(source)].map(([library, names]) => [library, [...names].sort()])).toEqual([
    ['b', ['b']],
    ['d', ['default', 'e']],
    ['v', ['object', 'string']],
  ]);
});
