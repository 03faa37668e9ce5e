import { hash as digestOf } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config, SearchTableConfig } from '../../../shared/config/schema.ts';
import type { Hash } from '../core/document-id.ts';
import type { Generations, Patience, SearchIndex } from '../run/ports.ts';
import type { RepairPorts, SyncTarget } from '../run/repair.ts';
import { secretLogin } from './domain-login.ts';
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
    requestTimeoutMs: 15_000,
    ...identityOf(config, region, dynamo),
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

/** Who we are to the domain: the function's own role, or a user of its fine-grained access control. */
const identityOf = ({ search }: Config, region: string, dynamo: DynamoDBClient) => {
  if (search.auth === 'sigv4') {
    const service = search.domainArn.split(':')[2] === 'aoss' ? ('aoss' as const) : ('es' as const);
    return { region, service, credentials: () => dynamo.config.credentials() };
  }
  const { secretArn } = search.auth;
  const secrets = new SecretsManagerClient(
    clientConfig(secretArn.split(':')[3] ?? region, { requestTimeoutMs: 5_000 }),
  );
  return { login: secretLogin(secrets, secretArn, Date.now) };
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
