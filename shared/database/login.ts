import type { LoginConfig } from '../config/schema.ts';
import { connect, type Database } from './connect.ts';
import { DEFAULT_TIMEOUT_MS, knownLogin, type Where } from './known.ts';

export type { Database } from './connect.ts';
export { iamToken, type Where } from './known.ts';

/** One open login to PostgreSQL: IAM authentication or a secret, always TLS verify-full. Throws what the server or the secret says; never a password. */
export const openDatabase = async (login: LoginConfig, where: Where): Promise<Database> =>
  connect(await knownLogin(login, where, 5432), { timeoutMs: where.timeoutMs ?? DEFAULT_TIMEOUT_MS });
