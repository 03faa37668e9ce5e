import { DescribeEventsCommand, type DescribeEventsCommandInput } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minuteMs, Records } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('an event is an EventBridge envelope, and DescribeEvents shows it for an hour unless asked for more', async () => {
  await aws.createAvailable('alpha');
  await aws.snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  expect(aws.events.at(-1)).toMatchObject({
    'detail-type': 'RDS DB Snapshot Event',
    source: 'aws.rds',
    account: '111122223333',
    region: 'eu-west-1',
    resources: ['arn:aws:rds:eu-west-1:111122223333:snapshot:one'],
    detail: {
      EventCategories: ['creation'],
      SourceType: 'SNAPSHOT',
      SourceArn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:one',
      EventID: 'RDS-EVENT-0042',
      Message: 'Manual snapshot created',
    },
  });
  const rds = aws.rds();
  const messages = async (input: DescribeEventsCommandInput) =>
    ((await rds.send(new DescribeEventsCommand(input))).Events ?? []).map((event) => event.Message);
  expect(await messages({})).toEqual(['DB instance created', 'Creating manual snapshot', 'Manual snapshot created']);
  expect(await messages({ SourceType: 'db-snapshot', SourceIdentifier: 'one', Duration: 5 })).toEqual([
    'Manual snapshot created',
  ]);
  await aws.advance(61 * minuteMs);
  expect(await messages({})).toEqual([]);
  expect(await messages({ Duration: 120 })).toHaveLength(3);
  await expect(messages({ SourceIdentifier: 'one' })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});
