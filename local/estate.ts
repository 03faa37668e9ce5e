import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../shared/config/schema.ts';
import type { LocalAws } from './local-aws.ts';

// What a customer's account holds before Mainstay comes: the resources that config/local.yml names.

export interface Estate {
  /** The master login of every database of the estate; for setup and for independent checks, never for Mainstay. */
  master: { username: string; password: string };
  /** The application's login to the pair's databases. */
  application: { username: string; password: string };
}

export interface EstateParts {
  databases?: boolean;
  objects?: boolean;
  documents?: boolean;
  /** SQL that prepares a database for Mainstay; `:guard_password` and `:app_password` are filled in. */
  setupSql?: string;
  progress?: (line: string) => void;
}

const master = { username: 'master', password: 'local-master-password' };
const application = { username: 'app', password: 'local-app-password' };
const _guard = { username: 'mainstay_guard', password: 'local-guard-password' };

/** Makes the existing resources of the local stage, each through the API that a customer would use. */
export const openEstate = async (aws: LocalAws, config: Config, parts: EstateParts): Promise<Estate> => {
  const client = { endpoint: aws.endpoint, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' } };
  const say = parts.progress ?? (() => {});
  const work: Promise<void>[] = [];
  if (parts.objects)
    work.push(
      ...config.objectIndex.buckets.map(({ name }) =>
        bucket(new S3Client({ ...client, region: config.regions.primary, forcePathStyle: true }), name),
      ),
    );
  if (parts.documents) {
    work.push(
      ...config.search.tables.map((table) =>
        documentTable(
          new DynamoDBClient({ ...client, region: config.regions.primary }),
          table.name,
          table.keys.partition,
          table.keys.sort,
        ),
      ),
    );
    work.push(
      ...config.search.logs.map(({ logGroup }) =>
        logs(new CloudWatchLogsClient({ ...client, region: config.regions.primary }), logGroup),
      ),
    );
  }
  if (parts.databases)
    for (const pair of config.failover.pairs) work.push(databasePair(aws, config, pair, client, parts.setupSql, say));
  await Promise.all(work);
  return { master, application };
};

const bucket = async (s3: S3Client, name: string): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
};

const documentTable = async (
  dynamodb: DynamoDBClient,
  name: string,
  partition: string,
  sort?: string,
): Promise<void> => {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partition, ...(sort ? [sort] : [])].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        ...(sort ? [{ AttributeName: sort, KeyType: 'RANGE' as const }] : []),
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
};

const logs = async (cloudwatch: CloudWatchLogsClient, logGroupName: string): Promise<void> => {
  await cloudwatch.send(new CreateLogGroupCommand({ logGroupName }));
};
