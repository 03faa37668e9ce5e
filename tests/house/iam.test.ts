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

/** Role name's last word → its statements. */
const statements = (): Record<string, Statement[]> =>
  Object.fromEntries(
    Object.values(stacks).flatMap((template) =>
      Object.entries(template.Resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
        .map(([name, { Properties }]) => [
          name,
          (Properties as Record<string, any>).Policies.flatMap((policy: any) => policy.PolicyDocument.Statement),
        ]),
    ),
  );

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
    ['rds:PromoteReadReplica', ['ReconcilerRole']],
    ['rds:ModifyDBInstance', ['GuardRole']],
    ['rds:CreateDBSnapshot', ['SnapshotsRole']],
    ['rds:DeleteDBSnapshot', ['SnapshotsRole']],
    ['rds:DeleteDBInstance', []],
    ['rds:DeleteDBCluster', []],
    ['route53:ChangeResourceRecordSets', ['ReconcilerRole']],
    ['secretsmanager:GetSecretValue', ['GuardRole', 'ObserverRole']],
    ['iam:PassRole', []],
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
    const withoutResource = /^(rds:Describe|ec2:|dynamodb:ListStreams)/;
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
    const users = Object.values(stacks).flatMap((template) =>
      Object.values(template.Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => JSON.stringify((Properties as Record<string, unknown>).Role)),
    );
    expect(new Set(users).size).toBe(users.length);
  });
});

test('a snapshot can be deleted only with the tag of this stack on it', () => {
  const deletion = statements().SnapshotsRole?.find(({ Action }) => list(Action).includes('rds:DeleteDBSnapshot'));
  expect(deletion?.Condition).toEqual({ StringEquals: { 'aws:ResourceTag/mainstay:stack': 'mainstay-local' } });
});
