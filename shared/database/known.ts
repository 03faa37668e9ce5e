import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { clientConfig } from '../aws/client-config.ts';
import type { LoginConfig } from '../config/schema.ts';
import { certifiedName, openNames } from './names.ts';
import { parseSecret } from './secret.ts';

// Apart from the drivers, so that a bundle holds the one of its engine.

/** A login that is known already: nothing is asked for it. */
export interface KnownLogin {
  host: string;
  port: number;
  dbname: string;
  username: string;
  password: string;
}

export interface Where {
  region: string;
  /** The host to log in to; a secret's own host where none is given. IAM authentication needs one. */
  host?: string;
  port?: number;
  /** One bound on connecting, and one on each statement, in milliseconds. */
  timeoutMs?: number;
}

/** What a config's login comes to at this moment: a secret's password, or an IAM token. Throws what the secret says; never a password. */
export const knownLogin = async (login: LoginConfig, where: Where, enginePort: number): Promise<KnownLogin> => {
  const known =
    login.kind === 'secret'
      ? await fromSecret(login.secretId, where)
      : { ...login, host: where.host, port: enginePort };
  const host = where.host ?? known.host;
  const port = where.port ?? known.port;
  if (host === undefined) throw new Error(`the login of ${known.username} names no host`);

  const certified = certifiedName(await openNames().chain(host));
  const password =
    'password' in known
      ? known.password
      : await iamToken({ region: where.region, host: certified, port, username: known.username });
  return { host, port, dbname: known.dbname, username: known.username, password };
};

export const DEFAULT_TIMEOUT_MS = 3_000;

/** A password of fifteen minutes, signed with the function's own credentials (docs: UsingWithRDS.IAMDBAuth.Connecting). */
export const iamToken = (user: { region: string; host: string; port: number; username: string }): Promise<string> =>
  new Signer({ region: user.region, hostname: user.host, port: user.port, username: user.username }).getAuthToken();

const fromSecret = async (secretId: string, { region, timeoutMs = DEFAULT_TIMEOUT_MS }: Where) => {
  const client = new SecretsManagerClient(clientConfig(region, { requestTimeoutMs: timeoutMs, maxAttempts: 2 }));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return parseSecret(secretId, SecretString);
};
