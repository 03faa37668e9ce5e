import { expect, test } from '@jest/globals';
import { planFlip } from './names-flip.ts';

const goal = { writer: 'ledger.example.internal', target: 'new.rds', from: 'old.rds', standby: true };

test.each([
  ['the old leader is answered', { value: 'OLD.rds.' }],
  ['nobody could say what is answered', {}],
  ['nobody could be asked', undefined],
])('the name is flipped when %s', (_name, seen) => {
  expect(planFlip(seen, goal)).toEqual({ kind: 'flip', standby: true });
});

test('what leads to the new leader already is left alone', () => {
  expect(planFlip({ value: 'new.rds.' }, goal)).toEqual({ kind: 'ours' });
});

test('an answer that is neither leader is a conflict', () => {
  expect(planFlip({ value: 'else.where' }, goal).kind).toBe('conflict');
});
