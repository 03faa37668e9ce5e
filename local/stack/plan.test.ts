// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how CloudFormation writes its own.
import { describe, expect, test } from '@jest/globals';
import { planStack, type Template } from './plan.ts';

const place = {
  account: '111122223333',
  region: 'eu-west-1',
  stackName: 'mainstay-local',
  endpoint: 'http://127.0.0.1:1',
};
const template: Template = {
  Parameters: { Days: { Default: 7 } },
  Conditions: {
    InIreland: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    Elsewhere: { 'Fn::Not': [{ Condition: 'InIreland' }] },
  },
  Resources: {
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: { 'Fn::Sub': '${AWS::StackName}-worker' },
        Role: { 'Fn::GetAtt': ['WorkerRole', 'Arn'] },
        Environment: {
          Variables: {
            QUEUE: { Ref: 'Jobs' },
            DEAD: { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': 'Dead.Arn' }] }] },
            BUS: { 'Fn::Join': [':', ['arn', 'aws', { Ref: 'AWS::Region' }]] },
            WHERE: { 'Fn::If': ['InIreland', 'here', 'there'] },
            GONE: { 'Fn::If': ['Elsewhere', 'x', { Ref: 'AWS::NoValue' }] },
            DAYS: { Ref: 'Days' },
            LITERAL: { 'Fn::Sub': '${!Kept}' },
          },
        },
      },
    },
    Jobs: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'jobs',
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    WorkerRole: { Type: 'AWS::IAM::Role', Properties: {} },
    OnlyElsewhere: { Type: 'AWS::SQS::Queue', Condition: 'Elsewhere' },
  },
};

describe('a packaged template', () => {
  test('is resolved, with the account, region and names of the local AWS', () => {
    const worker = planStack(template, place).resources.find(({ logicalId }) => logicalId === 'Worker');
    expect(worker?.name).toBe('mainstay-local-worker');
    expect(worker?.attributes.Arn).toBe('arn:aws:lambda:eu-west-1:111122223333:function:mainstay-local-worker');
    expect(worker?.properties).toMatchObject({ Role: 'arn:aws:iam::111122223333:role/mainstay-local-WorkerRole' });
    expect(worker?.properties.Environment).toHaveProperty('Variables', {
      QUEUE: 'http://127.0.0.1:1/111122223333/jobs',
      DEAD: 'dead',
      BUS: 'arn:aws:eu-west-1',
      WHERE: 'here',
      DAYS: 7,
      LITERAL: '${Kept}',
    });
  });

  test('comes in the order of its dependencies, without what its conditions leave out', () => {
    expect(planStack(template, place).resources.map(({ logicalId }) => logicalId)).toEqual(['Dead', 'Jobs', 'Worker']);
  });

  test('lists what the local AWS does without', () => {
    expect(planStack(template, place).without).toEqual([{ logicalId: 'WorkerRole', type: 'AWS::IAM::Role' }]);
  });

  test('names everything that it can not load at once', () => {
    const bad: Template = {
      Resources: {
        Cluster: { Type: 'AWS::EKS::Cluster' },
        Pipe: { Type: 'AWS::Pipes::Pipe' },
        Lost: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Nobody' } } },
      },
    };
    expect(() => planStack(bad, place)).toThrow(/Cluster.*AWS::EKS::Cluster[\s\S]*Pipe[\s\S]*Lost.*Nobody/);
  });
});
