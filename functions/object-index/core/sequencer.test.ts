import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareSequencers, laterSequencer, readSequencer } from './sequencer.ts';

describe('sequencers are compared', () => {
  test.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', 'before'],
    ['0055aed6dcd90281e5', '0055AED6DCD90281E5', 'same'],
    ['0055AED6DCD90281E5', '55AED6DCD90281E5', 'same'],
    ['0055AED6DCD90281E5', '55AED6DCD90281E4', 'after'],
    // 0x62 > 0x61 read from the left as from the right; 0x1 and 0x0f are not.
    ['62', '6100', 'ambiguous'],
    ['1', '0f', 'ambiguous'],
    ['00f', 'f', 'ambiguous'],
    ['2', '10', 'ambiguous'],
    ['20', '1', 'after'],
  ])('%s to %s: %s', (a, b, order) => expect(compareSequencers(a, b)).toBe(order));

  const hex = fc.stringMatching(/^[0-9a-fA-F]{1,40}$/);
  const opposite = { before: 'after', after: 'before', same: 'same', ambiguous: 'ambiguous' } as const;

  test('the other way round, the other way round', () => {
    fc.assert(fc.property(hex, hex, (a, b) => expect(compareSequencers(b, a)).toBe(opposite[compareSequencers(a, b)])));
  });

  test('an order that is certain is transitive', () => {
    fc.assert(
      fc.property(hex, hex, hex, (a, b, c) => {
        fc.pre(compareSequencers(a, b) === 'before' && compareSequencers(b, c) === 'before');
        expect(compareSequencers(a, c)).toBe('before');
      }),
      { numRuns: 300 },
    );
  });

  test('of equal length: as numbers', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{16}$/), fc.stringMatching(/^[0-9a-f]{16}$/), (a, b) => {
        const [x, y] = [BigInt(`0x${a}`), BigInt(`0x${b}`)];
        expect(compareSequencers(a, b)).toBe(x === y ? 'same' : x < y ? 'before' : 'after');
      }),
    );
  });
});

test.each([[undefined], [''], ['Happy Sequencer'], [7], ['0x12'], ['f'.repeat(65)]])('%j is no sequencer', (value) =>
  expect(readSequencer(value)).toBeUndefined(),
);

test('the later one is kept only where that is certain', () => {
  expect(laterSequencer(undefined, '05')).toBe('05');
  expect(laterSequencer('05', undefined)).toBe('05');
  expect(laterSequencer('05', '06')).toBe('06');
  expect(laterSequencer('62', '6100')).toBe('62');
});
