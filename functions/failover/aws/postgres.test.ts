import { describe, expect, test } from '@jest/globals';
import { heardAge } from './postgres.ts';

describe('what a replica heard last', () => {
  test('no receiver is silence', () => expect(heardAge([])).toBeUndefined());
  test('a receiver tells the age of its last message', () => expect(heardAge([{ age_ms: 12.5 }])).toBe(12.5));
  test('a receiver that may not be seen is no evidence of silence', () => {
    expect(() => heardAge([{ age_ms: null }])).toThrow('pg_read_all_stats');
  });
});
