import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { domainsIn, hasAll, lsnBytes, ownIn, unionOf } from './position.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4350f323-7565-4e59-8763-4b1b83a0ce0e';

describe('a position has all of another', () => {
  test.each([
    ['16/B374D848', '16/B374D848', true],
    ['16/B374D848', '16/B374D849', false],
    ['17/0', '16/FFFFFFFF', true],
    ['0-1-100', '0-1-100', true],
    ['0-1-100', '0-1-101', false],
    ['0-2-101', '0-1-100', true],
    // Two servers have written under one number: two histories.
    ['0-2-100', '0-1-100', false],
    ['0-1-100', '0-1-100,1-1-5', false],
    ['0-1-100,1-1-5', '0-1-100', true],
    ['0-1-90071992547409930', '0-1-90071992547409931', false],
    [`${A}:1-5`, `${A}:1-5`, true],
    [`${A}:1-5`, `${A}:1-6`, false],
    // A gap is no loss of order to MySQL: what is missing in the middle is missing.
    [`${A}:1-3:5-9`, `${A}:1-5`, false],
    [`${A}:1-3:4-9`, `${A}:2-5`, true],
    [`${A}:1-5,\n${B}:7`, `${B}:7`, true],
    [`${A}:1-5`, `${B}:7`, false],
    [`${A}:1-5:audit:1-2`, `${A}:audit:3`, false],
    [`${A}:1-5:audit:1-3`, `${A}:audit:3`, true],
    [A.toUpperCase().concat(':1-5'), `${A}:5`, true],
  ])('%s has all of %s: %s', (have, need, expected) => expect(hasAll(have, need)).toBe(expected));

  test.each([
    ['', '0-1-1'],
    ['0-1-1', ''],
    [undefined, '0-1-1'],
    ['0-1-1', `${A}:1`],
    ['0-1-1', '0/1'],
    ['0-1-1,0-1-2', '0-1-1'],
    [`${A}:5-1`, `${A}:1`],
    [`${A}`, `${A}:1`],
    ['binlog.000003:154', '0-1-1'],
  ])('%s and %s cannot be compared: neither yes nor no', (have, need) => expect(hasAll(have, need)).toBeUndefined());
});

const transactions = fc.uniqueArray(fc.tuple(fc.constantFrom(A, B), fc.integer({ min: 1, max: 40 })), {
  minLength: 1,
  maxLength: 30,
  selector: ([source, number]) => `${source}:${number}`,
});
/** As plainly as it can be said: one transaction each, in any order. */
const textOf = (all: readonly (readonly [string, number])[]): string => all.map((one) => one.join(':')).join(',');
const keys = (all: readonly (readonly [string, number])[]) => new Set(all.map((one) => one.join(':')));

describe('sets of GTIDs behave as sets', () => {
  test('a set has another exactly when every transaction is in it', () => {
    fc.assert(
      fc.property(transactions, transactions, (have, need) => {
        expect(hasAll(textOf(have), textOf(need))).toBe(keys(need).isSubsetOf(keys(have)));
      }),
    );
  });

  test('a union has both, and nothing else', () => {
    fc.assert(
      fc.property(transactions, transactions, (one, other) => {
        const union = unionOf(textOf(one), textOf(other));
        const plain = textOf([...one, ...other]);
        expect([hasAll(union, plain), hasAll(plain, union)]).toEqual([true, true]);
        expect(union).toBe(unionOf(textOf(other), textOf(one)));
      }),
    );
  });

  test('with an empty set a union is the other one, as the server writes it', () => {
    expect(unionOf('', `${B}:2,${A}:1-3:4`)).toBe(`${A}:1-4,${B}:2`);
    expect(unionOf('', '')).toBe('');
    expect(() => unionOf('0-1-1', '')).toThrow('no set of GTIDs');
  });
});

test("a domain's sequence only grows: the later position has the earlier one", () => {
  const sequences = fc.dictionary(fc.constantFrom('0', '1', '7'), fc.bigInt({ min: 1n, max: 2n ** 63n }), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(sequences, fc.bigInt({ min: 1n, max: 99n }), (before, more) => {
      const position = (add: bigint) =>
        Object.entries(before)
          .map(([domain, sequence]) => `${domain}-1-${sequence + add}`)
          .join(',');
      expect([hasAll(position(more), position(0n)), hasAll(position(0n), position(more))]).toEqual([true, false]);
    }),
  );
});

test.each([
  ['0-1-100,0-2-101,7-2-3', '2', '0-2-101,7-2-3'],
  // No server 1, whatever begins or ends with it.
  ['0-11-100,1-21-1', '1', undefined],
  ['', '1', undefined],
  [`${A}:1-5, ${B}:7:9-11`, B.toUpperCase(), `${B}:7:9-11`],
  [`${A}:1-5:audit:1`, A, `${A}:1-5:audit:1`],
  [`${A}:1-5`, B, undefined],
  [`${A}:1-5`, '', undefined],
])('of %s the server %s gave %s', (log, server, own) => expect(ownIn(log, server)).toBe(own));

test('domains are counted in a position of MariaDB and nowhere else', () => {
  expect([domainsIn('0-1-2,3-1-9'), domainsIn(`${A}:1`), domainsIn(''), domainsIn(undefined)]).toEqual([2, 0, 0, 0]);
});

test("PostgreSQL's position is two hexadecimal halves", () => {
  expect([lsnBytes('1/0'), lsnBytes('0/FF'), lsnBytes('x')]).toEqual([2 ** 32, 255, undefined]);
});
