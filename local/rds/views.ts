// What a Describe list shows. AWS's are eventually consistent: a list may not know yet what was just made, tagged or removed.
import type { Context } from './context.ts';
import type { Directory } from './directory.ts';
import type { Tagged } from './types.ts';

type Seen = Tagged & { readonly id: string; readonly bornAt: number };

/** Removed records that lists still show for a while, by the directory that they were in. */
export type Ghosts = WeakMap<Directory<never>, { readonly record: Seen; readonly removedAt: number }[]>;

/** Records after `id` as a list of now shows them: without the youngest, with the removed and with old tags, where reads are stale. */
export const listed = function* <Item extends Seen>(
  context: Context,
  directory: Directory<Item>,
  id: string,
): Generator<Item> {
  const since = context.clock.now() - context.reads.staleMs;
  const isStale = context.reads.staleMs > 0;
  const ghosts = isStale ? ghostsOf(context, directory, since).filter((one) => one.id > id) : [];
  for (const item of directory.after(id)) {
    while (ghosts[0] !== undefined && ghosts[0].id < item.id) yield ghosts.shift()!;
    if (ghosts[0]?.id === item.id) ghosts.shift();
    if (!isStale || item.bornAt <= since) yield asListed(item, since, isStale);
  }
  yield* ghosts;
};

const asListed = <Item extends Seen>(item: Item, since: number, isStale: boolean): Item =>
  isStale && item.retagged !== undefined && item.retagged.at > since ? { ...item, tags: item.retagged.before } : item;

const ghostsOf = <Item extends Seen>(context: Context, directory: Directory<Item>, since: number): Item[] =>
  (context.reads.ghosts.get(directory as Directory<never>) ?? [])
    .filter(({ removedAt, record }) => removedAt > since && record.bornAt <= since)
    .map(({ record }) => record as Item)
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** Takes a record out; lists may show it for a while yet. */
export const remove = <Item extends Seen>(context: Context, directory: Directory<Item>, record: Item): void => {
  directory.delete(record.id);
  if (context.reads.staleMs === 0) return;
  const removedAt = context.clock.now();
  const left = (context.reads.ghosts.get(directory as Directory<never>) ?? []).filter(
    (one) => one.removedAt > removedAt - context.reads.staleMs,
  );
  context.reads.ghosts.set(directory as Directory<never>, [...left, { record: { ...record }, removedAt }]);
};

/** Gives a record new tags; lists may show the old ones for a while yet. */
export const retag = (context: Context, record: Tagged, tags: Tagged['tags']): void => {
  record.retagged = { at: context.clock.now(), before: record.tags };
  record.tags = tags;
};
