import { beforeAll, describe, expect, test } from '@jest/globals';
import { packagedTemplates, type Template } from '../stack.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

let stacks: Record<'primary' | 'recovery' | 'witness', Template>;
beforeAll(async () => {
  stacks = await packagedTemplates();
});

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Role → its statements; of a role that two regions have, those of both. */
const statements = (): Record<string, Statement[]> => {
  const found: Record<string, Statement[]> = {};
  for (const template of Object.values(stacks)) {
    for (const [name, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::IAM::Role') continue;
      const own = (Properties as Record<string, any>).Policies.flatMap((one: any) => one.PolicyDocument.Statement);
      found[name] = [...(found[name] ?? []), ...own];
    }
  }
  return found;
};

const rolesThatMay = (action: string): string[] =>
  Object.entries(statements())
    .filter(([, all]) =>
      all.some(({ Action }) =>
        list(Action).some((allowed) => new RegExp(`^${allowed.replaceAll('*', '.*')}$`).test(action)),
      ),
    )
    .map(([name]) => name)
    .sort();

describe('who may do what', () => {
  test.each([
    ['rds:PromoteReadReplica', ['DrillsRole', 'ReconcilerRole']],
    ['rds:ModifyDBInstance', ['DrillsRole', 'GuardRole', 'VerifyRole']],
    ['rds:CreateDBSnapshot', ['ReconcilerRole', 'SnapshotsRole']],
    ['rds:DeleteDBSnapshot', ['CopiesRole', 'SnapshotsRole']],
    ['rds:DeleteDBClusterSnapshot', ['CopiesRole', 'SnapshotsRole']],
    ['rds:CopyDBSnapshot', ['CopiesRole']],
    ['rds:DeleteDBInstance', ['DrillsRole', 'VerifyRole']],
    ['rds:DeleteDBCluster', ['VerifyRole']],
    ['rds:RestoreDBInstanceFromDBSnapshot', ['DrillsRole', 'VerifyRole']],
    ['rds:CreateDBInstanceReadReplica', ['DrillsRole', 'ReconcilerRole']],
    ['kms:CreateGrant', ['CopiesRole', 'DrillsRole', 'ReconcilerRole', 'VerifyRole']],
    ['route53:ChangeResourceRecordSets', ['DrillsRole', 'ReconcilerRole']],
    ['secretsmanager:GetSecretValue', ['GuardRole', 'ObserverRole']],
    ['iam:PassRole', ['ReconcilerRole']],
    ['s3:DeleteObject', []],
    ['dynamodb:DeleteTable', []],
  ])('%s: %j', (action, roles) => expect(rolesThatMay(action)).toEqual(roles));
});

describe('every role', () => {
  test("has stage and region in its name, so that one region's stack does not overwrite another's", () => {
    for (const template of Object.values(stacks)) {
      for (const { Type, Properties } of Object.values(template.Resources)) {
        if (Type === 'AWS::IAM::Role')
          expect(JSON.stringify((Properties as Record<string, unknown>).RoleName)).toMatch(
            /mainstay-local-\$\{AWS::Region\}-/,
          );
      }
    }
  });

  test('names its resources, but for calls that AWS gives none', () => {
    const withoutResource = /^(rds:Describe|ec2:|dynamodb:ListStreams|route53:ListHealthChecks)/;
    const open = Object.entries(statements()).flatMap(([name, all]) =>
      all
        .filter(({ Resource }) => list(Resource).includes('*'))
        .flatMap(({ Action }) =>
          list(Action)
            .filter((action) => !withoutResource.test(action))
            .map((action) => `${name}: ${action}`),
        ),
    );
    expect(open).toEqual([]);
  });

  test('has no wildcard in an action', () => {
    expect(
      Object.values(statements())
        .flat()
        .flatMap(({ Action }) => list(Action))
        .filter((action) => action.includes('*')),
    ).toEqual([]);
  });

  test('belongs to one function or schedule', () => {
    const users = Object.entries(stacks).flatMap(([region, template]) =>
      Object.values(template.Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => `${region} ${JSON.stringify((Properties as Record<string, unknown>).Role)}`),
    );
    expect(new Set(users).size).toBe(users.length);
  });
});

const allowing = (role: string, action: string): Statement[] =>
  (statements()[role] ?? []).filter(({ Action }) => list(Action).includes(action));

const resourcesOf = (role: string, action: string): string[] =>
  allowing(role, action).flatMap(({ Resource }) => list(Resource).map((one: any) => one['Fn::Sub']));

test("the guard of a region shuts the door of the pair's instance there and of what it is rebuilt as, and no other", () => {
  expect(resourcesOf('GuardRole', 'rds:ModifyDBInstance').map((arn) => arn.split('AccountId}:')[1])).toEqual([
    'db:ledger-primary',
    'db:ledger-primary-e*',
    'db:mainstay-drill-*',
    'db:ledger-replica',
    'db:ledger-replica-e*',
    'db:mainstay-drill-*',
  ]);
  const byRegion = Object.values(stacks).map((template) => JSON.stringify(template.Resources.GuardRole ?? ''));
  expect(byRegion[0]).not.toContain('db:ledger-replica');
  expect(byRegion[1]).not.toContain('db:ledger-primary');
});

test.each(['rds:PromoteReadReplica', 'rds:StopDBInstance'])(
  'the reconciler may %s in either region, for either may lead',
  (action) => {
    const regions = resourcesOf('ReconcilerRole', action).map((arn) => /:rds:([^:]+):/.exec(arn)?.[1]);
    expect(regions.sort()).toEqual(['eu-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-1']);
  },
);

test.each([
  ['GuardRole', 'rds:ModifyDBInstance'],
  ['ReconcilerRole', 'rds:PromoteReadReplica'],
  ['ReconcilerRole', 'rds:StopDBInstance'],
  ['ReconcilerRole', 'rds:CreateDBSnapshot'],
])(
  "the %s may %s what the pattern of rebuilt names fits only where it carries its pair's tag: ledger-east is somebody else's",
  (role, action) => {
    const byPattern = allowing(role, action).filter(({ Resource }) => JSON.stringify(Resource).includes('-e*'));
    expect(byPattern.length).toBeGreaterThan(0);
    for (const { Resource, Condition } of byPattern) {
      expect(list(Resource).every((one: any) => one['Fn::Sub'].endsWith('-e*'))).toBe(true);
      expect(Condition).toMatchObject({ StringEquals: { 'aws:ResourceTag/mainstay:failover': ['ledger'] } });
    }
  },
);

test('the reconciler hands a role to Enhanced Monitoring alone, a key to RDS alone, and tags only what it builds', () => {
  const conditionsOf = (action: string) => allowing('ReconcilerRole', action).map(({ Condition }) => Condition);
  expect(conditionsOf('iam:PassRole')).toEqual([
    { StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } },
  ]);
  expect(conditionsOf('kms:CreateGrant')).toEqual([{ Bool: { 'kms:GrantIsForAWSResource': 'true' } }]);
  const onDatabases = allowing('ReconcilerRole', 'rds:AddTagsToResource').filter(({ Resource }) =>
    JSON.stringify(Resource).includes(':db:'),
  );
  expect(onDatabases).toHaveLength(1);
  expect(onDatabases[0]?.Condition).toEqual({
    StringEquals: { 'aws:RequestTag/mainstay:failover': ['ledger'] },
  });
  expect(list(onDatabases[0]?.Resource).every((one: any) => one['Fn::Sub'].endsWith('-e*'))).toBe(true);
});

describe('a drill', () => {
  const throwAway = { StringEquals: { 'aws:ResourceTag/mainstay:drill': ['ledger'] } };

  test.each(['rds:DeleteDBInstance', 'rds:RebootDBInstance', 'rds:PromoteReadReplica'])(
    'may %s only what carries its tag, under its own names',
    (action) => {
      const grants = allowing('DrillsRole', action);
      expect(grants.map(({ Condition }) => Condition)).toEqual([throwAway]);
      for (const arn of resourcesOf('DrillsRole', action)) expect(arn.endsWith(':db:mainstay-drill-*')).toBe(true);
    },
  );

  test('changes an instance only with its tag, and so does the guard for it', () => {
    const changes = allowing('DrillsRole', 'rds:ModifyDBInstance').filter(({ Resource }) =>
      JSON.stringify(Resource).includes(':db:'),
    );
    expect(changes.map(({ Condition }) => Condition)).toEqual([throwAway]);
    const guarded = allowing('GuardRole', 'rds:ModifyDBInstance').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('mainstay-drill-'),
    );
    expect(guarded.map(({ Condition }) => Condition)).toEqual([throwAway, throwAway]);
  });

  test('makes instances only with its tag', () => {
    for (const action of ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:CreateDBInstanceReadReplica'])
      for (const { Resource, Condition } of allowing('DrillsRole', action))
        if (JSON.stringify(Resource).includes(':db:'))
          expect(Condition).toEqual({ StringEquals: { 'aws:RequestTag/mainstay:drill': ['ledger'] } });
  });

  test("writes no pair's record, and moves no name but its own", () => {
    const keys = allowing('DrillsRole', 'dynamodb:PutItem').map(({ Condition }) => Condition);
    expect(keys).toEqual([
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['DRILLS', 'DRILLS#ledger', 'PAIR#ledger~drill'] } },
    ]);
    const names = allowing('DrillsRole', 'route53:ChangeResourceRecordSets').map(({ Condition }) => Condition);
    expect(JSON.stringify(names)).toContain('drill-*.ledger.estate.internal');
    expect(JSON.stringify(names)).not.toContain('"ledger.estate.internal"');
  });
});

test.each(['SnapshotsRole', 'CopiesRole'])('%s can delete a snapshot only with the tag of this stack on it', (role) => {
  const deletions = allowing(role, 'rds:DeleteDBSnapshot');
  expect(deletions).toHaveLength(1);
  expect(deletions[0]?.Condition).toEqual({ StringEquals: { 'aws:ResourceTag/mainstay:stack': 'mainstay-local' } });
});

test.each(['rds:DeleteDBInstance', 'rds:DeleteDBCluster', 'rds:ModifyDBInstance', 'rds:ModifyDBCluster'])(
  'verification may %s only what carries our throw-away tag, under a name of ours',
  (action) => {
    const grants = allowing('VerifyRole', action);
    expect(grants).toHaveLength(1);
    expect(grants[0]?.Condition).toEqual({
      StringEquals: { 'aws:ResourceTag/mainstay:throw-away': 'mainstay-local' },
    });
    expect(JSON.stringify(grants[0]?.Resource)).not.toMatch(/:db:\*|:cluster:\*/);
  },
);

test('verification makes no database without our throw-away tag', () => {
  const onDatabases = allowing('VerifyRole', 'rds:RestoreDBInstanceFromDBSnapshot').filter(({ Resource }) =>
    JSON.stringify(Resource).includes(':db:'),
  );
  expect(onDatabases).toHaveLength(1);
  expect(onDatabases[0]?.Condition).toEqual({
    StringEquals: { 'aws:RequestTag/mainstay:throw-away': 'mainstay-local' },
  });
});

test.each(['SnapshotsRole', 'CopiesRole', 'VerifyRole'])(
  '%s can tag no database, but what it makes as a throw-away',
  (role) => {
    for (const { Resource, Condition } of allowing(role, 'rds:AddTagsToResource')) {
      if (/:db:|:cluster:/.test(JSON.stringify(Resource)))
        expect(Condition).toEqual({ StringEquals: { 'aws:RequestTag/mainstay:throw-away': 'mainstay-local' } });
      else expect(JSON.stringify(Condition)).toContain('mainstay:stack');
    }
  },
);
