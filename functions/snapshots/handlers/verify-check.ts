import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { postgresSessions } from '../aws/verification/postgres.ts';
import type { CheckAnswer } from '../core/verification/check.ts';
import { readCheckRequest, runCheck } from '../run/verification/check.ts';

/** Inside the isolated network: asks a throw-away database what the config wants to know. It calls nothing of AWS. */
export const handler = lambda<unknown, CheckAnswer>({
  function: 'verify-check',
  run: async (event, { logger }) => {
    const answer = await runCheck(postgresSessions)(readCheckRequest(event));
    say(logger, answer.sentence, { kind: answer.kind }, answer.kind === 'ok' ? 'info' : 'warn');
    return answer;
  },
});
