import { connect as connectSocket } from 'node:net';
import type { LoginConfig } from '../config/schema.ts';
import { authorities } from './authorities.ts';
import { DEFAULT_TIMEOUT_MS, type KnownLogin, knownLogin, type Where } from './known.ts';
import { certifiedName, openNames } from './names.ts';

/** An open login to MySQL or MariaDB. */
export interface MysqlDatabase {
  /** Runs one statement; the rows of its first result as objects, whole numbers of any size exact. */
  query<Row extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** One open login to MySQL or MariaDB: IAM authentication or a secret, always TLS verify-full. It names no database: statements do. */
export const openMysql = async (login: LoginConfig, where: Where): Promise<MysqlDatabase> =>
  connectMysql(await knownLogin(login, where, 3306), where.timeoutMs ?? DEFAULT_TIMEOUT_MS);

/** One open login with a password in hand; `timeoutMs` bounds connecting, and each statement. Throws what the server says; never a password. */
export const connectMysql = async (login: KnownLogin, timeoutMs: number): Promise<MysqlDatabase> => {
  // Loaded when it is needed: most functions that could log in to MySQL never do.
  const { createConnection } = await import('mysql2/promise');
  const names = openNames();
  const certified = certifiedName(await names.chain(login.host));
  // The operating system resolves on AWS; the local AWS's names live in its own server only.
  const address = process.env.MAINSTAY_DNS ? (await names.addresses(certified))[0] : certified;
  const connection = await createConnection({
    // What the certificate is checked against: the driver checks none against an address, so that it is given a name and a socket.
    host: certified,
    stream: () => connectSocket({ host: address ?? certified, port: login.port, noDelay: true }),
    user: login.username,
    password: login.password,
    ssl: { ca: authorities(), rejectUnauthorized: true, verifyIdentity: true },
    // An IAM token is sent as it is, inside TLS (docs: UsingWithRDS.IAMDBAuth.Connecting.AWSCLI).
    enableCleartextPlugin: true,
    connectTimeout: timeoutMs,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
  });
  // A connection cut between two statements is reported by the next statement; without a listener it would end the process.
  connection.on('error', () => {});
  let isBroken = false;
  return {
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      try {
        const [result] = await connection.query({ sql, values: [...values], timeout: timeoutMs });
        return rowsOf(result) as Row[];
      } catch (error) {
        // An error without a state is the connection's, not the server's.
        isBroken ||= (error as { sqlState?: string }).sqlState === undefined;
        throw error;
      }
    },
    // On a connection that is lost a kind goodbye waits for ever.
    close: async () => (isBroken ? connection.destroy() : connection.end()),
  };
};

/** A procedure's answer is a list of results, the first of them its rows; a statement's without rows is a header. */
const rowsOf = (result: unknown): unknown[] => {
  if (!Array.isArray(result)) return [];
  return Array.isArray(result[0]) ? result[0] : result.filter((row) => row?.constructor?.name !== 'ResultSetHeader');
};
