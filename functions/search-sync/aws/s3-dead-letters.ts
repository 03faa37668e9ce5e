import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DeadLetters } from '../run/ports.ts';

/** The port on an S3 bucket: one object per letter, named by its record, so that a redelivery writes the same one. */
export const s3DeadLetters = (client: S3Client, bucket: string, account: string): DeadLetters => ({
  put: async ({ name, ...letter }) => {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `dead-letters/${name}.json`,
        Body: JSON.stringify(letter),
        ContentType: 'application/json',
        // A bucket of that name in another's account gets nothing (docs: bucket-owner-condition).
        ExpectedBucketOwner: account,
      }),
    );
  },
});
