const THROTTLES = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'ThrottlingError',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'PriorRequestNotComplete',
  'SlowDown',
]);

/** The wire code of an AWS error (`Code`), else its name, else undefined: no evidence of anything. */
export const errorCode = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { Code, name } = error as { Code?: unknown; name?: unknown };
  if (typeof Code === 'string') return Code;
  return typeof name === 'string' && name !== 'Error' ? name : undefined;
};

/** True for every shape in which AWS says "slower". */
export const isThrottle = (error: unknown): boolean => THROTTLES.has(errorCode(error) ?? '');

/** The same without `Fault`: wire codes end in it or not, by call, and the SDK renames some. Empty for an unknown error. */
export const faultCode = (error: unknown): string => (errorCode(error) ?? '').replace(/Fault$/, '');

/** True when AWS has decided against it: a 4xx that is no throttle and no timeout. Anything else is no evidence: it may have been done. */
export const isRefusal = (error: unknown): boolean => {
  const status = httpStatus(error);
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && !isThrottle(error);
};

/** True when AWS says that the thing asked for does not exist. */
export const isNotFound = (error: unknown): boolean => {
  const code = errorCode(error) ?? '';
  return /NotFound(Fault|Exception)?$|^NoSuch|^NonExistent/.test(code) || httpStatus(error) === 404;
};

/** The HTTP status of an AWS error, where there was an answer. */
export const httpStatus = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;

/** One line about any error, for a sentence; never a stack. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = errorCode(error);
  return code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
};
