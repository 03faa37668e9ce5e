import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { database, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { stoppedBy } from './ownership.ts';
import { groupOf, isHeld, OWN, slotOf, tagsCut, tagsFor } from './tags.ts';

const slot = Date.parse('2026-08-14T01:00:00Z');
const of = (tags: Record<string, string>) => tagsFor(database('orders', { tags }), 'ms-orders', slot, 'mainstay-test');

describe('the tags of a new snapshot', () => {
  test('are ours and the source’s own: a request with tags switches CopyTagsToSnapshot off', () => {
    expect(of({ team: 'payments' })).toEqual({
      [OWN.stack]: 'mainstay-test',
      [OWN.name]: 'ms-orders',
      [OWN.slot]: '2026-08-14T01:00:00Z',
      [OWN.resourceId]: 'db-ORDERS',
      [OWN.source]: 'arn:aws:rds:eu-west-1:111122223333:db:orders',
      team: 'payments',
    });
  });

  test('are always ones that RDS takes, ours first, whatever the source carries', () => {
    const text = fc.string({ maxLength: 300, unit: 'grapheme' });
    const many = fc.dictionary(
      fc.oneof(text, fc.constantFrom('aws:cloudformation:stack-id', 'rds:x', OWN.stack)),
      text,
      {
        maxKeys: 80,
      },
    );
    fc.assert(
      fc.property(many, (tags) => {
        const made = of(tags);
        const entries = Object.entries(made);
        expect(entries.length).toBeLessThanOrEqual(50);
        expect(made[OWN.stack]).toBe('mainstay-test');
        for (const [key, value] of entries) {
          expect(key).toMatch(/^[\p{L}\p{N}\p{Z}_.:/=+\-@]{1,128}$/u);
          expect(value).toMatch(/^[\p{L}\p{N}\p{Z}_.:/=+\-@]{0,256}$/u);
          expect(key).not.toMatch(/^(aws|rds):/i);
          expect(value).not.toMatch(/^(aws|rds):/i);
        }
      }),
    );
  });

  test('do not take along what is about another snapshot: a restored database carries its origin’s tags', () => {
    expect(of({ [OWN.slot]: '2020-01-01T00:00:00Z', 'mainstay:hold': 'true' })).toMatchObject({
      [OWN.slot]: '2026-08-14T01:00:00Z',
    });
    expect(of({ 'mainstay:hold': 'true' })).not.toHaveProperty('mainstay:hold');
  });

  test('leave room for a verification’s result and a hold, and take no verdict along from a restored database', () => {
    const full = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`key${index}`, 'value']));
    expect(Object.keys(of(full))).toHaveLength(46);
    const restored = of({ 'mainstay:verified': 'ok', 'mainstay:verified-at': '2026-08-14T01:00:00Z' });
    expect(Object.keys(restored).filter((key) => key.includes('verified'))).toEqual([]);
  });

  test('leave out of the source’s own what finds no room, and how many is known', () => {
    for (const count of [10, 45, 46, 50]) {
      const tags = Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'value']));
      const kept = Object.keys(of(tags)).filter((key) => key.startsWith('key')).length;
      expect(tagsCut(database('orders', { tags }))).toBe(count - kept);
    }
    const aws = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`aws:key${index}`, 'value']));
    expect(tagsCut(database('orders', { tags: aws }))).toBe(0);
  });

  test('read back as the slot and the group', () => {
    const made = snapshot(database('orders'), slot);
    expect([slotOf(made), groupOf(made)]).toEqual([slot, 'db-ORDERS']);
    expect(stoppedBy(made, { stack: settings.stack })).toBeUndefined();
  });
});

describe('a hold', () => {
  const now = Date.parse('2026-08-14T12:00:00Z');
  test.each([
    [{ 'mainstay:hold': 'true' }, true],
    [{ 'mainstay:hold': 'because of the audit' }, true],
    [{ 'mainstay:hold': 'false' }, false],
    [{ 'mainstay:hold-until': '2026-08-15T00:00:00Z' }, true],
    [{ 'mainstay:hold-until': '2026-08-14' }, true],
    [{ 'mainstay:hold-until': '2026-08-13' }, false],
    [{ 'mainstay:hold-until': 'next Friday' }, true],
    [{}, false],
  ])('%j → %s', (tags, held) => {
    expect(isHeld(tags as Record<string, string>, now)).toBe(held);
  });
});
