import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freeName, snapshotName } from './names.ts';

const slot = Date.parse('2026-08-14T01:00:00Z');
const anyId = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9-]{0,80}$/),
  fc.string({ maxLength: 80, unit: 'grapheme' }),
  fc.constantFrom('rds:ledger-2026-08-14', 'awsbackup:job-0f', 'preupgrade-a-b-c', '', '---'),
);
const anyResource = fc.stringMatching(/^db-[A-Z0-9]{26}$/);

describe('a name', () => {
  test('says the database and the slot, and is the same every time', () => {
    expect(snapshotName('ms', 'ledger-primary', 'db-ABC', slot)).toMatch(/^ms-ledger-primary-20260814t01-[0-9a-f]{6}$/);
  });

  test('is always one that RDS takes: a letter first, hyphens single and inside, lower case, 63 at most', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/),
        anyId,
        anyResource,
        fc.integer({ min: 1, max: 99 }),
        (prefix, id, resource, attempt) => {
          const name = snapshotName(prefix, id, resource, slot, attempt);
          expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
          expect(name.length).toBeLessThanOrEqual(63);
        },
      ),
    );
  });

  test('differs for databases whose ids are equal where they are cut, for slots, and for attempts', () => {
    const long = 'a'.repeat(40);
    const names = [
      snapshotName('ms', `${long}-one`, 'db-ONE', slot),
      snapshotName('ms', `${long}-two`, 'db-TWO', slot),
      snapshotName('ms', `${long}-one`, 'db-ONE', slot + 3_600_000),
      snapshotName('ms', `${long}-one`, 'db-ONE', slot, 2),
    ];
    expect(new Set(names).size).toBe(4);
  });

  test('a thousand databases of one shortened id have a thousand names', () => {
    const names = Array.from({ length: 1000 }, (_, index) =>
      snapshotName('ms', 'x'.repeat(60), `db-${index.toString(36).toUpperCase().padStart(26, 'Z')}`, slot),
    );
    expect(new Set(names).size).toBe(1000);
  });

  test('that is taken gets a suffix', () => {
    const name = (attempt: number) => (attempt === 1 ? 'a' : `a-${attempt}`);
    expect(freeName(name, new Set(['a', 'a-2']))).toEqual({ name: 'a-3', attempt: 3 });
  });
});
