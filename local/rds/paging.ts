import type { Params } from './params.ts';
import { invalidValue } from './refusal.ts';

/**
 * One page of a Describe action: `MaxRecords` 20 to 100 (default 100), `Marker` opaque (API reference, each Describe action).
 * Items are sorted by `keyOf`, and a marker is the last key seen: what is added or removed meanwhile neither repeats nor hides others.
 */
export const pageOf = <Item>(
  params: Params,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly marker: string | undefined } => {
  const size = params.whole('MaxRecords', 20, 100) ?? 100;
  const after = readMarker(params.text('Marker'));
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).filter((item) => keyOf(item) > after);
  const page = sorted.slice(0, size);
  const last = page.at(-1);
  const hasMore = sorted.length > size && last !== undefined;
  return { items: page, marker: hasMore ? Buffer.from(`after ${keyOf(last)}`).toString('base64url') : undefined };
};

const readMarker = (marker: string | undefined): string => {
  if (marker === undefined) return '';
  const text = Buffer.from(marker, 'base64url').toString('utf8');
  if (!text.startsWith('after ')) throw invalidValue(`Invalid value ${marker} for Marker`);
  return text.slice('after '.length);
};
