import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import type { RecordStore } from '../run/ports.ts';

/** A table's owner is asked again so much later where he did not answer: DescribeTable is the control plane's, and no look waits for it twice. */
const ASK_AGAIN_MS = 60_000;

/** Why this table cannot hold the record, without its full stop; undefined where it can: one region, or strongly consistent over several. */
export const whyUnsafe = (table: string, described: TableDescription | undefined): string | undefined => {
  const { MultiRegionConsistency, Replicas = [] } = described ?? {};
  // docs: API_TableDescription: MultiRegionConsistency is absent for a table of one region.
  const isEventual =
    MultiRegionConsistency === 'EVENTUAL' || (Replicas.length > 0 && MultiRegionConsistency !== 'STRONG');
  return isEventual
    ? `the table ${table} is eventually consistent over its regions: each could commit an epoch of its own. It takes a table of one region, or MultiRegionConsistency STRONG`
    : undefined;
};

/** What says why a table must not be used; a throw is no answer. Asked until it has answered once. */
export const tableDoubt = (client: DynamoDBClient, table: string) => async (): Promise<string | undefined> =>
  whyUnsafe(table, (await client.send(new DescribeTableCommand({ TableName: table }))).Table);

/**
 * A record store that is refused at start where its table is eventually consistent: nothing is read from it, so nothing is decided.
 * Without an answer it is used: in a disaster the control plane may be silent, and what was fit at the deploy is.
 */
export const onlySafe = (
  store: RecordStore,
  doubt: () => Promise<string | undefined>,
  now: () => number,
): RecordStore => {
  let isFit = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  const refuse = async () => {
    if (isFit || now() - askedMs < ASK_AGAIN_MS) return;
    askedMs = now();
    const because = await doubt().then(
      (found) => {
        isFit = found === undefined;
        return found;
      },
      () => undefined,
    );
    if (because === undefined) return;
    askedMs = Number.NEGATIVE_INFINITY;
    throw new Error(because);
  };
  return {
    ...store,
    load: async (pair) => {
      const [, record] = await Promise.all([refuse(), store.load(pair)]);
      return record;
    },
  };
};
