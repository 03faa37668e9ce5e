import * as v from 'valibot';
import { errorText } from '../../../../shared/aws/errors.ts';
import { type CheckAnswer, type CheckRequest, judgeRows } from '../../core/verification/check.ts';

// Runs inside the isolated network, on a throw-away database, and calls nothing of AWS.

/** A session that is open and cannot write. */
export interface CheckSession {
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface CheckPorts {
  /** Opens a login over TLS verify-full. Throws what the server, or the way to it, says. */
  open(login: Omit<CheckRequest, 'query' | 'expect'>): Promise<CheckSession>;
}

// Messages of our own: valibot's would show the value, and one of them is a password.
const text = (what: string) => v.pipe(v.string(`expected ${what}`), v.minLength(1, `expected ${what}`));
const Request = v.object(
  {
    host: text('a host'),
    port: v.number('expected a port'),
    username: text('a username'),
    password: text('a password'),
    dbname: text('a database name'),
    query: text('a query'),
    expect: v.union(
      [
        v.object({ equals: v.union([v.string(), v.number(), v.boolean()]) }),
        v.object({ atLeast: v.number() }),
        v.object({ rows: v.number() }),
      ],
      'expected { equals }, { atLeast } or { rows }',
    ),
  },
  'expected an object',
);

/** Reads what the check function was invoked with. Throws with every problem, and with no value of the request. */
export const readCheckRequest = (event: unknown): CheckRequest => {
  const result = v.safeParse(Request, event);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  throw new Error(`this event is no check: ${problems.join('; ')}`);
};

// Errors of a connection, not of a server (node: net, dns, tls).
const UNREACHABLE = /^(ECONN|ETIMEDOUT|EHOST|ENET|EPIPE|ENOTFOUND|ENODATA|EAI_|ERR_TLS|ESERVFAIL|ETIMEOUT)/;
// docs (PostgreSQL): errcodes-appendix.
const LOGIN_REFUSED = new Set(['28000', '28P01']);
const GOING_OR_COMING = new Set(['57P01', '57P02', '57P03', '53300']);
const QUERY_CANCELED = '57014';

/** Connects, asks, compares. An answer in every case; never the password in it. */
export const runCheck =
  ({ open }: CheckPorts) =>
  async (request: CheckRequest): Promise<CheckAnswer> => {
    const { query, expect, ...login } = request;
    const safe = (error: unknown) => errorText(error).replaceAll(request.password, '…').slice(0, 300);
    let session: CheckSession;
    try {
      session = await open(login);
    } catch (error) {
      const isRefused = LOGIN_REFUSED.has(codeOf(error));
      return {
        kind: 'no-answer',
        because: isRefused ? 'login-refused' : 'unreachable',
        sentence: `${request.host} ${isRefused ? 'refused the login' : 'could not be logged in to'}: ${safe(error)}.`,
      };
    }
    try {
      // A transaction that cannot write, besides the session's own setting: the query may be anybody's.
      await session.query('begin transaction read only');
      return judgeRows(await session.query(query), expect);
    } catch (error) {
      return failed(codeOf(error), safe(error), request.host);
    } finally {
      await session.close().catch(() => {});
    }
  };

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

const failed = (code: string, said: string, host: string): CheckAnswer => {
  if (code === QUERY_CANCELED || /timeout/i.test(said)) {
    // docs: USER_RestoreFromSnapshot — a restored volume is loaded from S3 as it is read: the first read is slow, the next is not.
    return { kind: 'no-answer', because: 'slow', sentence: `The query on ${host} took too long: ${said}.` };
  }
  if (UNREACHABLE.test(code) || GOING_OR_COMING.has(code) || code === '')
    return { kind: 'no-answer', because: 'unreachable', sentence: `${host} broke off: ${said}.` };
  return { kind: 'query-failed', sentence: `The query failed (${code}): ${said}.` };
};
