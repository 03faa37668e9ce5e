import type { Item } from './attribute-value.ts';
import { sortedNames } from './value-text.ts';

/** Which attributes are indexed, and under which names. `include` first, then `exclude`, then `rename`. */
export interface Projection {
  include?: readonly string[] | undefined;
  exclude?: readonly string[] | undefined;
  rename?: Readonly<Record<string, string>> | undefined;
}

/** The attributes that go into the document as [name in the index, name in the item], in one fixed order. */
export const projected = (item: Item, { include, exclude, rename }: Projection = {}): [string, string][] => {
  const renames = rename ?? {};
  return sortedNames(item)
    .filter((name) => (include === undefined || include.includes(name)) && !exclude?.includes(name))
    .map((name): [string, string] => [Object.hasOwn(renames, name) ? (renames[name] as string) : name, name])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
};
