import {
  AddTagsToResourceCommand,
  ListTagsForResourceCommand,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Records } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('tags are added, replaced, listed and removed by ARN, within the rules', async () => {
  const { DBInstanceArn: ResourceName } = await aws.createAvailable('alpha', { Tags: [{ Key: 'a', Value: '1' }] });
  const rds = aws.rds();
  const add = (Key: string, Value = '') =>
    rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key, Value }] }));
  await add('a', '2');
  await add('b');
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['b', 'none'] }));
  const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
  expect(TagList).toEqual([{ Key: 'a', Value: '2' }]);
  for (const bad of ['aws:x', 'rds:x', 'x'.repeat(129), 'semi;colon']) {
    await expect(add(bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  for (let i = 0; i < 49; i += 1) await add(`t${i}`);
  await expect(add('one-more')).rejects.toThrow('maximum of 50');
});
