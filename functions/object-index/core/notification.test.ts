import { describe, expect, test } from '@jest/globals';
import { indexEntry, type NotificationEntry, planAttach, planDetach } from './notification.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:mainstay-local-object-events';
const other = (more: Partial<NotificationEntry> = {}): NotificationEntry => ({
  id: 'thumbnails',
  target: 'arn:aws:lambda:eu-west-1:111122223333:function:thumbnails',
  events: ['s3:ObjectAcl:Put'],
  prefix: '',
  suffix: '',
  ...more,
});

describe('attaching', () => {
  test('a bucket that has nothing adds our entry', () => {
    expect(planAttach('estate', [], QUEUE)).toMatchObject({ kind: 'attach', removed: [], added: [indexEntry(QUEUE)] });
  });
  test('a bucket that has others for other events leaves them', () => {
    expect(planAttach('estate', [other()], QUEUE)).toMatchObject({
      kind: 'attach',
      removed: [],
      added: [indexEntry(QUEUE)],
    });
  });
  test('twice changes nothing', () => {
    expect(planAttach('estate', [other(), indexEntry(QUEUE)], QUEUE)).toEqual({
      kind: 'nothing',
      sentence: 'estate is attached already.',
    });
  });
  test('an entry of ours that is out of date is replaced', () => {
    const old = { ...indexEntry(QUEUE), events: ['s3:ObjectCreated:*'] };
    expect(planAttach('estate', [old], QUEUE)).toMatchObject({
      kind: 'replace',
      removed: [old],
      added: [indexEntry(QUEUE)],
    });
  });
  test.each([
    ['the same kind', { events: ['s3:ObjectCreated:*'] }],
    ['one of the kind', { events: ['s3:ObjectCreated:Put'], prefix: 'in/', suffix: '.jpg' }],
    ['one of many', { events: ['s3:ObjectAcl:Put', 's3:LifecycleExpiration:Delete'] }],
  ])('is refused where %s of event goes elsewhere, and says where', (_what, more) => {
    const plan = planAttach('estate', [other(more)], QUEUE);
    expect(plan.kind).toBe('refuse');
    expect(plan.sentence).toContain('thumbnails → arn:aws:lambda:eu-west-1:111122223333:function:thumbnails');
  });
});

describe('detaching', () => {
  test('takes our entry and no other', () => {
    expect(planDetach('estate', [other(), indexEntry(QUEUE)])).toMatchObject({
      kind: 'detach',
      removed: [indexEntry(QUEUE)],
      added: [],
    });
  });
  test('what is not attached changes nothing', () => expect(planDetach('estate', [other()]).kind).toBe('nothing'));
});
