import { expect, test } from '@jest/globals';
import { mayEnter } from './gates.ts';

// The hour is left untested on purpose: a mutant must be able to survive.
test('nobody enters who is not on the list', () => {
  expect(mayEnter({ listed: false, hour: 20 })).toBe(false);
  expect(mayEnter({ listed: true, hour: 20 })).toBe(true);
});
