export interface ClientLimits {
  /** How long one attempt may take, in milliseconds. */
  requestTimeoutMs?: number;
  connectionTimeoutMs?: number;
  /** Attempts in all, the first included. */
  maxAttempts?: number;
}

/**
 * Settings for any client of the AWS SDK in one region. AWS_ENDPOINT_URL is honoured by the SDK itself, so the same
 * bundle talks to AWS or to the local AWS.
 */
export const clientConfig = (region: string, limits: ClientLimits = {}) => ({
  region,
  maxAttempts: limits.maxAttempts ?? 3,
  requestHandler: {
    requestTimeout: limits.requestTimeoutMs ?? 10_000,
    connectionTimeout: limits.connectionTimeoutMs ?? 2_000,
    // Without this the SDK only warns when requestTimeout passes, and goes on waiting (node-http-handler's doc).
    throwOnRequestTimeout: true,
  },
});

/** True when a local AWS stands in for the real one: S3 is then addressed by path, since its host is one address. */
export const isLocalEndpoint = (): boolean => process.env.AWS_ENDPOINT_URL !== undefined;
