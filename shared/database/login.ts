import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { clientConfig } from '../aws/client-config.ts';
import type { LoginConfig } from '../config/schema.ts';
import { connect, type Database } from './connect.ts';
import { certifiedName, openNames } from './names.ts';
import { parseSecret } from './secret.ts';

export type { Database } from './connect.ts';

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

  return connect({ host, port, dbname: known.dbname, username: known.username, password }, { timeoutMs });
};

/** A password of fifteen minutes, signed with the function's own credentials (docs: UsingWithRDS.IAMDBAuth.Connecting). */
export const iamToken = (user: { region: string; host: string; port: number; username: string }): Promise<string> =>
  new Signer({ region: user.region, hostname: user.host, port: user.port, username: user.username }).getAuthToken();

const fromSecret = async (secretId: string, { region }: Where, timeoutMs: number) => {
  const client = new SecretsManagerClient(clientConfig(region, { requestTimeoutMs: timeoutMs, maxAttempts: 2 }));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return parseSecret(secretId, SecretString);
};
