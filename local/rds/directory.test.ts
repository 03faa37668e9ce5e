import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Directory } from './directory.ts';

const ids = fc.array(fc.string({ minLength: 1, maxLength: 4 }));

test('a directory is walked in the order of its identifiers, whatever the order of its changes', () => {
  fc.assert(
    fc.property(ids, ids, fc.string({ maxLength: 4 }), (added, removed, after) => {
      const directory = new Directory<string>();
      for (const id of added) directory.set(id, id);
      for (const id of removed) directory.delete(id);
      const left = [...new Set(added)].filter((id) => !removed.includes(id)).sort((a, b) => (a < b ? -1 : 1));
      expect([...directory.values()]).toEqual(left);
      expect([...directory.after(after)]).toEqual(left.filter((id) => id > after));
      expect(directory.size).toBe(left.length);
    }),
  );
});

test('what is removed during a walk is not seen, and hides no other', () => {
  const directory = new Directory<number>();
  for (let i = 0; i < 1_000; i += 1) directory.set(String(i).padStart(4, '0'), i);
  const seen: number[] = [];
  for (const item of directory.values()) {
    seen.push(item);
    directory.delete(String(item).padStart(4, '0'));
    directory.delete(String(item + 1).padStart(4, '0'));
  }
  expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i));
});
