import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { LetterBox } from '../run/ports.ts';

/**
 * The bucket of the dead letters, read and emptied by an operator's own permissions: no function may delete one. Letters
 * of ours and batches that Lambda gave up; a letter's name is its key.
 */
export const s3LetterBox = (client: S3Client, Bucket: string, ExpectedBucketOwner: string): LetterBox => ({
  list: async (after) => {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, ExpectedBucketOwner, ContinuationToken: after, MaxKeys: 1_000 }),
    );
    const names = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    return { names, ...(page.NextContinuationToken !== undefined && { next: page.NextContinuationToken }) };
  },
  read: async (Key) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, ExpectedBucketOwner, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
  remove: async (Key) => {
    await client.send(new DeleteObjectCommand({ Bucket, ExpectedBucketOwner, Key }));
  },
});
