import type { Params } from './params.ts';
import { invalidValue } from './refusal.ts';

/**
 * One page of a Describe action: `MaxRecords` 20 to 100 (default 100), `Marker` opaque (API reference, each Describe action).
 * `itemsAfter` gives what comes after a key in the keys' order, and a marker is the last key seen: what is added or removed
 * meanwhile neither repeats nor hides others. With `repeats` the next page begins with this one's last item, as a list does
 * that moves while it is read.
 */
export const pageOf = <Item>(
  params: Params,
  itemsAfter: (key: string) => Iterable<Item>,
  keyOf: (item: Item) => string,
  repeats: () => boolean = () => false,
): { readonly items: readonly Item[]; readonly marker: string | undefined } => {
  const size = params.whole('MaxRecords', 20, 100) ?? 100;
  const items: Item[] = [];
  for (const item of itemsAfter(readMarker(params.text('Marker')))) {
    if (items.length === size) return { items, marker: markerAfter(keyOf(items.at(repeats() ? -2 : -1)!)) };
    items.push(item);
  }
  return { items, marker: undefined };
};

const markerAfter = (key: string): string => Buffer.from(`after ${key}`).toString('base64url');

const readMarker = (marker: string | undefined): string => {
  if (marker === undefined) return '';
  const text = Buffer.from(marker, 'base64url').toString('utf8');
  if (!text.startsWith('after ')) throw invalidValue(`Invalid value ${marker} for Marker`);
  return text.slice('after '.length);
};
