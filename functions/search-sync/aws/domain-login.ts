import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A user of the domain's fine-grained access control. */
export interface DomainUser {
  username: string;
  password: string;
}

/** Who we log in to the domain as. */
export interface DomainLogin {
  /** The user; may be some minutes old. */
  current(): Promise<DomainUser>;
  /** Read anew after the domain refused `refused`; undefined: the secret says the same still. */
  renewed(refused: DomainUser): Promise<DomainUser | undefined>;
}

/** Thrown for a secret that is no login. It names the secret and never a value of it. */
export class SecretLoginError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretLoginError';
  }
}

/** A user that was taken out of the domain is known for so long at most. */
const KEPT_MS = 300_000;

/** A login from a secret of Secrets Manager ({ username, password } as JSON), read when it is used and kept in memory for minutes. */
export const secretLogin = (client: SecretsManagerClient, secretArn: string, nowMs: () => number): DomainLogin => {
  let kept: { user: DomainUser; atMs: number } | undefined;
  const read = async (): Promise<DomainUser> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    kept = { user: parseUser(secretArn, SecretString), atMs: nowMs() };
    return kept.user;
  };
  return {
    current: async () => (kept !== undefined && nowMs() - kept.atMs < KEPT_MS ? kept.user : read()),
    renewed: async (refused) => {
      const user = await read();
      return user.username === refused.username && user.password === refused.password ? undefined : user;
    },
  };
};

const parseUser = (secretArn: string, text: string | undefined): DomainUser => {
  let body: Partial<DomainUser> | null;
  try {
    body = JSON.parse(text ?? '') as Partial<DomainUser> | null;
  } catch {
    throw new SecretLoginError(`the secret ${secretArn} is not JSON: expected username and password`);
  }
  const { username, password } = body ?? {};
  const missing = Object.entries({ username, password }).filter(
    ([, value]) => typeof value !== 'string' || value === '',
  );
  if (missing.length > 0) {
    throw new SecretLoginError(`the secret ${secretArn} lacks a usable ${missing.map(([name]) => name).join(' and ')}`);
  }
  // A colon ends the name on the wire (RFC 7617): another user would be asked for.
  if (username?.includes(':')) throw new SecretLoginError(`the username in the secret ${secretArn} has a colon in it`);
  return { username, password } as DomainUser;
};

/** The header of HTTP basic authentication (RFC 7617). */
export const basicAuthorization = ({ username, password }: DomainUser): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`,
});
