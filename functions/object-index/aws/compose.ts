import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig, isLocalEndpoint } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { compileRules, needsTags } from '../core/rules.ts';
import { auditWork } from '../run/audit.ts';
import { backfillWork } from '../run/backfill.ts';
import { closingWork } from '../run/close.ts';
import type { IngestDeps } from '../run/ingest.ts';
import type { JobDeps } from '../run/job.ts';
import { openLanes, ROWS, ROWS_WITH_MONTHS } from '../run/lanes.ts';
import type { DeadLetters } from '../run/ports.ts';
import type { QueryDeps } from '../run/query-objects.ts';
import { sha256 } from './digest.ts';
import { dynamoClosingBook } from './dynamo-closing-book.ts';
import { dynamoClosings } from './dynamo-closings.ts';
import { dynamoJobs } from './dynamo-jobs.ts';
import { dynamoReader } from './dynamo-reader.ts';
import { dynamoTable } from './dynamo-table.ts';
import { s3List } from './s3-list.ts';
import { s3Objects } from './s3-objects.ts';
import { deadLettersName, sqsDeadLetters } from './sqs-dead-letters.ts';
import { jobsQueueName, sqsJobs } from './sqs-jobs.ts';

/** Transactions that one environment has in flight. */
const LANES = 2;

/** The long work, on AWS. */
export const composeJobs = (config: Config, region: string): JobDeps => {
  const client = new DynamoDBClient(clientConfig(region));
  const tableName = tableNameOf(config);
  const ingest = composeIngest(config, region);
  const list = s3List(new S3Client({ ...clientConfig(region), forcePathStyle: isLocalEndpoint() }));
  const reader = dynamoReader(client, tableName);
  const jobs = dynamoJobs(client, tableName, Date.now);
  return {
    jobs,
    messages: sqsJobs(new SQSClient(clientConfig(region)), jobsQueueName(config.stage)),
    works: {
      backfill: backfillWork({ list, ingest }),
      audit: auditWork({ list, ingest, reader, jobs }),
      close: closingWork({ reader, closings: dynamoClosingBook(client, tableName), now: Date.now }),
    },
    now: Date.now,
  };
};

export const tableNameOf = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-object-index`;

/** What taking in events needs, on AWS. */
export const composeIngest = (config: Config, region: string): IngestDeps => {
  const rules = compileRules(config.objectIndex);
  return {
    table: dynamoTable(new DynamoDBClient(clientConfig(region)), tableNameOf(config)),
    objects: s3Objects(new S3Client({ ...clientConfig(region), forcePathStyle: isLocalEndpoint() }), (bucket) =>
      needsTags(rules, bucket),
    ),
    rules,
    lanes: openLanes(LANES, rules.totalsShards, Math.random, rules.countByDay ? ROWS_WITH_MONTHS : ROWS),
    digest: sha256,
    random: Math.random,
    now: Date.now,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
};

/** The function on the queue: that, and where unreadable messages are kept. */
export const composeIndexing = (config: Config, region: string): IngestDeps & { deadLetters: DeadLetters } => ({
  ...composeIngest(config, region),
  deadLetters: sqsDeadLetters(new SQSClient(clientConfig(region)), deadLettersName(config.stage)),
});

/** What queries need, on AWS. */
export const composeQueries = (config: Config, region: string): QueryDeps => ({
  reader: dynamoReader(new DynamoDBClient(clientConfig(region)), tableNameOf(config)),
  closings: dynamoClosings(new DynamoDBClient(clientConfig(region)), tableNameOf(config)),
  rules: compileRules(config.objectIndex),
  digest: sha256,
  now: Date.now,
});
