/** A function as the packaged template describes it, with every intrinsic resolved. */
export type LambdaFunction = {
  name: string;
  arn: string;
  region: string;
  /** `dist/failover/guard.handler`: a file below the code root, and an export. */
  handler: string;
  runtime: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  role?: string;
  /** Undefined: no limit but the machine's. 0: throttled, always. */
  reservedConcurrency?: number;
  /** SQS or SNS: takes the event itself when asynchronous retries are used up. */
  deadLetterArn?: string;
  asynchronous: AsynchronousSettings;
};

/** AWS::Lambda::EventInvokeConfig (docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html). */
export type AsynchronousSettings = {
  maxAgeSeconds: number;
  maxRetries: number;
  onFailureArn?: string;
  onSuccessArn?: string;
};

/** Six hours and two retries, unless the template says otherwise. */
export const ASYNCHRONOUS_DEFAULTS: AsynchronousSettings = { maxAgeSeconds: 21_600, maxRetries: 2 };

/** What an invocation came to. `payload` is JSON text. */
export type Outcome =
  | { kind: 'ok'; requestId: string; payload: string }
  | { kind: 'function-error'; requestId: string; payload: string }
  | { kind: 'throttled'; requestId: string; because: string };

/** Who may invoke a function without an identity of its own: AWS::Lambda::Permission. */
export type Permission = { functionName: string; principal: string; sourceArn?: string };

/** Whether a service may invoke for this source; a source ARN may hold `*` (docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html). */
export const isPermitted = (
  permissions: readonly Permission[],
  asked: { functionName: string; principal: string; sourceArn: string },
): boolean =>
  permissions.some(
    (one) =>
      one.functionName === asked.functionName &&
      one.principal === asked.principal &&
      (one.sourceArn === undefined || likeArn(one.sourceArn, asked.sourceArn)),
  );

const likeArn = (pattern: string, arn: string) =>
  new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`).test(arn);
const escapeText = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The function's bare name from a name, a partial ARN or an ARN, with or without a qualifier. */
export const functionNameOf = (reference: string): string => {
  const parts = reference.split(':');
  const at = parts.indexOf('function');
  return at >= 0 ? (parts[at + 1] ?? '') : (parts[0] ?? '');
};
