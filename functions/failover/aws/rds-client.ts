import { RDSClient } from '@aws-sdk/client-rds';
import { clientConfig } from '../../../shared/aws/client-config.ts';

/** RDS in one region, with short timeouts: a slow answer is no answer. */
export const rdsClient = (region: string): RDSClient =>
  new RDSClient(clientConfig(region, { requestTimeoutMs: 4_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }));
