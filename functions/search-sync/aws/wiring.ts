import { hash as digestOf } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config, SearchTableConfig } from '../../../shared/config/schema.ts';
import type { Hash } from '../core/document-id.ts';
import type { Generations, Patience, SearchIndex } from '../run/ports.ts';
import type { RepairPorts, SyncTarget } from '../run/repair.ts';
import { dynamoDbTable } from './dynamodb-table.ts';
import { openSearchGenerations } from './generations.ts';
import { type OpenSearchHttp, openSearchHttp } from './opensearch-http.ts';
import { openSearchIndex } from './opensearch-index.ts';

export interface Wiring {
  http: OpenSearchHttp;
  index: SearchIndex;
  hash: Hash;
  /** The ports of one table's sync and search. */
  portsOf(table: SearchTableConfig, patience: Patience): RepairPorts & { generations: Generations };
  dynamo: DynamoDBClient;
}

export const sha256: Hash = (text) => digestOf('sha256', text);

/** Opens the clients of this wing once per process. With AWS_ENDPOINT_URL set, OpenSearch is there too (the local AWS). */
export const openWiring = (config: Config, region: string): Wiring => {
  const dynamo = new DynamoDBClient(clientConfig(region, { requestTimeoutMs: 5_000 }));
  const http = openSearchHttp({
    node: process.env.AWS_ENDPOINT_URL ?? config.search.domainEndpoint,
    region,
    service: config.search.domainArn.split(':')[2] === 'aoss' ? 'aoss' : 'es',
    credentials: () => dynamo.config.credentials(),
    requestTimeoutMs: 15_000,
  });
  const index = openSearchIndex(http, Date.now);
  const generations = openSearchGenerations(http);
  return {
    http,
    index,
    dynamo,
    hash: sha256,
    portsOf: (table, patience) => ({
      index,
      table: dynamoDbTable(dynamo, table.name, table.keys, patience.sleep),
      hash: sha256,
      patience,
      generations,
    }),
  };
};

/** Real time and chance; `remainingMs` is the invocation's. */
export const realPatience = (remainingMs: () => number): Patience => ({
  nowMs: Date.now,
  sleep: (ms) => sleep(ms),
  chance: Math.random,
  remainingMs,
});

/** What the config says of a table, as a target. */
export const targetOf = (table: SearchTableConfig): SyncTarget => ({
  table: table.name,
  index: table.index,
  keys: table.keys,
  project: table.project,
});

/** Where dead letters go; the bucket is made by resources/search-sync.yml. */
export const deadLetterBucket = (config: Config): string =>
  `mainstay-${config.stage}-search-dead-letters-${config.account}`;
