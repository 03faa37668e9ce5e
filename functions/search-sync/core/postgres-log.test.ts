import { describe, expect, test } from '@jest/globals';
import { postgresDocument, postgresEntries } from './postgres-log.ts';
import { PrefixError, prefixReader } from './postgres-prefix.ts';
import { maskOf } from './secrets.ts';

const RDS = '%t:%r:%u@%d:[%p]:';
const head = '2026-11-21 10:00:00 UTC:10.0.0.1(5432):app@ledger:[42]:';
const event = (message: string, id = '1') => ({ id, timestampMs: 1_795_255_200_123, message });
const entries = (...messages: string[]) =>
  postgresEntries(
    messages.map((message, i) => event(message, String(i + 1))),
    prefixReader(RDS),
    maskOf([]),
  );

describe('log_line_prefix', () => {
  test('that of RDS: time, client, user, database and process', () => {
    expect(prefixReader(RDS)(`${head}LOG:  hello`)).toEqual({
      fields: {
        atMs: Date.UTC(2026, 10, 21, 10),
        remote: '10.0.0.1(5432)',
        user: 'app',
        database: 'ledger',
        pid: '42',
      },
      rest: 'LOG:  hello',
    });
  });

  test.each([
    [
      'a process of the server itself',
      RDS,
      '2026-11-21 10:00:00 UTC::@:[7]:LOG:  checkpoint starting: time',
      { pid: '7' },
    ],
    ['a local client', RDS, '2026-11-21 10:00:00 UTC:[local]:a@b:[7]:LOG:  x', { remote: '[local]' }],
    ['an IPv6 client', RDS, '2026-11-21 10:00:00 UTC:::1(5432):a@b:[7]:LOG:  x', { remote: '::1(5432)', user: 'a' }],
    [
      'milliseconds',
      '%m [%p] ',
      '2026-11-21 10:00:00.250 UTC [7] LOG:  x',
      { atMs: Date.UTC(2026, 10, 21, 10, 0, 0, 250) },
    ],
    ['an epoch', '%n %p ', '1795255200.123 7 LOG:  x', { atMs: 1_795_255_200_123, pid: '7' }],
    [
      'another zone: no time rather than a wrong one',
      '%m [%p] ',
      '2026-11-21 11:00:00.250 CET [7] LOG:  x',
      { pid: '7' },
    ],
    ['padding', '%m %-8p %a ', '2026-11-21 10:00:00.250 UTC 7        psql LOG:  x', { pid: '7', application: 'psql' }],
    ['only for sessions', '%t [%p] %q%u@%d ', '2026-11-21 10:00:00 UTC [7] LOG:  x', { pid: '7' }],
    [
      'session and state',
      '%c %e %t ',
      '6740.1a 00000 2026-11-21 10:00:00 UTC LOG:  x',
      { session: '6740.1a', sqlState: '00000' },
    ],
  ])('%s', (_, prefix, line, fields) => {
    expect(prefixReader(prefix)(line)?.fields).toMatchObject(fields);
    expect(prefixReader(prefix)(line)?.rest).toMatch(/^LOG: /);
  });

  test('one that PostgreSQL does not have, and one that tells no lines apart, are refused', () => {
    expect(() => prefixReader('%z')).toThrow(PrefixError);
    expect(() => prefixReader('%u@%d ')).toThrow(PrefixError);
  });
});

describe('entries', () => {
  test('an error with its DETAIL, HINT and STATEMENT is one, though another process speaks in between', () => {
    const [error, other, ...more] = entries(
      `${head}ERROR:  duplicate key value violates unique constraint "ledger_pkey"`,
      `${head.replace('[42]', '[43]')}LOG:  connection received`,
      `${head}DETAIL:  Key (number)=(7) already exists.`,
      `${head}HINT:  Choose another.`,
      `${head}STATEMENT:  insert into ledger\n\tvalues (7)`,
      '\treturning *',
    );
    expect(more).toEqual([]);
    expect(other).toMatchObject({ pid: '43', message: 'connection received', events: 1 });
    expect(error).toMatchObject({
      id: '1',
      severity: 'ERROR',
      message: 'duplicate key value violates unique constraint "ledger_pkey"',
      detail: 'Key (number)=(7) already exists.',
      hint: 'Choose another.',
      statement: 'insert into ledger\nvalues (7)\nreturning *',
      events: 5,
    });
  });

  test('a duration is a number, and the statement stands for itself', () => {
    const [slow, bound, bare] = entries(
      `${head}LOG:  duration: 1234.567 ms  statement: select *\n\tfrom ledger\n\twhere number = 7`,
      `${head}LOG:  duration: 2.1 ms  execute S_1: select $1`,
      `${head.replace('[42]', '[44]')}LOG:  duration: 0.5 ms`,
    );
    expect(slow).toMatchObject({ durationMs: 1234.567, statement: 'select *\nfrom ledger\nwhere number = 7' });
    expect(slow?.message).toBe('duration: 1234.567 ms  statement: ');
    expect(bound).toMatchObject({ durationMs: 2.1, statement: 'select $1' });
    expect(bare).toMatchObject({ durationMs: 0.5 });
  });

  test('bound parameters are told from details', () => {
    const [one] = entries(`${head}LOG:  execute <unnamed>: select $1`, `${head}DETAIL:  Parameters: $1 = '7'`);
    expect(one).toMatchObject({ statement: 'select $1', parameters: "$1 = '7'", events: 2 });
    expect(one?.detail).toBeUndefined();
  });

  test('what belongs to a line of another delivery is an entry of its own, with its process', () => {
    expect(entries(`${head}DETAIL:  Key (number)=(7) already exists.`)).toMatchObject([
      { id: '1', pid: '42', detail: 'Key (number)=(7) already exists.', message: '' },
    ]);
    expect(entries('\tfrom ledger')).toMatchObject([{ id: '1', message: 'from ledger' }]);
    // One tab is the server's, a second one the statement's own.
    expect(entries('\t\tfrom ledger')).toMatchObject([{ message: '\tfrom ledger' }]);
  });

  test('two that begin in one event of the log are two documents', () => {
    expect(entries(`${head}LOG:  a\n${head}LOG:  b\n${head}LOG:  c`).map(({ id, message }) => [id, message])).toEqual([
      ['1', 'a'],
      ['1-1', 'b'],
      ['1-2', 'c'],
    ]);
  });

  test('the same delivery twice gives the same ids', () => {
    const once = entries(`${head}LOG:  a\n${head}LOG:  b`, `${head}DETAIL:  d`);
    expect(entries(`${head}LOG:  a\n${head}LOG:  b`, `${head}DETAIL:  d`)).toEqual(once);
  });

  test('as documents they are JSON with numbers as numbers', () => {
    const [slow] = entries(`${head}LOG:  duration: 7.25 ms  statement: select '"'`);
    expect(JSON.parse(postgresDocument('/g', 's', slow as never))).toEqual({
      '@timestamp': 1_795_255_200_123,
      loggedAt: Date.UTC(2026, 10, 21, 10),
      durationMs: 7.25,
      events: 1,
      logGroup: '/g',
      logStream: 's',
      message: 'duration: 7.25 ms  statement: ',
      severity: 'LOG',
      statement: `select '"'`,
      user: 'app',
      database: 'ledger',
      pid: '42',
      remote: '10.0.0.1(5432)',
    });
  });
});

describe('secrets in what is kept', () => {
  test.each([
    ["ALTER ROLE app PASSWORD 'hunter2'", "ALTER ROLE app PASSWORD '***'"],
    ["create user x with encrypted password E'it''s'", "create user x with encrypted password E'***'"],
    ["ALTER ROLE password PASSWORD 'password'", "ALTER ROLE password PASSWORD '***'"],
    ['ALTER ROLE app PASSWORD $x$hunter2$x$', 'ALTER ROLE app PASSWORD $x$***$x$'],
    ["select dblink('host=db password=hunter2 user=x')", "select dblink('host=db password=*** user=x')"],
    ['connect postgres://app:hunter2@db/ledger', 'connect postgres://app:***@db/ledger'],
    ["select pgp_sym_encrypt('text', 'hunter2')", "select pgp_sym_encrypt('text', '***')"],
    ["select set('api_key', 'hunter2')", "select set('api_key', '***')"],
    ['key AKIAIOSFODNN7EXAMPLE end', 'key *** end'],
    ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer ***'],
    ["select 'passwords are long'", "select 'passwords are long'"],
    ['select password from accounts where id = 7', 'select password from accounts where id = 7'],
  ])('%s', (text, masked) => expect(maskOf([])(text)).toBe(masked));

  test('the config adds its own, by group or whole', () => {
    expect(maskOf([String.raw`iban (?<secret>\w+)`, String.raw`\d{16}`])('IBAN DE12 and 4111111111111111')).toBe(
      'IBAN *** and ***',
    );
  });

  test('in every text of an entry', () => {
    const [one] = entries(
      `${head}ERROR:  role "x" PASSWORD 'hunter2'`,
      `${head}DETAIL:  password=hunter2`,
      `${head}CONTEXT:  password=hunter2`,
      `${head}STATEMENT:  alter role x PASSWORD 'hunter2'`,
    );
    expect(JSON.stringify(one)).not.toContain('hunter2');
  });
});
