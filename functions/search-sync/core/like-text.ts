import type { AttributeValue, Item } from './attribute-value.ts';
import { type Projection, projected } from './projection.ts';

/** More than this says nothing new about what an item is like. */
const LONGEST = 20_000;

/** All texts of the attributes of an item that are indexed: what "similar to this one" is asked with. */
export const likeText = (item: Item, projection: Projection | undefined): string => {
  const texts: string[] = [];
  for (const [, name] of projected(item, projection)) gather(item[name] as AttributeValue, texts);
  return texts.join(' ').slice(0, LONGEST);
};

const gather = (value: AttributeValue, texts: string[]): void => {
  if (value.S !== undefined) texts.push(value.S);
  else if (value.SS !== undefined) texts.push(...value.SS);
  else if (value.L !== undefined) for (const child of value.L) gather(child, texts);
  else if (value.M !== undefined) for (const child of Object.values(value.M)) gather(child, texts);
};
