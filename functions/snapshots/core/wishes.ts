import type { Database } from './inventory.ts';
import { type Policy, readPolicy, type Settings } from './policy.ts';
import { meantBy } from './slips.ts';
import { readSwitch } from './tags.ts';

// What a database's own tags ask for. Under the key `mainstay:snapshots`:
//   mainstay:snapshots          = true | false
//   mainstay:snapshots:policy   = hourly=24 daily=7 …        replaces the default policy whole
//   mainstay:snapshots:min-keep = 3
//   mainstay:snapshots:copies   = true | false            whether it is copied to the recovery region (core/copies/tags.ts)
// A value that cannot be read never costs a backup: the database is snapshotted by the default policy, nothing of it is
// deleted, and the report says what is wrong. A slip in a key is said, too: without its tag a database would be left out in silence.

export type Wish = 'on' | 'off' | 'none' | 'unreadable';

export interface Wishes {
  wish: Wish;
  policy: Policy;
  minKeep: number;
  /** What is wrong with the tags. Where there is anything, nothing of this database is deleted. */
  problems: string[];
}

/** Reads the tags of one database over the deployment's settings. Errors are values: every problem at once. */
export const readWishes = (database: Pick<Database, 'tags'>, settings: Settings): Wishes => {
  const { tagKey } = settings;
  const wishes: Wishes = { wish: 'none', policy: settings.policy, minKeep: settings.minKeep, problems: [] };
  const wrong = (key: string, value: string, expected: string) =>
    wishes.problems.push(`tag ${key}=${JSON.stringify(value)}: expected ${expected}`);
  const own = ['policy', 'min-keep', 'copies'].map((name) => `${tagKey}:${name}`);

  for (const [key, value] of Object.entries(database.tags)) {
    if (key === tagKey) {
      const on = readSwitch(value);
      wishes.wish = on === undefined ? 'unreadable' : on ? 'on' : 'off';
      if (on === undefined) wrong(key, value, 'true or false');
    } else if (key === `${tagKey}:policy`) {
      const reading = readPolicy(value);
      if (reading.policy) wishes.policy = reading.policy;
      else wrong(key, value, `a policy such as "hourly=24 daily=7" (${reading.problems.join('; ')})`);
    } else if (key === `${tagKey}:min-keep`) {
      if (/^[1-9]\d{0,3}$/.test(value.trim())) wishes.minKeep = Number(value);
      else wrong(key, value, 'a whole number of 1 or more');
    } else if (key === `${tagKey}:copies`) {
      if (readSwitch(value) === undefined) wrong(key, value, 'true or false');
    } else if (key.toLowerCase() === tagKey.toLowerCase()) {
      wrong(key, value, `the key ${tagKey}: tag keys are case-sensitive`);
      if (readSwitch(value) !== false && wishes.wish === 'none') wishes.wish = 'unreadable';
    } else if (key.startsWith(`${tagKey}:`)) {
      wrong(key, value, `one of ${own.join(', ')}`);
    } else {
      const meant = meantBy(key, [tagKey, ...own]);
      // Near the switch itself there are other people's tags, and ours on what was restored: it is one only where it says yes or no.
      const isSlip = meant !== tagKey || (readSwitch(value) !== undefined && !(tagKey in database.tags));
      if (meant !== undefined && isSlip) wrong(key, value, `the key ${meant}`);
    }
  }
  if (wishes.wish === 'none' && Object.keys(database.tags).some((key) => key.startsWith(`${tagKey}:`))) {
    wishes.problems.push(`it has tags under ${tagKey}: but no ${tagKey} itself, so it is not selected`);
  }
  return wishes;
};
