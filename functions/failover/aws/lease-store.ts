import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { leaseKey, leaseTable } from '../../../shared/config/record.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Lease } from '../core/lease.ts';
import type { LeaseStore } from '../run/ports.ts';

/** The leases of a config's pairs, each in its table's replica of this region; undefined where no pair has one. */
export const configuredLeases = (config: Config, region: string): LeaseStore | undefined => {
  const { failover, regions } = config;
  const places = new Map(
    failover.pairs.flatMap(({ name, lease }) =>
      lease ? [[name, { table: leaseTable(config, lease), key: leaseKey(lease, name) }] as const] : [],
    ),
  );
  if (places.size === 0) return undefined;
  const placeOf = (pair: string) => {
    const place = places.get(pair);
    if (place === undefined) throw new Error(`the config names no lease table for ${pair}`);
    return place;
  };
  return dynamoLeases(
    (pair) => placeOf(pair).table,
    region,
    [regions.primary, regions.recovery],
    (pair) => placeOf(pair).key,
  );
};

/** Of a config without leases. */
export const noLeases: LeaseStore = {
  unfit: async () => 'the config names no lease table',
  load: async () => undefined,
  save: () => Promise.reject(new Error('the config names no lease table')),
};

/** The leases in this region's replica of tables that are strongly consistent over three regions. `regions` must each have a replica. */
export const dynamoLeases = (
  tableOf: (pair: string) => string,
  region: string,
  regions: readonly string[],
  partitionOf: (pair: string) => string = (pair) => `PAIR#${pair}`,
): LeaseStore => {
  const keyOf = (pair: string): PlainItem => ({ pk: partitionOf(pair), sk: 'LEASE' });
  // A renewal that takes longer than a third of the shortest ttl is worth nothing.
  const client = new DynamoDBClient(
    clientConfig(region, { requestTimeoutMs: 1_500, connectionTimeoutMs: 1_000, maxAttempts: 2 }),
  );
  // A table that is fit stays so: its consistency cannot be changed, and it lives as long as we do or is gone.
  const fit = new Set<string>();
  return {
    unfit: async (pair) => {
      const table = tableOf(pair);
      if (fit.has(table)) return undefined;
      const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
      const why = whyUnfit(table, region, regions, Table);
      if (why === undefined) fit.add(table);
      return why;
    },
    load: async (pair) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableOf(pair), Key: toItem(keyOf(pair)), ConsistentRead: true }),
      );
      if (Item === undefined) return undefined;
      const { pk: _pk, sk: _sk, ...lease } = fromItem(Item);
      return lease as unknown as Lease;
    },
    save: async (lease, expectedSeq) => {
      const condition =
        expectedSeq === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'seq = :expected',
              ExpressionAttributeValues: { ':expected': { N: String(expectedSeq) } },
            };
      const item = toItem({ ...keyOf(lease.pair), ...(lease as unknown as PlainItem) });
      try {
        await client.send(new PutItemCommand({ TableName: tableOf(lease.pair), Item: item, ...condition }));
        return 'saved';
      } catch (error) {
        // Only a failed condition says that the stored lease is another one. A write that met one of another region
        // (docs: ReplicatedWriteConflictException) says nothing of what is stored: it is no answer.
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        throw error;
      }
    },
  };
};

/** Everything that keeps a table from carrying a lease, in one sentence without its full stop; undefined when nothing does. */
export const whyUnfit = (
  table: string,
  region: string,
  regions: readonly string[],
  described: TableDescription | undefined,
): string | undefined => {
  const { MultiRegionConsistency, Replicas = [], GlobalTableWitnesses = [], KeySchema = [] } = described ?? {};
  // A table that is described here has its replica here, whether AWS lists it among the others or not.
  const replicas = new Set([region, ...Replicas.flatMap(({ RegionName }) => RegionName ?? [])]);
  const missing = regions.filter((one) => !replicas.has(one));
  const keys = KeySchema.map(({ AttributeName }) => AttributeName).join(', ');
  const problems = [
    // docs: API_TableDescription, MultiRegionConsistency; absent for a table of one region.
    ...(MultiRegionConsistency === 'STRONG'
      ? []
      : [
          MultiRegionConsistency === undefined
            ? 'it is of this region alone, and would take the lease with it'
            : 'it is eventually consistent: two regions could both hold the lease',
        ]),
    ...(missing.length > 0 ? [`it has no replica in ${missing.join(' and ')}`] : []),
    // docs: V2globaltables_HowItWorks — MRSC is three replicas, or two and a witness; fewer while it is being made.
    ...(MultiRegionConsistency === 'STRONG' && replicas.size + GlobalTableWitnesses.length < 3
      ? ['it is not yet in three regions']
      : []),
    ...(keys === 'pk, sk' ? [] : [`its key is ${keys || 'unknown'}, not pk, sk`]),
  ];
  return problems.length === 0
    ? undefined
    : `the table ${table} cannot carry a lease: ${problems.join('; ')}. It takes a global table with MultiRegionConsistency STRONG`;
};
