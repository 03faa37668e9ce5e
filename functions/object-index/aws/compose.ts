import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { clientConfig, isLocalEndpoint } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { compileRules } from '../core/rules.ts';
import type { IngestDeps } from '../run/ingest.ts';
import { openLanes, ROWS, ROWS_WITH_MONTHS } from '../run/lanes.ts';
import type { QueryDeps } from '../run/query-objects.ts';
import { sha256 } from './digest.ts';
import { dynamoReader } from './dynamo-reader.ts';
import { dynamoTable } from './dynamo-table.ts';
import { s3Objects } from './s3-objects.ts';

/** Transactions that one environment has in flight. */
const LANES = 2;

export const tableNameOf = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-object-index`;

/** What taking in events needs, on AWS. */
export const composeIngest = (config: Config, region: string): IngestDeps => {
  const rules = compileRules(config.objectIndex);
  return {
    table: dynamoTable(new DynamoDBClient(clientConfig(region)), tableNameOf(config)),
    objects: s3Objects(new S3Client({ ...clientConfig(region), forcePathStyle: isLocalEndpoint() })),
    rules,
    lanes: openLanes(LANES, rules.totalsShards, Math.random, rules.countByDay ? ROWS_WITH_MONTHS : ROWS),
    digest: sha256,
    random: Math.random,
    now: Date.now,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
};

/** What queries need, on AWS. */
export const composeQueries = (config: Config, region: string): QueryDeps => ({
  reader: dynamoReader(new DynamoDBClient(clientConfig(region)), tableNameOf(config)),
  rules: compileRules(config.objectIndex),
  digest: sha256,
  now: Date.now,
});
