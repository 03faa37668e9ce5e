// Asynchronous invocation: accepted at once, run when there is room, retried on the clock, and recorded when it is given up
// (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
import type { Clock } from '../clock.ts';
import type { Clients } from './clients.ts';
import { deliverTo } from './destinations.ts';
import type { LambdaFunction, Outcome } from './function.ts';

/** One minute before the first retry, two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];
/** Throttled events go back to the queue: from one second up to five minutes, and do not count as a retry. */
const FIRST_THROTTLE_DELAY_MS = 1_000;
const LONGEST_THROTTLE_DELAY_MS = 300_000;

export type AsynchronousPorts = {
  clock: Clock;
  clients: Clients;
  run(fn: LambdaFunction, payload: string, requestId: string): Promise<Outcome>;
  onError(error: unknown): void;
};

type Ending = {
  condition: 'RetriesExhausted' | 'EventAgeExceeded' | 'Success';
  attempts: number;
  outcome: Outcome | undefined;
};

/** Runs an accepted event to its end, retries included; never throws. */
export const runAsynchronously = async (
  ports: AsynchronousPorts,
  fn: LambdaFunction,
  payload: string,
  requestId: string,
): Promise<Ending> => {
  const ending = await attempts(ports, fn, payload, requestId);
  await record(ports, fn, payload, requestId, ending).catch(ports.onError);
  return ending;
};

const attempts = async (
  { clock, run }: AsynchronousPorts,
  fn: LambdaFunction,
  payload: string,
  requestId: string,
): Promise<Ending> => {
  const { maxAgeSeconds, maxRetries } = fn.asynchronous;
  const expiresMs = clock.now() + maxAgeSeconds * 1000;
  let throttleDelayMs = FIRST_THROTTLE_DELAY_MS;
  let outcome: Outcome | undefined;
  for (let done = 0; ; ) {
    if (clock.now() > expiresMs) return { condition: 'EventAgeExceeded', attempts: done, outcome };
    outcome = await run(fn, payload, requestId);
    if (outcome.kind === 'ok') return { condition: 'Success', attempts: done + 1, outcome };
    if (outcome.kind === 'throttled') {
      await clock.sleep(throttleDelayMs);
      throttleDelayMs = Math.min(throttleDelayMs * 2, LONGEST_THROTTLE_DELAY_MS);
      continue;
    }
    done++;
    if (done > maxRetries) return { condition: 'RetriesExhausted', attempts: done, outcome };
    await clock.sleep(RETRY_DELAYS_MS[done - 1] ?? 120_000);
  }
};

const record = async (
  { clients, clock }: AsynchronousPorts,
  fn: LambdaFunction,
  payload: string,
  requestId: string,
  { condition, attempts: approximateInvokeCount, outcome }: Ending,
): Promise<void> => {
  const isOk = condition === 'Success';
  const destination = isOk ? fn.asynchronous.onSuccessArn : fn.asynchronous.onFailureArn;
  const response = outcome && outcome.kind !== 'throttled' ? outcome.payload : undefined;
  const timestamp = new Date(clock.now()).toISOString();
  if (destination) {
    const body = JSON.stringify({
      version: '1.0',
      timestamp,
      requestContext: { requestId, functionArn: `${fn.arn}:$LATEST`, condition, approximateInvokeCount },
      requestPayload: JSON.parse(payload),
      ...(response === undefined
        ? {}
        : {
            responseContext: {
              statusCode: 200,
              executedVersion: '$LATEST',
              ...(isOk ? {} : { functionError: 'Unhandled' }),
            },
            responsePayload: JSON.parse(response),
          }),
    });
    const day = timestamp.slice(0, 10).replaceAll('-', '/');
    await deliverTo(clients, destination, fn.region, {
      body,
      key: `aws/lambda/async/${fn.name}/${day}/${timestamp.slice(0, 19).replaceAll(':', '.')}-${requestId}`,
    });
  }
  if (!isOk && fn.deadLetterArn) {
    // The dead-letter queue takes the event as it came; what went wrong stands in the attributes (same page).
    const said = response === undefined ? undefined : (JSON.parse(response) as { errorMessage?: string });
    await deliverTo(clients, fn.deadLetterArn, fn.region, {
      body: payload,
      key: requestId,
      attributes: {
        RequestID: requestId,
        ErrorCode: response === undefined ? '429' : '200',
        ErrorMessage: (said?.errorMessage ?? 'Throttled').slice(0, 1024),
      },
    });
  }
};
