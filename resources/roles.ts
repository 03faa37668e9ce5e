import { formerTable, leaseKey, leaseTable, mrscRegions, recordTable } from '../shared/config/record.ts';
import type { Config, RegionRole } from '../shared/config/schema.ts';
import { clusterLeadership, clustersGuarded, clustersSeen } from './failover-clusters.ts';
import { drillStatements, drillsGuarded, readinessStatements } from './failover-drills.ts';

// One role per function, with only the actions that it calls. Read this file to know what Mainstay can do in an account.

interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: unknown[];
  Condition?: Record<string, Record<string, unknown>>;
}
type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

const allow = (Action: string[], Resource: unknown[], Condition?: Statement['Condition']): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && Object.keys(Condition).length > 0 && { Condition }),
});

const arn = (path: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${path}` });
const here = (service: string, path: string) => arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${path}`);
const attribute = (resource: string, name = 'Arn') => ({ 'Fn::GetAtt': [resource, name] });
const ref = (resource: string) => ({ Ref: resource });

/** A function's role, or none where the config does not ask for the function (serverless.yml: deployWith). */
const only = <T extends object>(asked: unknown, entries: T): T | Record<string, never> =>
  asked === undefined ? {} : entries;

/** Describe calls of RDS take no resource (docs: list_amazonrds). */
const everything = ['*'];

/** What each function may do. `network` adds the calls by which Lambda puts a function into a VPC. */
const functionRoles = (
  config: Config,
): Record<RegionRole, Record<string, { name: string; network?: true; statements: Statement[] }>> => {
  const { stage, regions, snapshots, failover, objectIndex, search } = config;
  const secrets = failover.pairs.flatMap(({ login }) =>
    login.kind === 'secret' ? [here('secretsmanager', `secret:${login.secretId}-*`)] : [],
  );
  const databaseUsers = failover.pairs.flatMap(({ login }) =>
    login.kind === 'iam' ? [here('rds-db', `dbuser:*/${login.username}`)] : [],
  );
  const logins = [
    ...(secrets.length > 0 ? [allow(['secretsmanager:GetSecretValue'], secrets)] : []),
    ...(databaseUsers.length > 0 ? [allow(['rds-db:connect'], databaseUsers)] : []),
  ];
  const guard = (place: Side): Statement[] => [
    ...logins,
    allow(['rds:DescribeDBInstances'], everything),
    // The fence: an empty security group. Never a promotion, never a deletion.
    ...onInstances(config, [place], ['rds:ModifyDBInstance']),
    ...drillsGuarded(config),
    // Its own tag, and no other, says that a lease was kept once.
    ...leasesOf(config, place),
    ...(leased(config).some(({ lease }) => lease.table === undefined) ? [recordKey] : []),
    ...(leased(config).length > 0
      ? onInstances(config, [place], ['rds:AddTagsToResource'], {
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['mainstay:lease'] },
        })
      : []),
    ...clustersGuarded(config, place),
  ];
  const invoke = (...targets: [RegionRole, string][]) =>
    allow(
      ['lambda:InvokeFunction'],
      targets.map(([role, name]) =>
        arn(`lambda:${regions[role]}:\${AWS::AccountId}:function:mainstay-${stage}-${name}`),
      ),
    );
  /** The functions that look and act inside the regions. */
  const lookers = invoke(
    ...(['primary', 'recovery'] as const).flatMap((role): [RegionRole, string][] => [
      [role, 'guard'],
      [role, 'observer'],
    ]),
    ['witness', 'witness'],
  );
  const buckets = objectIndex.buckets.map(({ name }) => arn(`s3:::${name}/*`));
  /** Only where the policy of a bucket reads tags. */
  const wantsTags = objectIndex.buckets.some(({ customer, attributes }) =>
    [customer, ...Object.values(attributes)].some((source) => 'tag' in source),
  );
  const readTags = wantsTags ? ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'] : [];
  const tables = search.tables.map(({ name }) => here('dynamodb', `table/${name}`));
  const key = (...actions: string[]) => allow(actions, [attribute('MainstayKey')]);
  /** The record table is encrypted with our key, and DynamoDB asks for its caller's leave (docs: encryption.usagenotes). */
  const recordKey = key('kms:GenerateDataKey', 'kms:Decrypt');
  const report = [allow(['sns:Publish'], [ref('ReportsTopic')]), key('kms:GenerateDataKey', 'kms:Decrypt')];
  const signed = search.domainArn.includes(':aoss:')
    ? allow(['aoss:APIAccessAll'], [search.domainArn])
    : allow(
        ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost', 'es:ESHttpPut', 'es:ESHttpDelete'],
        [`${search.domainArn}/*`],
      );
  const indexes = search.auth === 'sigv4' ? signed : allow(['secretsmanager:GetSecretValue'], [search.auth.secretArn]);
  const objectTable = here('dynamodb', `table/mainstay-${stage}-object-index`);
  /** Where the witness may find the record: in its own region, or in those of the pair. */
  const recordPlaces = mrscRegions(config)?.replicas ?? [regions.recovery];
  const stack = `mainstay-${stage}`;
  const ownSnapshots = [
    here('rds', `snapshot:${snapshots.prefix}-*`),
    here('rds', `cluster-snapshot:${snapshots.prefix}-*`),
  ];
  /** Pauses and confirmations, creations that are left, verifications: in the primary region. The copies read it from the recovery one, and use a confirmation up. */
  const state = arn(`dynamodb:${regions.primary}:\${AWS::AccountId}:table/mainstay-${stage}-snapshots`);
  // Someone else's snapshot cannot be deleted even by a bug: the tag is a condition of the permission.
  const deleteOwnSnapshots = allow(['rds:DeleteDBSnapshot', 'rds:DeleteDBClusterSnapshot'], ownSnapshots, {
    StringEquals: { 'aws:ResourceTag/mainstay:stack': stack },
  });
  // Never on a database, and never without our stack's tag: the tags that deletions ask for cannot be put elsewhere.
  const tagOwnSnapshots = allow(['rds:AddTagsToResource'], ownSnapshots, {
    StringEquals: { 'aws:RequestTag/mainstay:stack': stack },
  });
  /** Keys that snapshots are encrypted with belong to whoever encrypted them: looked at, whichever they are. */
  const lookAtKeys = allow(['kms:DescribeKey'], [here('kms', 'key/*')]);
  const keysOfPrimary = arn(`kms:${regions.primary}:\${AWS::AccountId}:key/*`);
  /** A restore or a copy makes RDS use the key: by a grant to RDS and to nobody else (docs: Overview.Encryption.Keys). */
  const letRdsUseKeys = allow(['kms:CreateGrant'], [here('kms', 'key/*')], {
    Bool: { 'kms:GrantIsForAWSResource': 'true' },
  });
  const throwAways = [here('rds', `db:${snapshots.prefix}v-*`), here('rds', `cluster:${snapshots.prefix}v-*`)];
  /** What surrounds a database that is made: groups of options, parameters and subnets. */
  const surroundings = ['og:*', 'pg:*', 'cluster-pg:*', 'subgrp:*'].map((path) => here('rds', path));

  return {
    primary: {
      SnapshotsRole: {
        name: 'snapshots',
        statements: [
          allow(
            [
              'rds:DescribeDBInstances',
              'rds:DescribeDBClusters',
              'rds:DescribeDBSnapshots',
              'rds:DescribeDBClusterSnapshots',
              'rds:DescribeAccountAttributes',
            ],
            everything,
          ),
          allow(['rds:CreateDBSnapshot'], [here('rds', 'db:*'), here('rds', `snapshot:${snapshots.prefix}-*`)]),
          allow(
            ['rds:CreateDBClusterSnapshot'],
            [here('rds', 'cluster:*'), here('rds', `cluster-snapshot:${snapshots.prefix}-*`)],
          ),
          tagOwnSnapshots,
          deleteOwnSnapshots,
          lookAtKeys,
          allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [state]),
          allow(
            ['sqs:GetQueueUrl', 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            [attribute('SnapshotsContinueQueue')],
          ),
          ...report,
        ],
      },
      ...only(snapshots.verification, {
        VerifyRole: {
          name: 'verify',
          statements: [
            allow(
              [
                'rds:DescribeDBInstances',
                'rds:DescribeDBClusters',
                'rds:DescribeDBSnapshots',
                'rds:DescribeDBClusterSnapshots',
              ],
              everything,
            ),
            // It makes databases only with our throw-away tag, and under a name of ours.
            allow(
              [
                'rds:RestoreDBInstanceFromDBSnapshot',
                'rds:RestoreDBClusterFromSnapshot',
                'rds:CreateDBInstance',
                'rds:AddTagsToResource',
              ],
              throwAways,
              { StringEquals: { 'aws:RequestTag/mainstay:throw-away': stack } },
            ),
            allow(
              ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:RestoreDBClusterFromSnapshot', 'rds:CreateDBInstance'],
              [...ownSnapshots, ...surroundings],
            ),
            // The riskiest permission of the product: the tag is a condition, and the code asks for more (core/verification/throw-away.ts).
            allow(
              ['rds:ModifyDBInstance', 'rds:ModifyDBCluster', 'rds:DeleteDBInstance', 'rds:DeleteDBCluster'],
              throwAways,
              { StringEquals: { 'aws:ResourceTag/mainstay:throw-away': stack } },
            ),
            allow(['rds:AddTagsToResource'], ownSnapshots, {
              StringEquals: { 'aws:ResourceTag/mainstay:stack': stack },
            }),
            allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [state]),
            invoke(['primary', 'verify-check']),
            lookAtKeys,
            letRdsUseKeys,
            ...report,
          ],
        },
        VerifyCheckRole: { name: 'verify-check', network: true as const, statements: [] },
      }),
      GuardRole: { name: 'guard', network: true, statements: guard('primary') },
      ObserverRole: { name: 'observer', network: true, statements: logins },
      IndexObjectsRole: {
        name: 'index-objects',
        statements: [
          allow(
            ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            [attribute('ObjectEventsQueue')],
          ),
          allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], [attribute('ObjectEventsDeadLetters')]),
          allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [objectTable]),
          allow(['s3:GetObject', 's3:GetObjectVersion', ...readTags], buckets),
          // Without it S3 answers 403 for an object that is gone, which is no evidence of its absence (docs: API_HeadObject).
          allow(
            ['s3:ListBucket'],
            objectIndex.buckets.map(({ name }) => arn(`s3:::${name}`)),
          ),
          key('kms:GenerateDataKey', 'kms:Decrypt'),
        ],
      },
      MaintainObjectsRole: {
        name: 'maintain-objects',
        statements: [
          allow(
            ['sqs:GetQueueUrl', 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            [attribute('ObjectJobsQueue')],
          ),
          allow(
            ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
            [objectTable],
          ),
          allow(['dynamodb:Query'], [here('dynamodb', `table/mainstay-${stage}-object-index/index/*`)]),
          allow(['s3:GetObject', 's3:GetObjectVersion', ...readTags], buckets),
          // Lists of every version, and whether there are any.
          allow(
            ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketVersioning'],
            objectIndex.buckets.map(({ name }) => arn(`s3:::${name}`)),
          ),
          key('kms:GenerateDataKey', 'kms:Decrypt'),
        ],
      },
      QueryObjectsRole: {
        name: 'query-objects',
        statements: [
          allow(
            ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'],
            [objectTable, here('dynamodb', `table/mainstay-${stage}-object-index/index/*`)],
          ),
          key('kms:Decrypt'),
        ],
      },
      SyncRole: {
        name: 'sync',
        statements: [
          allow(
            ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'],
            search.tables.map(({ streamArn }) => streamArn),
          ),
          allow(['dynamodb:ListStreams'], everything),
          allow(['dynamodb:GetItem'], tables),
          allow(['s3:PutObject'], [{ 'Fn::Join': ['', [attribute('DeadLettersBucket'), '/*']] }]),
          // The event-source mapping writes the records of a failed batch with this role (docs: with-ddb, on-failure destinations).
          allow(['s3:ListBucket'], [attribute('DeadLettersBucket')]),
          indexes,
          key('kms:GenerateDataKey', 'kms:Decrypt'),
        ],
      },
      SearchRole: {
        name: 'search',
        statements: [indexes, allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem'], tables)],
      },
      LogsRole: {
        name: 'logs',
        statements: [
          indexes,
          allow(['s3:PutObject'], [{ 'Fn::Join': ['', [attribute('DeadLettersBucket'), '/*']] }]),
          // Lambda writes what it gives up with this role (docs: invocation-async-retain-records).
          allow(['s3:ListBucket'], [attribute('DeadLettersBucket')]),
          key('kms:GenerateDataKey', 'kms:Decrypt'),
        ],
      },
      UpkeepRole: {
        name: 'upkeep',
        statements: [
          indexes,
          allow(['dynamodb:Scan', 'dynamodb:BatchGetItem', 'dynamodb:GetItem'], tables),
          allow(
            ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem'],
            [here('dynamodb', `table/mainstay-${stage}-search`)],
          ),
          allow(
            ['sqs:GetQueueUrl', 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            [attribute('SearchContinueQueue')],
          ),
          allow(['s3:PutObject'], [{ 'Fn::Join': ['', [attribute('DeadLettersBucket'), '/*']] }]),
          key('kms:GenerateDataKey', 'kms:Decrypt'),
        ],
      },
      RetentionRole: { name: 'retention', statements: [indexes] },
    },
    recovery: {
      ...only(snapshots.copies, {
        CopiesRole: {
          name: 'copies',
          statements: [
            allow(
              [
                'rds:DescribeDBInstances',
                'rds:DescribeDBClusters',
                'rds:DescribeDBSnapshots',
                'rds:DescribeDBClusterSnapshots',
                'rds:DescribeAccountAttributes',
              ],
              everything,
            ),
            allow(['rds:CopyDBSnapshot', 'rds:CopyDBClusterSnapshot'], [...ownSnapshots, here('rds', 'og:*')]),
            tagOwnSnapshots,
            // The source is a resource of the call, too (docs: list_amazonrds).
            allow(
              ['rds:CopyDBSnapshot', 'rds:CopyDBClusterSnapshot'],
              ['snapshot', 'cluster-snapshot'].map((kind) =>
                arn(`rds:${regions.primary}:\${AWS::AccountId}:${kind}:${snapshots.prefix}-*`),
              ),
            ),
            deleteOwnSnapshots,
            lookAtKeys,
            allow(['kms:DescribeKey'], [keysOfPrimary]),
            // The state table is encrypted with the primary region's key, and DynamoDB asks for its caller's leave (docs: encryption.usagenotes).
            allow(['kms:Decrypt'], [keysOfPrimary], {
              'ForAnyValue:StringEquals': { 'kms:ResourceAliases': `alias/mainstay-${stage}` },
            }),
            letRdsUseKeys,
            allow(['dynamodb:GetItem'], [state]),
            // The item of orders, to use a confirmation up, and no other (docs: specifying-conditions, dynamodb:LeadingKeys).
            allow(['dynamodb:UpdateItem'], [state], {
              'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['control'] },
            }),
            allow(
              ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
              [attribute('SnapshotEventsQueue')],
            ),
            ...report,
          ],
        },
      }),
      GuardRole: { name: 'guard', network: true, statements: guard('recovery') },
      ObserverRole: { name: 'observer', network: true, statements: logins },
      ReconcilerRole: {
        name: 'reconciler',
        statements: [
          allow(
            // DescribeTable: a record that is eventually consistent is refused at start.
            ['dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
            [here('dynamodb', `table/${recordTable(config)}`)],
          ),
          // Whether a record is left in the table of the other kind: a first one is begun nowhere else.
          allow(['dynamodb:GetItem'], [here('dynamodb', `table/${formerTable(config)}`)]),
          recordKey,
          lookers,
          allow(['rds:DescribeDBInstances'], everything),
          ...leadership(config),
          ...clusterLeadership(config),
          // Pages and LeaderChanged, in this region's bus.
          allow(['events:PutEvents'], [here('events', 'event-bus/default')]),
          allow(
            ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets', 'route53:GetHostedZone'],
            failover.pairs.map(({ dns }) => arn(`route53:::hostedzone/${dns.zoneId}`)),
          ),
          ...namesOf(config),
          ...leasesOf(config, 'recovery'),
        ],
      },
      DrillsRole: { name: 'drills', statements: [...drillStatements(config), recordKey, lookers] },
      ReadinessRole: {
        name: 'readiness',
        statements: [
          ...readinessStatements(config),
          ...clustersSeen(config),
          recordKey,
          lookers,
          ...leasesOf(config, 'recovery').map((one) => ({
            ...one,
            Action: one.Action.filter((action) => action !== 'dynamodb:PutItem'),
          })),
        ],
      },
    },
    witness: {
      WitnessRole: {
        name: 'witness',
        statements: [
          invoke(['primary', 'guard'], ['recovery', 'guard']),
          // When the reconciler looked last: its record, where it is, and the keys that DynamoDB asks its caller's leave for.
          allow(
            ['dynamodb:GetItem'],
            recordPlaces.map((region) => arn(`dynamodb:${region}:\${AWS::AccountId}:table/${recordTable(config)}`)),
          ),
          allow(
            ['kms:Decrypt'],
            recordPlaces.map((region) => arn(`kms:${region}:\${AWS::AccountId}:key/*`)),
            { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': `alias/mainstay-${stage}` } },
          ),
        ],
      },
    },
  };
};

type Side = 'primary' | 'recovery';

/** The pairs of DB instances; those of clusters are in failover-clusters.ts. */
const ofInstances = ({ failover }: Config) => failover.pairs.filter(({ kind }) => kind === 'instance');

/** The pairs' instances by their names in the config, or what they are rebuilt as, `<name>-e<epoch>`. */
const instancesOf = (config: Config, places: readonly Side[], rebuilt: '' | '-e*'): unknown[] =>
  places.flatMap((place) =>
    ofInstances(config).map((pair) =>
      arn(
        `rds:${config.regions[place]}:\${AWS::AccountId}:db:${pair[place === 'primary' ? 'primary' : 'replica'].instance}${rebuilt}`,
      ),
    ),
  );

/**
 * Actions on the pairs' instances. A pattern has no digits, so `-e*` fits somebody's `<name>-east`, too: what is rebuilt carries its
 * pair's tag (failover/run/rebuild.ts), and nothing is allowed on what does not. The functions ask for the digits and the resource id.
 */
const onInstances = (
  config: Config,
  places: readonly Side[],
  actions: string[],
  condition: Statement['Condition'] = {},
): Statement[] => {
  const pairs = ofInstances(config).map(({ name }) => name);
  if (pairs.length === 0) return [];
  return [
    allow(actions, instancesOf(config, places, ''), condition),
    allow(actions, instancesOf(config, places, '-e*'), {
      ...condition,
      StringEquals: { 'aws:ResourceTag/mainstay:failover': pairs },
    }),
  ];
};

const leased = ({ failover }: Config) => failover.pairs.flatMap(({ name, lease }) => (lease ? [{ name, lease }] : []));

/** The items of the leased pairs, and no others (docs: specifying-conditions, dynamodb:LeadingKeys), in their tables' replicas of one region. */
const leasesOf = (config: Config, place: Side): Statement[] => {
  const pairs = leased(config);
  const tables = [...new Set(pairs.map(({ lease }) => leaseTable(config, lease)))];
  // Each table with its own keys: those of one may be somebody's record in another.
  return tables.flatMap((table) => {
    const resource = [arn(`dynamodb:${config.regions[place]}:\${AWS::AccountId}:table/${table}`)];
    const keys = pairs.flatMap(({ name, lease }) =>
      leaseTable(config, lease) === table ? [leaseKey(lease, name)] : [],
    );
    return [
      allow(['dynamodb:DescribeTable'], resource),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], resource, {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
      }),
    ];
  });
};

/** Who leads (run/act.ts) and what becomes of who led (run/aftermath.ts), in either region. Nothing is deleted. */
const leadership = (config: Config): Statement[] => {
  const { regions } = config;
  const pairs = ofInstances(config);
  if (pairs.length === 0) return [];
  const places = ['primary', 'recovery'] as const;
  const salvages = pairs.flatMap(({ name }) =>
    [regions.primary, regions.recovery].map((region) =>
      arn(`rds:${region}:\${AWS::AccountId}:snapshot:salvage-${name}-epoch-*`),
    ),
  );
  return [
    ...onInstances(config, places, ['rds:PromoteReadReplica', 'rds:StopDBInstance', 'rds:CreateDBSnapshot']),
    allow(['rds:CreateDBSnapshot', 'rds:AddTagsToResource'], salvages),
    allow(['rds:DescribeDBSnapshots'], everything),
    // The one that is to be built has no tag yet: the request brings it.
    ...rebuilding(config, [...instancesOf(config, places, ''), ...instancesOf(config, places, '-e*')]),
  ];
};

/**
 * A replica of the new leader, built like the old one, in the old one's region. Source and replica, and the groups that it is given,
 * are all resources of the call (docs: list_amazonrds, USER_ReadRepl.XRgn).
 */
const rebuilding = (config: Config, instances: unknown[]): Statement[] => {
  const { regions } = config;
  const pairs = ofInstances(config);
  const both = [regions.primary, regions.recovery];
  const inBoth = (service: string, path: string) =>
    both.map((region) => arn(`${service}:${region}:\${AWS::AccountId}:${path}`));
  const rebuilt = pairs.flatMap(({ primary, replica }) => [
    arn(`rds:${regions.primary}:\${AWS::AccountId}:db:${primary.instance}-e*`),
    arn(`rds:${regions.recovery}:\${AWS::AccountId}:db:${replica.instance}-e*`),
  ]);
  return [
    allow(
      ['rds:CreateDBInstanceReadReplica'],
      [...instances, ...['og:*', 'pg:*', 'subgrp:*'].flatMap((path) => inBoth('rds', path))],
    ),
    allow(['rds:AddTagsToResource'], rebuilt, {
      StringEquals: { 'aws:RequestTag/mainstay:failover': pairs.map(({ name }) => name) },
    }),
    // The key of the old one, and of the source: by a grant to RDS and to nobody else (docs: Overview.Encryption.Keys).
    allow(['kms:DescribeKey'], inBoth('kms', 'key/*')),
    allow(['kms:CreateGrant'], inBoth('kms', 'key/*'), { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    // Enhanced Monitoring as the old one had it: its role is handed to RDS (docs: list_amazonrds, dependent actions).
    allow(['iam:PassRole'], [arn(`iam::\${AWS::AccountId}:role/*`)], {
      StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' },
    }),
  ];
};

/** What the reconciler needs for the kinds of names, and the secrets, that the config asks for. */
const namesOf = ({ regions, failover: { pairs } }: Config): Statement[] => {
  const secretIds = pairs.flatMap(({ secondChannel }) => secondChannel?.secretIds ?? []);
  const parameters = pairs.flatMap(({ secondChannel }) => secondChannel?.parameterNames ?? []);
  const places = [regions.primary, regions.recovery];
  return [
    ...(pairs.some(({ dns }) => dns.zone === 'private')
      ? [allow(['route53:GetChange'], [arn('route53:::change/*')])]
      : []),
    // Neither call takes a resource (docs: list_amazonroute53, list_amazoncloudwatch).
    ...(pairs.some(({ dns }) => dns.reader !== undefined) ? [allow(['route53:ListHealthChecks'], everything)] : []),
    ...(pairs.some(({ dns }) => dns.mode === 'stop')
      ? [allow(['cloudwatch:PutMetricData'], everything, { StringEquals: { 'cloudwatch:namespace': 'Mainstay' } })]
      : []),
    ...(secretIds.length > 0
      ? [
          allow(
            ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
            places.flatMap((region) =>
              secretIds.map((id) => arn(`secretsmanager:${region}:\${AWS::AccountId}:secret:${id}-*`)),
            ),
          ),
        ]
      : []),
    // A name that begins with a slash has one in the ARN, not two (docs: sysman-paramstore-access).
    ...(parameters.length > 0
      ? [
          allow(
            ['ssm:GetParameter', 'ssm:PutParameter'],
            places.flatMap((region) =>
              parameters.map((name) => arn(`ssm:${region}:\${AWS::AccountId}:parameter/${name.replace(/^\//, '')}`)),
            ),
          ),
        ]
      : []),
  ];
};

/** Which schedule may invoke which function. */
const schedules = ({
  snapshots,
  search,
}: Config): Record<RegionRole, Record<string, [name: string, target: string]>> => ({
  primary: {
    SnapshotsScheduleRole: ['snapshots', 'SnapshotsLambdaFunction'],
    ...only(snapshots.verification, { VerifyScheduleRole: ['verify', 'VerifyLambdaFunction'] }),
    GuardTickRole: ['guard', 'GuardLambdaFunction'],
    MaintainObjectsScheduleRole: ['maintain-objects', 'MaintainDashobjectsLambdaFunction'],
    RetentionScheduleRole: ['retention', 'RetentionLambdaFunction'],
    ...only(search.driftCheck, { DriftScheduleRole: ['upkeep', 'UpkeepLambdaFunction'] }),
  },
  recovery: {
    ...only(snapshots.copies, { CopiesScheduleRole: ['copies', 'CopiesLambdaFunction'] }),
    GuardTickRole: ['guard', 'GuardLambdaFunction'],
    ReconcilerTickRole: ['reconciler', 'ReconcilerLambdaFunction'],
    DrillsTickRole: ['drills', 'DrillsLambdaFunction'],
    ReadinessScheduleRole: ['readiness', 'ReadinessLambdaFunction'],
  },
  witness: { WitnessTickRole: ['witness', 'WitnessLambdaFunction'] },
});

const VPC_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** A role's name carries stage and region: IAM is global, and a second region's stack must not overwrite the first's. */
const role = (stage: string, name: string, service: string, statements: Statement[], condition?: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: { 'Fn::Sub': `mainstay-${stage}-\${AWS::Region}-${name}` },
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: service },
          Action: 'sts:AssumeRole',
          ...(condition && { Condition: condition }),
        },
      ],
    },
    Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});

/** Every role of one region's stack. */
export const roles = (config: Config, place: RegionRole): Resources => {
  const { stage } = config;
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } };
  const lambdas = Object.entries(functionRoles(config)[place]).map(([logicalId, { name, network, statements }]) => [
    logicalId,
    role(stage, name, 'lambda.amazonaws.com', [
      allow(
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        [here('logs', `log-group:/aws/lambda/mainstay-${stage}-${name}:*`)],
      ),
      ...(network ? [allow(VPC_ACTIONS, everything)] : []),
      ...statements,
    ]),
  ]);
  const timers = Object.entries(schedules(config)[place]).map(([logicalId, [name, target]]) => [
    logicalId,
    role(
      stage,
      `${name}-schedule`,
      'scheduler.amazonaws.com',
      [allow(['lambda:InvokeFunction'], [attribute(target)])],
      ofThisAccount,
    ),
  ]);
  const forward = role(
    stage,
    'forward',
    'events.amazonaws.com',
    [allow(['events:PutEvents'], [arn(`events:${config.regions.recovery}:\${AWS::AccountId}:event-bus/default`)])],
    ofThisAccount,
  );
  return Object.fromEntries([
    ...lambdas,
    ...timers,
    ...(place === 'primary' ? [['ForwardToRecoveryRole', forward]] : []),
  ]);
};
