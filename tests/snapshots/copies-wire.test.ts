import { RDSClient } from '@aws-sdk/client-rds';
import { afterEach, describe, expect, test } from '@jest/globals';
import { rdsCopier } from '../../functions/snapshots/aws/copies/copies.ts';
import type { NewCopy } from '../../functions/snapshots/run/copies/ports.ts';
import type { AwsResponse } from '../../local/gateway/service.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';

// The real SDK over real HTTP against scripted answers: what is asked for, and errors in their wire shapes
// (docs: API_CopyDBSnapshot, API_CopyDBClusterSnapshot, Errors).

type Ask = Record<string, string>;
const asked: Ask[] = [];
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  asked.length = 0;
  await Promise.all(open.splice(0).map((stop) => stop()));
});

const copier = async (answer: AwsResponse) => {
  const server = await serve({
    handle: async ({ body }) => {
      asked.push(Object.fromEntries(new URLSearchParams(body.toString())));
      return answer;
    },
  });
  const rds = new RDSClient({ ...clientSettings('eu-central-1', server.endpoint), maxAttempts: 1 });
  open.push(async () => {
    rds.destroy();
    await server.stop();
  });
  return rdsCopier(rds);
};

const xml = (status: number, body: string): AwsResponse => ({ status, headers: { 'content-type': 'text/xml' }, body });
const refusal = (status: number, code: string, message: string): AwsResponse =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  );
const ok = (action: string) => xml(200, `<${action}Response><${action}Result/></${action}Response>`);
const request = (kind: 'instance' | 'cluster', over: Partial<NewCopy> = {}): NewCopy => ({
  kind,
  sourceArn: `arn:aws:rds:eu-west-1:111122223333:${kind === 'cluster' ? 'cluster-' : ''}snapshot:ms-orders`,
  name: 'ms-orders',
  tags: { team: 'a' },
  ...over,
});

test('a copy of an instance snapshot names its source by ARN, its key and option group, and every tag', async () => {
  const answer = await (await copier(ok('CopyDBSnapshot'))).copy(
    request('instance', { kmsKeyId: 'key', optionGroup: 'there' }),
  );
  expect(answer).toEqual({ kind: 'copying' });
  expect(asked).toMatchObject([
    {
      Action: 'CopyDBSnapshot',
      SourceDBSnapshotIdentifier: 'arn:aws:rds:eu-west-1:111122223333:snapshot:ms-orders',
      TargetDBSnapshotIdentifier: 'ms-orders',
      KmsKeyId: 'key',
      OptionGroupName: 'there',
      'Tags.Tag.1.Key': 'team',
      'Tags.Tag.1.Value': 'a',
    },
  ]);
  expect(asked[0]).not.toHaveProperty('CopyTags');
  expect(asked[0]).not.toHaveProperty('CopyOptionGroup');
});

test('a copy of a cluster snapshot without a key sends none: RDS would refuse it', async () => {
  await (await copier(ok('CopyDBClusterSnapshot'))).copy(request('cluster', { optionGroup: 'there' }));
  expect(asked).toMatchObject([
    {
      Action: 'CopyDBClusterSnapshot',
      SourceDBClusterSnapshotIdentifier: 'arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:ms-orders',
      TargetDBClusterSnapshotIdentifier: 'ms-orders',
    },
  ]);
  expect(asked[0]).not.toHaveProperty('KmsKeyId');
  expect(asked[0]).not.toHaveProperty('OptionGroupName');
});

test('the request to the source region that some partitions want is signed by the SDK', async () => {
  await (await copier(ok('CopyDBSnapshot'))).copy(request('instance'));
  expect(asked[0]?.PreSignedUrl).toContain('eu-west-1');
});

describe('an error of the copy', () => {
  test.each([
    ['instance', 400, 'DBSnapshotAlreadyExists', 'No.', 'already-exists'],
    ['cluster', 400, 'DBClusterSnapshotAlreadyExistsFault', 'No.', 'already-exists'],
    ['instance', 400, 'SnapshotQuotaExceeded', 'Cannot copy more than 20 snapshots across regions', 'in-flight-full'],
    ['cluster', 400, 'SnapshotQuotaExceeded', 'Cannot create more than 100 manual snapshots', 'quota-full'],
    ['instance', 400, 'SnapshotQuotaExceeded', 'No.', 'quota-unclear'],
    ['instance', 400, 'KMSKeyNotAccessibleFault', 'No.', 'key-refused'],
    ['cluster', 400, 'KMSKeyNotAccessibleFault', 'No.', 'key-refused'],
    ['instance', 404, 'DBSnapshotNotFound', 'No.', 'source-gone'],
    ['cluster', 404, 'DBClusterSnapshotNotFoundFault', 'No.', 'source-gone'],
    ['instance', 400, 'InvalidDBSnapshotState', 'No.', 'source-state'],
    ['cluster', 400, 'InvalidDBClusterSnapshotStateFault', 'No.', 'source-state'],
    ['instance', 403, 'AccessDenied', 'No.', 'forbidden'],
    ['instance', 400, 'InvalidParameterValue', 'options: [Timezone]', 'refused'],
    ['instance', 400, 'Throttling', 'Rate exceeded', 'unknown'],
    ['cluster', 500, 'InternalFailure', 'No.', 'unknown'],
  ] as const)('(%s): %d %s, "%s" means %s', async (kind, status, code, message, answer) => {
    expect((await (await copier(refusal(status, code, message))).copy(request(kind))).kind).toBe(answer);
  });

  test('that is no answer at all is no evidence', async () => {
    const port = await copier(ok('CopyDBSnapshot'));
    await Promise.all(open.splice(0).map((stop) => stop()));
    expect((await port.copy(request('instance'))).kind).toBe('unknown');
  });
});
