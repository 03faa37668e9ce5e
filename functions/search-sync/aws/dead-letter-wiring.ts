import { S3Client } from '@aws-sdk/client-s3';
import { clientConfig, isLocalEndpoint } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { DeadLetters } from '../run/ports.ts';
import { s3DeadLetters } from './s3-dead-letters.ts';
import { deadLetterBucket } from './wiring.ts';

/** Opens the dead letters of this deployment. Apart from the other clients, for searching needs no S3. */
export const openDeadLetters = (config: Config, region: string): DeadLetters =>
  s3DeadLetters(
    new S3Client({ ...clientConfig(region, { requestTimeoutMs: 5_000 }), forcePathStyle: isLocalEndpoint() }),
    deadLetterBucket(config),
    config.account,
  );
