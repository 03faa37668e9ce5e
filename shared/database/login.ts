import { readFileSync } from 'node:fs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import { clientConfig } from '../aws/client-config.ts';
import type { LoginConfig } from '../config/schema.ts';
import { certifiedName, openNames } from './names.ts';
import { parseSecret } from './secret.ts';

export interface Database {
  /** Runs one statement; rows as objects. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface Where {
  region: string;
  /** The host to log in to; a secret's own host where none is given. IAM authentication needs one. */
  host?: string;
  port?: number;
  /** One bound on connecting, and one on each statement, in milliseconds. */
  timeoutMs?: number;
}

/** One open login: IAM authentication or a secret, always TLS verify-full. Throws what the server or the secret says; never a password. */
export const openDatabase = async (login: LoginConfig, where: Where): Promise<Database> => {
  const timeoutMs = where.timeoutMs ?? 3_000;
  const known =
    login.kind === 'secret'
      ? await fromSecret(login.secretId, where, timeoutMs)
      : { ...login, host: where.host, port: 5432 };
  const host = where.host ?? known.host;
  const port = where.port ?? known.port;
  if (host === undefined) throw new Error(`the login of ${known.username} names no host`);

  const names = openNames();
  const certified = certifiedName(await names.chain(host));
  const password =
    'password' in known
      ? known.password
      : await iamToken({ region: where.region, host: certified, port, username: known.username });

  const client = new pg.Client({
    // The operating system resolves on AWS; the local AWS's names live in its own server only.
    host: process.env.MAINSTAY_DNS ? (await names.addresses(certified))[0] : certified,
    port,
    database: known.dbname,
    user: known.username,
    password,
    ssl: { ca: authorities(), servername: certified, rejectUnauthorized: true },
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: 'mainstay',
  });
  // A connection cut between two statements is reported by the next statement; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  return {
    query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
      (await client.query<Row>(sql, values)).rows,
    close: () => client.end(),
  };
};

/** A password of fifteen minutes, signed with the function's own credentials (docs: UsingWithRDS.IAMDBAuth.Connecting). */
export const iamToken = (user: { region: string; host: string; port: number; username: string }): Promise<string> =>
  new Signer({ region: user.region, hostname: user.host, port: user.port, username: user.username }).getAuthToken();

let bundle: string | undefined;

/** The certificate authorities of RDS, shipped beside the bundle (docs: UsingWithRDS.SSL), or the local AWS's own. */
const authorities = (): string => {
  bundle ??= readFileSync(process.env.MAINSTAY_DB_CA ?? new URL('../rds-ca.pem', import.meta.url), 'utf8');
  return bundle;
};

const fromSecret = async (secretId: string, { region }: Where, timeoutMs: number) => {
  const client = new SecretsManagerClient(clientConfig(region, { requestTimeoutMs: timeoutMs, maxAttempts: 2 }));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return parseSecret(secretId, SecretString);
};
