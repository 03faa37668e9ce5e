import { formerTable, recordTable } from '../shared/config/record.ts';
import type { Config } from '../shared/config/schema.ts';

// What a failover drill may do in an account: with what carries its tag, under its own names, and with nothing else. That the drill
// never touches the pair itself is thereby IAM's word, too.

export interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: unknown[];
  Condition?: Record<string, Record<string, unknown>>;
}

const arn = (path: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${path}` });
const here = (service: string, path: string) => arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${path}`);
const allow = (Action: string[], Resource: unknown[], Condition?: Statement['Condition']): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

const inBoth = ({ regions }: Config, service: string, path: string): unknown[] =>
  [regions.primary, regions.recovery].map((region) => arn(`${service}:${region}:\${AWS::AccountId}:${path}`));

const pairsOf = ({ failover }: Config): string[] => failover.pairs.map(({ name }) => name);

/** Throw-away instances, as long as they carry the tag with which they were made. */
const tagged = (config: Config) => ({ StringEquals: { 'aws:ResourceTag/mainstay:drill': pairsOf(config) } });

/** The guard of a region fences a throw-away primary as it would the pair's. */
export const drillsGuarded = (config: Config): Statement[] =>
  pairsOf(config).length === 0
    ? []
    : [allow(['rds:ModifyDBInstance'], [here('rds', 'db:mainstay-drill-*')], tagged(config))];

/** The function that steps a drill. */
export const drillStatements = (config: Config): Statement[] => {
  const { failover } = config;
  const pairs = pairsOf(config);
  const table = [here('dynamodb', `table/${recordTable(config)}`)];
  const leading = (keys: string[]) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } });
  const own = ['DRILLS', ...pairs.flatMap((pair) => [`DRILLS#${pair}`, `PAIR#${pair}~drill`])];
  const instances = inBoth(config, 'rds', 'db:mainstay-drill-*');
  const groups = inBoth(config, 'rds', 'pg:mainstay-drill-*');
  const surroundings = ['og:*', 'pg:*', 'subgrp:*'].flatMap((path) => inBoth(config, 'rds', path));
  return [
    // It reads the records of the pairs, and writes none of them (docs: specifying-conditions, dynamodb:LeadingKeys).
    allow(['dynamodb:GetItem'], table, leading([...own, ...pairs.map((pair) => `PAIR#${pair}`)])),
    allow(['dynamodb:PutItem'], table, leading(own)),
    // Describe calls of RDS take no resource (docs: list_amazonrds).
    allow(['rds:DescribeDBInstances', 'rds:DescribeDBSnapshots', 'rds:DescribeDBParameterGroups'], ['*']),
    // It makes instances and groups under its own names and only with its tag.
    allow(
      [
        'rds:RestoreDBInstanceFromDBSnapshot',
        'rds:CreateDBInstanceReadReplica',
        'rds:CreateDBParameterGroup',
        'rds:AddTagsToResource',
      ],
      [...instances, ...groups],
      { StringEquals: { 'aws:RequestTag/mainstay:drill': pairs } },
    ),
    allow(['rds:RestoreDBInstanceFromDBSnapshot'], [...inBoth(config, 'rds', 'snapshot:*'), ...surroundings]),
    allow(['rds:CreateDBInstanceReadReplica'], surroundings),
    allow(['rds:ModifyDBInstance'], groups),
    // The riskiest permissions of the wing: the tag is a condition, and the code asks for more (core/drills/throw-away.ts).
    allow(
      ['rds:ModifyDBInstance', 'rds:RebootDBInstance', 'rds:PromoteReadReplica', 'rds:DeleteDBInstance'],
      instances,
      tagged(config),
    ),
    allow(['rds:ModifyDBParameterGroup', 'rds:DeleteDBParameterGroup'], groups, tagged(config)),
    // A restore and a replica make RDS use keys: by a grant to RDS and to nobody else (docs: Overview.Encryption.Keys).
    allow(['kms:DescribeKey'], inBoth(config, 'kms', 'key/*')),
    allow(['kms:CreateGrant'], inBoth(config, 'kms', 'key/*'), { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    allow(['events:PutEvents'], [here('events', 'event-bus/default')]),
    ...failover.pairs.flatMap(({ dns }) => {
      const zone = [arn(`route53:::hostedzone/${dns.zoneId}`)];
      return [
        allow(['route53:ListResourceRecordSets', 'route53:GetHostedZone'], zone),
        // Names of drills alone (docs: specifying-rrset-conditions).
        allow(['route53:ChangeResourceRecordSets'], zone, {
          'ForAllValues:StringLike': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
              `drill-*.${dns.writer}`,
              `_epoch.drill-*.${dns.writer}`,
            ],
          },
        }),
      ];
    }),
    ...(failover.pairs.some(({ dns }) => dns.zone === 'private')
      ? [allow(['route53:GetChange'], [arn('route53:::change/*')])]
      : []),
  ];
};

/** The function that looks half-hourly whether a failover would work: it reads, and remembers what it has told. */
export const readinessStatements = (config: Config): Statement[] => {
  const { failover } = config;
  const table = [here('dynamodb', `table/${recordTable(config)}`)];
  const secrets = failover.pairs.flatMap(({ login }) =>
    login.kind === 'secret' ? inBoth(config, 'secretsmanager', `secret:${login.secretId}-*`) : [],
  );
  return [
    // DescribeTable: whether it is the table that the config wants.
    allow(['dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:Query'], table),
    allow(['dynamodb:GetItem'], [here('dynamodb', `table/${formerTable(config)}`)]),
    allow(['dynamodb:PutItem'], table, {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': pairsOf(config).map((pair) => `READINESS#${pair}`) },
    }),
    allow(['rds:DescribeDBInstances'], ['*']),
    // Whether it is there and whose it is; never its value.
    ...(secrets.length > 0 ? [allow(['secretsmanager:DescribeSecret'], secrets)] : []),
    // ListHealthChecks takes no resource (docs: list_amazonroute53).
    allow(['route53:ListHealthChecks'], ['*']),
    ...failover.pairs.map(({ dns }) =>
      allow(['route53:ListResourceRecordSets', 'route53:GetHostedZone'], [arn(`route53:::hostedzone/${dns.zoneId}`)]),
    ),
    allow(['events:PutEvents'], [here('events', 'event-bus/default')]),
  ];
};
