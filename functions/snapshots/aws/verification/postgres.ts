import { connect } from '../../../../shared/database/connect.ts';
import type { CheckPorts } from '../../run/verification/check.ts';

const CONNECT_MS = 10_000;
/** Below the function's timeout (serverless.yml), so that a slow query is an answer and not a cut. */
const STATEMENT_MS = 90_000;

/** Logins to PostgreSQL that cannot write. */
export const postgresSessions: CheckPorts = {
  open: (login) => connect(login, { timeoutMs: CONNECT_MS, statementTimeoutMs: STATEMENT_MS, readOnly: true }),
};
