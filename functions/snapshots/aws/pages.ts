/** A list that did not end: the same marker came twice. Half a list is no list. */
export class PagingError extends Error {
  constructor(marker: string) {
    super(`the list does not end: marker ${marker} came twice`);
    this.name = 'PagingError';
  }
}

/**
 * All pages of a Describe call, asked with the same parameters and only the Marker changed (docs: API_DescribeDBSnapshots,
 * Marker). Each one once: a list may shift between two pages, and one backup that is counted twice stands for one that is not there.
 */
export const allPages = async <Page extends { Marker?: string | undefined }, Item>(
  ask: (marker: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
  keyOf: (item: Item) => string | undefined,
): Promise<Item[]> => {
  const items: Item[] = [];
  const named = new Set<string>();
  const seen = new Set<string>();
  let marker: string | undefined;
  do {
    const page = await ask(marker);
    for (const item of itemsOf(page) ?? []) {
      const key = keyOf(item);
      if (key !== undefined && named.has(key)) continue;
      if (key !== undefined) named.add(key);
      items.push(item);
    }
    marker = page.Marker || undefined;
    if (marker !== undefined) {
      if (seen.has(marker)) throw new PagingError(marker);
      seen.add(marker);
    }
  } while (marker !== undefined);
  return items;
};
