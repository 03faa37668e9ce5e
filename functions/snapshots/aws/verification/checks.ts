import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { errorText } from '../../../../shared/aws/errors.ts';
import type { CheckAnswer } from '../../core/verification/check.ts';
import type { Checks } from '../../run/verification/ports.ts';

const KINDS: readonly CheckAnswer['kind'][] = ['ok', 'mismatch', 'query-failed', 'no-answer'];

/** Has a throw-away checked by the function in its network. What is no clear answer is `no-answer`; the request, with its password, is in no text. */
export const invokedChecks = (lambda: LambdaClient, FunctionName: string): Checks => ({
  check: async (request) => {
    const unclear = (sentence: string): CheckAnswer => ({
      kind: 'no-answer',
      because: 'unreachable',
      sentence: sentence.replaceAll(request.password, '…'),
    });
    try {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(request)) }),
      );
      const text = new TextDecoder().decode(Payload);
      if (FunctionError) return unclear(`The checking function failed: ${text.slice(0, 200)}`);
      const answer = JSON.parse(text) as CheckAnswer;
      return KINDS.includes(answer.kind) ? answer : unclear('The checking function gave no answer that is known here.');
    } catch (error) {
      return unclear(`The checking function could not be asked: ${errorText(error)}`);
    }
  },
});
