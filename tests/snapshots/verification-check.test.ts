import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { CheckRequest } from '../../functions/snapshots/core/verification/check.ts';
import { judgeRows } from '../../functions/snapshots/core/verification/check.ts';
import { checkFor } from '../../functions/snapshots/core/verification/conditions.ts';
import { readCheckRequest, runCheck } from '../../functions/snapshots/run/verification/check.ts';
import { readVerifyTrigger, tickMoment } from '../../functions/snapshots/run/verification/trigger.ts';

const request: CheckRequest = {
  host: 'db.local',
  port: 5432,
  username: 'master',
  password: 'hunter2-hunter2',
  dbname: 'shop',
  query: 'select count(*) from orders',
  expect: { atLeast: 1 },
};

const refusing = (code: string, message: string) => Object.assign(new Error(message), { code });
const session = (query: (sql: string) => Promise<Record<string, unknown>[]>) => {
  const said: string[] = [];
  return {
    said,
    ports: {
      open: async () => ({
        query: (sql: string) => {
          said.push(sql);
          return said.length === 1 ? Promise.resolve([]) : query(sql);
        },
        close: async () => void said.push('closed'),
      }),
    },
  };
};

describe('what a query must say', () => {
  test.each([
    [[{ count: '5000' }], { equals: 5000 }, 'ok'],
    [[{ count: '5000' }], { equals: '5000' }, 'ok'],
    [[{ count: '4999' }], { equals: 5000 }, 'mismatch'],
    [[{ ready: true }], { equals: true }, 'ok'],
    [[{ name: null }], { equals: 'null' }, 'mismatch'],
    [[{ name: null }], { atLeast: 0 }, 'mismatch'],
    [[{ name: '' }], { equals: 0 }, 'mismatch'],
    [[], { equals: 1 }, 'mismatch'],
    [[], { atLeast: 0 }, 'mismatch'],
    [[], { rows: 0 }, 'ok'],
    [[{ a: 1 }, { a: 2 }], { rows: 2 }, 'ok'],
    [[{ count: 'many' }], { atLeast: 1 }, 'mismatch'],
    [[{ count: 7n }], { atLeast: 7 }, 'ok'],
  ] as const)('%j under %j is %s', (rows, expectation, kind) => {
    expect(judgeRows(rows, expectation).kind).toBe(kind);
  });

  test('a long value is cut: it is a customer’s data', () => {
    const answer = judgeRows([{ text: 'x'.repeat(10_000) }], { equals: 'y' });
    expect(answer.sentence.length).toBeLessThan(200);
  });

  test('the first expression that matches a database decides; without one, connecting is the check', () => {
    const checks = [
      { database: '^orders$', dbname: 'shop', query: 'select 1 as a', expect: { equals: 1 } },
      { database: 'orders', dbname: 'other', query: 'select 2 as a', expect: { equals: 2 } },
    ];
    expect(checkFor('orders', checks).dbname).toBe('shop');
    expect(checkFor('orders-eu', checks).dbname).toBe('other');
    expect(checkFor('billing', checks)).toMatchObject({ dbname: 'postgres', query: 'select 1' });
  });
});

describe('asked in a throw-away', () => {
  test('in a transaction that cannot write, and closed whatever happens', async () => {
    const { said, ports } = session(async () => [{ count: '3' }]);
    expect(await runCheck(ports)(request)).toMatchObject({ kind: 'ok', value: '3' });
    expect(said).toEqual(['begin transaction read only', request.query, 'closed']);
    const broken = session(() => Promise.reject(refusing('42P01', 'relation "orders" does not exist')));
    expect(await runCheck(broken.ports)(request)).toMatchObject({ kind: 'query-failed' });
    expect(broken.said.at(-1)).toBe('closed');
  });

  test.each([
    ['57014', 'canceling statement due to statement timeout', 'slow'],
    ['', 'Query read timeout', 'slow'],
    ['57P01', 'terminating connection due to administrator command', 'unreachable'],
    ['', 'Connection terminated unexpectedly', 'unreachable'],
  ])('%s %s is no evidence about the data', async (code, message, because) => {
    const { ports } = session(() => Promise.reject(refusing(code, message)));
    expect(await runCheck(ports)(request)).toMatchObject({ kind: 'no-answer', because });
  });

  test.each([
    ['28P01', 'password authentication failed for user "master"', 'login-refused'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:5432', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'unreachable'],
  ])('a login that ends with %s is no evidence either', async (code, message, because) => {
    const answer = await runCheck({ open: () => Promise.reject(refusing(code, message)) })(request);
    expect(answer).toMatchObject({ kind: 'no-answer', because });
  });
});

describe('the password is told to nobody', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env.POWERTOOLS_LOGGER_LOG_EVENT;
  });

  test('not in an answer, also when the server repeats it', async () => {
    const repeat = refusing('XX000', `no such thing: ${request.password}`);
    const answers = [
      await runCheck({ open: () => Promise.reject(repeat) })(request),
      await runCheck(session(() => Promise.reject(repeat)).ports)(request),
    ];
    expect(JSON.stringify(answers)).not.toContain(request.password);
  });

  test('not in the refusal of a request that is wrong', () => {
    const wrong = { ...request, port: 'x', expect: { password: request.password } };
    expect(() => readCheckRequest(wrong)).toThrow(/port: expected a port; expect: expected/);
    expect(() => readCheckRequest(wrong)).not.toThrow(request.password);
    expect(() => readCheckRequest({ ...request, password: 12345678 })).not.toThrow('12345678');
  });

  test('not in the log, even where events are to be logged', async () => {
    process.env.POWERTOOLS_LOGGER_LOG_EVENT = 'true';
    const written: string[] = [];
    const keep = (chunk: unknown) => {
      written.push(String(chunk));
      return true;
    };
    jest.spyOn(process.stdout, 'write').mockImplementation(keep as never);
    jest.spyOn(process.stderr, 'write').mockImplementation(keep as never);
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      jest.spyOn(console, method).mockImplementation(keep);
    // Read when the module is: the logger looks at its environment then.
    const { handler } = await import('../../functions/snapshots/handlers/verify-check.ts');
    const context = { awsRequestId: '1', functionName: 'verify-check', getRemainingTimeInMillis: () => 60_000 };
    const said = await Promise.resolve(handler(request, context as never)).then(
      (answer) => JSON.stringify(answer),
      (error: Error) => `${error.message} ${error.stack}`,
    );
    jest.restoreAllMocks();
    // The config is missing here, which is said; so what the handler was given has been through the whole stack.
    expect(said).toContain('config');
    expect([...written, said].join()).not.toContain(request.password);
  });
});

test('a trigger that is none of verify’s is refused before anything is read', () => {
  expect(readVerifyTrigger({ kind: 'schedule', scheduledTime: '2026-08-14T10:05:00Z' })).toEqual({
    kind: 'schedule',
    scheduledTime: Date.UTC(2026, 7, 14, 10, 5),
  });
  expect(readVerifyTrigger({ kind: 'command', verb: 'verify', database: 'orders' })).toMatchObject({
    database: 'orders',
  });
  expect(() => readVerifyTrigger({ kind: 'command', verb: 'verify' })).toThrow('database: ');
  expect(() => readVerifyTrigger({ kind: 'command', verb: 'drop' })).toThrow('verb: expected');
});

test('a tick begins at the clock, unless its trigger is ahead of it: a late delivery is not of the past', () => {
  const atMs = Date.UTC(2026, 7, 14, 10, 5);
  const tick = readVerifyTrigger({ kind: 'schedule', scheduledTime: '2026-08-14T10:05:00Z' });
  expect(tickMoment(tick, atMs - 60_000)).toBe(atMs);
  expect(tickMoment(tick, atMs + 60_000)).toBe(atMs + 60_000);
  expect(tickMoment(readVerifyTrigger({ kind: 'schedule', scheduledTime: 'soon' }), atMs)).toBe(atMs);
});
