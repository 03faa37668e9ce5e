import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { bundleOptions, handlerFiles, root } from '../../build/bundle.ts';
import { packagedTemplates } from '../stack.ts';

// Least privilege, held by the code itself: a role allows the calls that its function's bundle makes, and no others.

/** `PutItemCommand` of client-dynamodb → the actions that it needs. Only what differs from `<prefix>:<Name>` is listed. */
const PREFIX: Record<string, string> = {
  'client-rds': 'rds',
  'client-dynamodb': 'dynamodb',
  'client-route-53': 'route53',
  'client-lambda': 'lambda',
  'client-sns': 'sns',
  'client-s3': 's3',
  'client-secrets-manager': 'secretsmanager',
  'client-ssm': 'ssm',
  'client-eventbridge': 'events',
  'client-sqs': 'sqs',
  'client-kms': 'kms',
  'client-cloudwatch': 'cloudwatch',
};
const ACTIONS: Record<string, string[]> = {
  'lambda:Invoke': ['lambda:InvokeFunction'],
  // Transactions are allowed by their items' actions (docs: transaction-apis-iam).
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  's3:HeadObject': ['s3:GetObject', 's3:GetObjectVersion'],
  's3:GetObjectTagging': ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  // s3:ListBucket and s3:ListBucketVersions, which PLATFORM leaves out.
  's3:ListObjectsV2': [],
  's3:ListObjectVersions': [],
  // Tags given at creation are allowed by AddTagsToResource (docs: list_amazonrds).
  'rds:CreateDBSnapshot': ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
  'rds:CreateDBClusterSnapshot': ['rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'],
  // docs: list_amazonrds, dependent actions; the key is KMS's word (PLATFORM).
  'rds:CreateDBInstanceReadReplica': [
    ...['rds:CreateDBInstanceReadReplica', 'rds:AddTagsToResource', 'iam:PassRole', 'kms:DescribeKey'],
  ],
  'rds:CreateDBCluster': ['rds:CreateDBCluster', 'rds:AddTagsToResource', 'kms:DescribeKey'],
  'rds:CopyDBSnapshot': ['rds:CopyDBSnapshot', 'rds:AddTagsToResource'],
  'rds:CopyDBClusterSnapshot': ['rds:CopyDBClusterSnapshot', 'rds:AddTagsToResource'],
};

/** What the platform does with a function's role, without a call in its code. */
const PLATFORM =
  /^(logs:CreateLogStream|logs:PutLogEvents|ec2:|kms:(GenerateDataKey|Decrypt|CreateGrant)|rds-db:connect|es:|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)|dynamodb:(GetRecords|GetShardIterator|DescribeStream|ListStreams)|s3:ListBucket)/;

/** Calls that a bundle holds and its function never reaches: functions of a wing share the wiring of its clients. */
const NEVER_REACHED: Record<string, string[]> = {
  // The throw-aways have no Enhanced Monitoring and no readers, and receipts are read by people and by readiness.
  'failover/drills': ['dynamodb:Query', 'iam:PassRole', 'route53:ListHealthChecks'],
  'failover/readiness': ['route53:ChangeResourceRecordSets'],
  // What is left of creations is written down by the hourly run alone.
  'snapshots/copies': ['dynamodb:PutItem'],
  'snapshots/verify': ['dynamodb:UpdateItem'],
  'search-sync/logs': ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  'search-sync/retention': ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  'search-sync/sync': ['dynamodb:BatchGetItem'],
};

/** Calls that are allowed only where the config asks for them, which the local stage does not (tests/failover/names-wiring.test.ts). */
const WHERE_ASKED_FOR: Record<string, string[]> = {
  // Where the domain is logged in to by a secret (tests/search-sync/login.test.ts).
  ...Object.fromEntries(
    ['logs', 'retention', 'search', 'sync', 'upkeep'].map((name) => [
      `search-sync/${name}`,
      ['secretsmanager:GetSecretValue'],
    ]),
  ),
  // Leases and Aurora clusters (tests/failover/lease-wiring.test.ts, aurora-wiring.test.ts).
  'failover/guard': [
    ...['dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:PutItem', 'rds:AddTagsToResource'],
    ...['rds:DescribeDBClusters', 'rds:DescribeGlobalClusters', 'rds:ModifyDBCluster'],
  ],
  // Where a bucket's policy reads tags.
  'object-index/index-objects': ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  'object-index/maintain-objects': ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  'failover/drills': ['route53:GetChange'],
  'failover/readiness': ['route53:GetChange', 'rds:DescribeDBClusters', 'rds:DescribeGlobalClusters'],
  'failover/reconciler': [
    'cloudwatch:PutMetricData',
    ...['rds:CreateDBCluster', 'rds:CreateDBClusterSnapshot', 'rds:CreateDBInstance', 'rds:DescribeDBClusterSnapshots'],
    ...['rds:DescribeDBClusters', 'rds:DescribeEvents', 'rds:DescribeGlobalClusters', 'rds:FailoverGlobalCluster'],
    ...['rds:PromoteReadReplicaDBCluster', 'rds:StopDBCluster', 'rds:SwitchoverGlobalCluster'],
    ...['route53:GetChange', 'route53:ListHealthChecks'],
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'ssm:GetParameter',
    'ssm:PutParameter',
  ],
};

const calledBy = async (metafile: Metafile, file: string): Promise<string[]> => {
  const sources = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === file)?.[1].inputs ?? {};
  const actions = new Set<string>();
  for (const [source, { bytesInOutput }] of Object.entries(sources)) {
    if (source.includes('node_modules') || bytesInOutput === 0) continue;
    const text = await readFile(join(root, source), 'utf8');
    for (const [, names = '', client = ''] of text.matchAll(
      /import \{([^}]*)\} from '@aws-sdk\/(client-[a-z0-9-]+)'/g,
    )) {
      // A paginator makes the calls of its command.
      for (const [, pages, name = pages] of names.matchAll(/\bpaginate(\w+)\b|\b(\w+)Command\b/g)) {
        const action = `${PREFIX[client] ?? client}:${name}`;
        for (const one of ACTIONS[action] ?? [action]) actions.add(one);
      }
    }
  }
  return [...actions].sort();
};

let metafile: Metafile;
/** By handler, for each region that has it. */
let granted: Record<string, string[][]>;
beforeAll(async () => {
  const files = await handlerFiles();
  ({ metafile } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    entryPoints: files.map(({ file }) => file),
    outdir: join(root, 'dist'),
    write: false,
    metafile: true,
  }));
  granted = {};
  for (const { Resources } of Object.values(await packagedTemplates())) {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Handler, Role } = Properties as unknown as {
        Handler: string;
        Role: { 'Fn::GetAtt': [string, string] };
      };
      const { Policies } = (Resources[Role['Fn::GetAtt'][0]] as any).Properties;
      const actions = Policies.flatMap((policy: any) =>
        policy.PolicyDocument.Statement.flatMap((statement: any) => statement.Action),
      );
      const own = [...new Set<string>(actions)].filter((action) => !PLATFORM.test(action)).sort();
      granted[Handler] = [...(granted[Handler] ?? []), own];
    }
  }
});

test.each(await handlerFiles())(
  '$wing/$name may make the calls that it makes, and no others',
  async ({ wing, name, file }) => {
    const never = [NEVER_REACHED, WHERE_ASKED_FOR].flatMap((list) => list[`${wing}/${name}`] ?? []);
    const called = await calledBy(metafile, file);
    expect(called).toEqual(expect.arrayContaining(never));
    const reached = called.filter((action) => !never.includes(action));
    const regions = granted[`dist/${wing}/${name}.handler`] ?? [];
    expect(regions.length).toBeGreaterThan(0);
    for (const actions of regions) expect(actions).toEqual(reached);
  },
);
