import type { Expectation } from '../policy.ts';
import { plural } from '../words.ts';

/** What the checking function is asked. */
export interface CheckRequest {
  host: string;
  port: number;
  username: string;
  password: string;
  dbname: string;
  query: string;
  expect: Expectation;
}

/** What it found. `no-answer` is no evidence about the data: the caller may ask again. */
export type CheckAnswer =
  | { kind: 'ok'; sentence: string; value: string }
  | { kind: 'mismatch'; sentence: string; value: string }
  | { kind: 'query-failed'; sentence: string }
  | { kind: 'no-answer'; because: 'unreachable' | 'login-refused' | 'slow'; sentence: string };

/** So much of a value is told: it is a customer's data. */
const MOST_CHARACTERS = 80;

/** Compares a query's rows with what the config expects of them. The first column of the first row counts. */
export const judgeRows = (rows: readonly Readonly<Record<string, unknown>>[], expect: Expectation): CheckAnswer => {
  if ('rows' in expect)
    return judged(rows.length === expect.rows, plural(rows.length, 'row'), plural(expect.rows, 'row'));
  const [first] = rows;
  const cell = first === undefined ? undefined : Object.values(first)[0];
  const value = cell === undefined ? 'no row' : shown(cell);
  if ('atLeast' in expect) {
    const isEnough = cell !== null && cell !== undefined && cell !== '' && Number(cell) >= expect.atLeast;
    return judged(isEnough, value, `at least ${expect.atLeast}`);
  }
  return judged(isEqual(cell, expect.equals), value, shown(expect.equals));
};

const judged = (holds: boolean, value: string, expected: string): CheckAnswer =>
  holds
    ? { kind: 'ok', value, sentence: `The check holds: ${value}, as expected (${expected}).` }
    : { kind: 'mismatch', value, sentence: `The check does not hold: ${value}, expected ${expected}.` };

// PostgreSQL sends bigint and numeric as text: 5000 and "5000" are the same here.
const isEqual = (cell: unknown, expected: string | number | boolean): boolean => {
  if (cell === null || cell === undefined) return false;
  if (typeof expected === 'number') return String(cell).trim() !== '' && Number(cell) === expected;
  return String(cell) === String(expected);
};

const shown = (cell: unknown): string => {
  const text = cell === null ? 'null' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
};
