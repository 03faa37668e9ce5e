import {
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { httpStatus } from '../../../shared/aws/errors.ts';
import { readEtag, readVersionId } from '../core/event-record.ts';
import type { RowAddress } from '../core/fact.ts';
import type { Truth } from '../core/row.ts';
import type { Objects } from '../run/ports.ts';
import { dateOf, withHeaders } from './s3-date.ts';

/**
 * The bucket itself. HEAD is strongly consistent (docs: Welcome, "data consistency model"). Its role needs s3:ListBucket:
 * without it S3 answers 403 for what does not exist, which is no evidence of absence (docs: API_HeadObject).
 * Tags are a second call, made only in buckets whose policy reads them and only of objects that have some.
 */
export const s3Objects = (client: S3Client, wantsTags: (bucket: string) => boolean = () => false): Objects => ({
  look: async ({ bucket, key, slot }: RowAddress): Promise<Truth> => {
    const version = slot === undefined ? {} : { VersionId: slot };
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ...version });
    // S3's own clock, from the answer's Date header.
    const headers = withHeaders(command);
    try {
      const head = await client.send(command);
      const truth = present(head, dateOf(headers()));
      if (!wantsTags(bucket) || !head.TagCount) return truth;
      const which = head.VersionId === undefined ? {} : { VersionId: head.VersionId };
      const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key, ...which }));
      const tags = Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
      return { ...truth, tags };
    } catch (error) {
      const status = httpStatus(error);
      // docs: DeleteMarker — HEAD of a marker's own version id is 405, of a key whose newest version is one 404.
      if (slot !== undefined && status === 405) return marker(slot, headers());
      if (status !== 404) throw error;
      return { kind: 'absent', atMs: dateOf(headers()) };
    }
  },
});

const present = (head: HeadObjectCommandOutput, atMs: number): Extract<Truth, { kind: 'present' }> => ({
  kind: 'present',
  atMs,
  sizeBytes: head.ContentLength ?? 0,
  etag: readEtag(head.ETag),
  versionId: readVersionId(head.VersionId),
  lastModifiedMs: head.LastModified?.getTime() ?? atMs,
  // HEAD leaves the class out when it is STANDARD.
  storageClass: head.StorageClass ?? 'STANDARD',
  contentType: head.ContentType,
  ...(Object.keys(head.Metadata ?? {}).length > 0 ? { metadata: head.Metadata ?? {} } : {}),
});

const marker = (slot: string, headers: Record<string, string> | undefined): Truth => {
  const atMs = dateOf(headers);
  const modifiedMs = Date.parse(headers?.['last-modified'] ?? '');
  const lastModifiedMs = Number.isNaN(modifiedMs) ? atMs : modifiedMs;
  return { kind: 'marker', atMs, versionId: readVersionId(slot), lastModifiedMs };
};
