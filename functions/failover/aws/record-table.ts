import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import type { TableSeen } from '../core/readiness-record.ts';
import type { RecordStore } from '../run/ports.ts';
import { recordClient } from './record-read.ts';

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

/** The record's table as DynamoDB describes it in one region: what readiness asks. */
export const recordTableSeen = (table: string, region: string) => async (): Promise<TableSeen> => {
  const { Table } = await recordClient(region).send(new DescribeTableCommand({ TableName: table }));
  return tableSeen(Table, region);
};

/** A description in the words of readiness; a table that is described in a region is there, whether AWS lists it or not. */
export const tableSeen = (described: TableDescription | undefined, region: string): TableSeen => {
  const { MultiRegionConsistency, Replicas = [], GlobalTableWitnesses = [] } = described ?? {};
  const listed = Replicas.map(({ RegionName = '', ReplicaStatus = 'unknown' }) => ({
    region: RegionName,
    status: ReplicaStatus as string,
  }));
  const own = { region, status: described?.TableStatus ?? 'unknown' };
  return {
    consistency:
      whyUnsafe('', described) !== undefined
        ? 'eventual'
        : MultiRegionConsistency === 'STRONG'
          ? 'strong'
          : 'one-region',
    replicas: listed.some((one) => one.region === region) ? listed : [own, ...listed],
    witnesses: GlobalTableWitnesses.map(({ RegionName = '', WitnessStatus = 'unknown' }) => ({
      region: RegionName,
      status: WitnessStatus as string,
    })),
    isProtected: described?.DeletionProtectionEnabled === true,
  };
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
