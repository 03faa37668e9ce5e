import { describe, expect, test } from '@jest/globals';
import { settings } from '../../../tests/snapshots/samples.ts';
import { policyProblems, policyText, readPolicy } from './policy.ts';
import { readWishes } from './wishes.ts';

const wishes = (tags: Record<string, string>) => readWishes({ tags }, settings);

describe('the tags of a database', () => {
  test.each(['true', 'True', ' YES ', '1', 'on'])('%j selects', (value) => {
    expect(wishes({ 'mainstay:snapshots': value })).toMatchObject({ wish: 'on', problems: [] });
  });

  test.each(['false', 'No', '0', 'off'])('%j does not', (value) => {
    expect(wishes({ 'mainstay:snapshots': value })).toMatchObject({ wish: 'off', problems: [] });
  });

  test('none at all is no wish', () => {
    expect(wishes({ Name: 'x' })).toMatchObject({ wish: 'none', problems: [] });
  });

  test('a value that says neither is a problem, and not silence', () => {
    const { wish, problems } = wishes({ 'mainstay:snapshots': 'ture' });
    expect(wish).toBe('unreadable');
    expect(problems).toEqual(['tag mainstay:snapshots="ture": expected true or false']);
  });

  test('a policy of its own replaces the default whole', () => {
    const read = wishes({
      'mainstay:snapshots': 'true',
      'mainstay:snapshots:policy': ' hourly=24  weekly=4 ',
      'mainstay:snapshots:min-keep': '3',
    });
    expect(read).toEqual({ wish: 'on', policy: { keepHourly: 24, keepWeekly: 4 }, minKeep: 3, problems: [] });
  });

  test('every problem is said at once, and the defaults stay in force', () => {
    const read = wishes({
      'mainstay:snapshots': 'true',
      'mainstay:snapshots:policy': 'hourly=-1 dayly=7',
      'mainstay:snapshots:min-keep': '0',
      'mainstay:snapshots:polcy': 'daily=7',
    });
    expect(read.policy).toBe(settings.policy);
    expect(read.minKeep).toBe(settings.minKeep);
    expect(read.problems).toHaveLength(3);
    expect(read.problems[0]).toContain('"hourly=-1" needs a whole number');
    expect(read.problems[0]).toContain('"dayly=7" is none of last=N, hourly=N');
  });

  test('a key in other case, and a policy without its switch, are problems', () => {
    expect(wishes({ 'Mainstay:Snapshots': 'true' })).toMatchObject({ wish: 'unreadable' });
    expect(wishes({ 'mainstay:snapshots:policy': 'daily=7' }).problems[0]).toContain('not selected');
  });

  test.each(['mainstay:snapshot', 'mainstay-snapshots', 'mainstay:snaphsots', 'Mainstay:Snapshot'])(
    'a slip in the key, %s, is said: its database would be left out in silence',
    (key) => {
      expect(wishes({ [key]: 'true' }).problems).toEqual([`tag ${key}="true": expected the key mainstay:snapshots`]);
      expect(wishes({ [key]: 'true' }).wish).toBe('none');
    },
  );

  test.each(['mainstay:snapshot:policy', 'mainstay:snapshots.policy', 'mainstay:snapshots-policy'])(
    'a slip in the key of the policy, %s, is said: the default would delete what it was to keep',
    (key) => {
      expect(wishes({ 'mainstay:snapshots': 'true', [key]: 'hourly=96' }).problems).toEqual([
        `tag ${key}="hourly=96": expected the key mainstay:snapshots:policy`,
      ]);
    },
  );

  test('a key that is near and says neither yes nor no, or stands beside the right one, or is near a short one, is somebody else’s', () => {
    expect(wishes({ 'mainstay:snapshot': 'ms-orders-20260814t10-000000' }).problems).toEqual([]);
    expect(wishes({ 'mainstay:snapshots': 'false', 'mainstay:snapshot': 'true' }).problems).toEqual([]);
    expect(readWishes({ tags: { bakup: 'true' } }, { ...settings, tagKey: 'keep' }).problems).toEqual([]);
    expect(readWishes({ tags: { keeps: 'true' } }, { ...settings, tagKey: 'keep' }).problems).toEqual([]);
  });
});

describe('a policy', () => {
  test.each(['', 'hourly=0', 'hourly', 'hourly=1=2', 'hourly=1 hourly=2', 'hourly=1.5', 'hourly=NaN', 'all'])(
    'is not read from %j',
    (text) => {
      expect(readPolicy(text).problems.length).toBeGreaterThan(0);
    },
  );

  test.each([[{}], [{ keepDaily: 0 }], [{ keepDaily: -1 }], [{ keepDaily: Number.NaN, keepLast: 1 }]])(
    '%j is refused',
    (policy) => {
      expect(policyProblems(policy)).toHaveLength(1);
    },
  );

  test('says itself in words', () => {
    expect(policyText({ keepHourly: 24, keepDaily: 7, keepWithinHours: 48 })).toBe(
      '24 hourly, 7 daily, all within 48 hours',
    );
  });
});
