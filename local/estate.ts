import { readFile } from 'node:fs/promises';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { REGION_SETS } from '../shared/config/record.ts';
import type { Config, PairConfig } from '../shared/config/schema.ts';
import { openDatabase } from '../shared/database/login.ts';
import { openMysql } from '../shared/database/mysql.ts';
import { statementsOf } from './engines/mysql-script.ts';
import type { LocalAws } from './local-aws.ts';
import { portsOf } from './rds/addresses.ts';

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
  progress?: (line: string) => void;
}

const master = { username: 'master', password: 'local-master-password' };
const application = { username: 'app', password: 'local-app-password' };
/** The role that setup.sql makes. */
const mainstay = { username: 'mainstay', password: 'local-mainstay-password' };
const OPEN_GROUP = 'sg-0open';
const DATABASE = 'ledger';

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
  if (parts.databases) {
    for (const pair of config.failover.pairs) work.push(databasePair(aws, config, pair, client, say));
    for (const name of new Set(config.failover.pairs.flatMap(({ lease }) => lease?.table ?? []))) {
      work.push(leaseTable(new DynamoDBClient({ ...client, region: config.regions.primary }), name, config));
    }
    if (config.snapshots.copies)
      work.push(key(new KMSClient({ ...client, region: config.regions.recovery }), config.snapshots.copies.kmsKeyId));
  }
  await Promise.all(work);
  return { master, application };
};

const bucket = async (s3: S3Client, name: string): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
};

/** A key that the config names by its alias. */
const key = async (kms: KMSClient, aliasArn: string): Promise<void> => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'for copies of snapshots' }));
  const AliasName = aliasArn.slice(aliasArn.indexOf('alias/'));
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
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

/** A region that such a table may be in beside the pair's two. */
const thirdOf = ({ primary, recovery }: Config['regions']): string =>
  REGION_SETS.find((set) => set.includes(primary))?.find((one) => one !== primary && one !== recovery) ?? primary;

/** A global table with strong consistency: replicas where the pairs are, a witness in another region of their set. */
const leaseTable = async (dynamodb: DynamoDBClient, name: string, { regions }: Config): Promise<void> => {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await dynamodb.send(
    new UpdateTableCommand({
      TableName: name,
      MultiRegionConsistency: 'STRONG',
      ReplicaUpdates: [{ Create: { RegionName: regions.recovery } }],
      GlobalTableWitnessUpdates: [{ Create: { RegionName: thirdOf(regions) } }],
    }),
  );
};

const logs = async (cloudwatch: CloudWatchLogsClient, logGroupName: string): Promise<void> => {
  await cloudwatch.send(new CreateLogGroupCommand({ logGroupName }));
};

type Client = { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

/** A primary with a ledger and an application's role, a streaming replica in the recovery region, secrets in both, and the writer's name. */
const databasePair = async (
  aws: LocalAws,
  config: Config,
  pair: PairConfig,
  client: Client,
  say: (line: string) => void,
): Promise<void> => {
  if (pair.kind !== 'instance')
    throw new Error(`${pair.name} is of Aurora clusters, which no server of the local AWS can be: take kind: instance`);
  const { primary, recovery } = config.regions;
  const rdsIn = (region: string) => new RDSClient({ ...client, region });
  aws.rds.admin.securityGroup(OPEN_GROUP, 'all');
  for (const empty of [pair.fencedSecurityGroupId, pair.replica.fencedSecurityGroupId]) {
    if (empty !== undefined) aws.rds.admin.securityGroup(empty, 'none');
  }
  aws.route53.admin.createZone({ id: pair.dns.zoneId, name: zoneOf(pair.dns.writer), private: false });

  const made = await rdsIn(primary).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: pair.primary.instance,
      Engine: pair.engine,
      DBInstanceClass: 'db.m8g.large',
      AllocatedStorage: 100,
      DBName: DATABASE,
      MasterUsername: master.username,
      MasterUserPassword: master.password,
      VpcSecurityGroupIds: [OPEN_GROUP],
      BackupRetentionPeriod: 7,
      StorageEncrypted: true,
      Tags: [
        { Key: config.snapshots.tagKey, Value: 'true' },
        { Key: 'team', Value: 'payments' },
      ],
    }),
  );
  const primaryHost = await available(rdsIn(primary), pair.primary.instance);
  const secret = async (region: string, name: string, host: string, login: { username: string; password: string }) => {
    const SecretString = JSON.stringify({ host, port: portsOf(pair.engine).client, dbname: DATABASE, ...login });
    await new SecretsManagerClient({ ...client, region }).send(new CreateSecretCommand({ Name: name, SecretString }));
  };
  if (pair.login.kind === 'secret') await secret(primary, pair.login.secretId, primaryHost, mainstay);
  await Promise.all(
    [primary, recovery].flatMap((region) => [
      secret(region, 'estate/master', primaryHost, master),
      secret(region, 'estate/ledger-app', pair.dns.writer, application),
    ]),
  );
  await (pair.engine === 'postgres' ? prepare : prepareMysql)(aws, primary, primaryHost);

  await rdsIn(recovery).send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: pair.replica.instance,
      SourceDBInstanceIdentifier: made.DBInstance?.DBInstanceArn ?? '',
      VpcSecurityGroupIds: [OPEN_GROUP],
      KmsKeyId: `arn:aws:kms:${recovery}:${aws.account}:key/estate`,
    }),
  );
  const replicaHost = await available(rdsIn(recovery), pair.replica.instance);
  if (pair.login.kind === 'secret') await secret(recovery, pair.login.secretId, replicaHost, mainstay);
  await new Route53Client({ ...client, region: primary }).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: pair.dns.zoneId,
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: pair.dns.writer,
              Type: 'CNAME',
              TTL: pair.dns.ttlSeconds,
              ResourceRecords: [{ Value: primaryHost }],
            },
          },
        ],
      },
    }),
  );
  say(
    `estate: ${pair.primary.instance} (${primary}) streams to ${pair.replica.instance} (${recovery}); ${pair.dns.writer} leads to the first`,
  );
};

/** setup.sql as its README says, a ledger, and the application's own role. */
const prepare = async (aws: LocalAws, region: string, host: string): Promise<void> => {
  Object.assign(process.env, aws.env());
  const database = await openDatabase(
    { kind: 'secret', secretId: 'estate/master' },
    { region, host, timeoutMs: 20_000 },
  );
  try {
    await database.query(await readFile(new URL('../functions/failover/setup.sql', import.meta.url), 'utf8'));
    await database.query(`
      ALTER ROLE ${mainstay.username} PASSWORD '${mainstay.password}';
      CREATE ROLE ${application.username} LOGIN PASSWORD '${application.password}';
      CREATE TABLE ledger (number bigint PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now());
      GRANT SELECT, INSERT ON ledger TO ${application.username};
    `);
  } finally {
    await database.close();
  }
};

/** The same for MySQL and MariaDB: setup.mysql.sql, a ledger, and the application's own user. */
const prepareMysql = async (aws: LocalAws, region: string, host: string): Promise<void> => {
  Object.assign(process.env, aws.env());
  const database = await openMysql({ kind: 'secret', secretId: 'estate/master' }, { region, host, timeoutMs: 20_000 });
  try {
    const setup = await readFile(new URL('../functions/failover/setup.mysql.sql', import.meta.url), 'utf8');
    for (const statement of [
      ...statementsOf(setup),
      `ALTER USER ${mainstay.username} IDENTIFIED BY '${mainstay.password}' REQUIRE SSL ACCOUNT UNLOCK`,
      `CREATE USER ${application.username} IDENTIFIED BY '${application.password}'`,
      `CREATE TABLE ${DATABASE}.ledger (number bigint PRIMARY KEY, written_at timestamp(3) NOT NULL DEFAULT now(3))`,
      `GRANT SELECT, INSERT ON ${DATABASE}.ledger TO ${application.username}`,
    ]) {
      await database.query(statement);
    }
  } finally {
    await database.close();
  }
};

const available = async (rds: RDSClient, DBInstanceIdentifier: string): Promise<string> => {
  for (;;) {
    const [one] = (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances ?? [];
    if (one?.DBInstanceStatus === 'available' && one.Endpoint?.Address) return one.Endpoint.Address;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const zoneOf = (name: string): string => name.slice(name.indexOf('.') + 1);
