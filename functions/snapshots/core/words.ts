import type { Database, Kind } from './inventory.ts';

// Words that the sentences of this wing share.

/** So many of something. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A database in a sentence. */
export const named = ({ kind, id }: Pick<Database, 'kind' | 'id'>): string =>
  kind === 'cluster' ? `cluster ${id}` : id;

/** What databases of a kind are called, at the beginning of a sentence. */
export const KIND_NAMES: Record<Kind, string> = { instance: 'Instances', cluster: 'Clusters' };
