import type { RecordStore } from './ports.ts';

type Reader = Pick<RecordStore, 'load'>;

/**
 * A pair's first record is begun only where the table of the other kind (shared/config/record.ts) has none: begun anew it would name
 * the first leader in epoch 0, whoever leads since. While that table does not answer nothing is begun either.
 */
export const begunOnce = (store: RecordStore, former: Reader & { table: string }, table: string): RecordStore => ({
  ...store,
  load: async (pair) => {
    const record = await store.load(pair);
    if (record !== undefined) return record;
    const left = await former.load(pair);
    if (left === undefined) return undefined;
    throw new Error(
      `the record of ${pair}, at epoch ${left.epoch}, is still in the table ${former.table}, and ${table} has none: carry it over (functions/failover/README.md, "The record")`,
    );
  },
});

/** Reads by the first that answers, in this order: one table, in several regions. Throws what the last one said. */
export const firstAnswer = async <Result>(asks: readonly (() => Promise<Result>)[]): Promise<Result> => {
  let last: unknown = new Error('nobody was asked');
  for (const ask of asks) {
    try {
      return await ask();
    } catch (error) {
      last = error;
    }
  }
  throw last;
};
