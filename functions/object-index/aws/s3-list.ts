import {
  type DeleteMarkerEntry,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import { readEtag, readVersionId } from '../core/event-record.ts';
import type { ListedEntry } from '../core/listing.ts';
import type { BucketList } from '../run/ports.ts';
import { dateOf, withHeaders } from './s3-date.ts';

/** Where a list goes on, as text: the last key, and in a bucket with versions the last version. */
type Place = { after: string } | { keyMarker: string; versionMarker: string };

/**
 * A bucket's list. Whether it has versions is asked at the beginning; then every version is listed. Keys come URL-encoded:
 * XML can't carry all that a key may hold (docs: API_ListObjectsV2, encoding-type).
 */
export const s3List = (client: S3Client): BucketList => ({
  page: async (bucket, at) => {
    const place = at === undefined ? undefined : (JSON.parse(at) as Place);
    const versioned = place === undefined ? await hasVersions(client, bucket) : 'keyMarker' in place;
    const { entries, next } = versioned
      ? await versionsPage(client, bucket, place !== undefined && 'keyMarker' in place ? place : undefined)
      : await objectsPage(client, bucket, place !== undefined && 'after' in place ? place.after : undefined);
    return { entries, next: next === undefined ? undefined : JSON.stringify(next) };
  },
});

const hasVersions = async (client: S3Client, bucket: string): Promise<boolean> =>
  (await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status !== undefined;

interface Page {
  entries: ListedEntry[];
  next: Place | undefined;
}

const objectsPage = async (client: S3Client, bucket: string, after: string | undefined): Promise<Page> => {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    EncodingType: 'url',
    ...(after === undefined ? {} : { StartAfter: after }),
  });
  const headers = withHeaders(command);
  const { Contents: contents = [], IsTruncated, EncodingType } = await client.send(command);
  const atMs = dateOf(headers());
  const decode = decoder(EncodingType);
  const entries = contents.map((one): ListedEntry => entryOf(bucket, decode(one.Key), true, one, undefined, atMs));
  const last = entries.at(-1)?.key;
  return { entries, next: IsTruncated && last !== undefined ? { after: last } : undefined };
};

const versionsPage = async (
  client: S3Client,
  bucket: string,
  place: { keyMarker: string; versionMarker: string } | undefined,
): Promise<Page> => {
  const command = new ListObjectVersionsCommand({
    Bucket: bucket,
    EncodingType: 'url',
    ...(place === undefined
      ? {}
      : {
          KeyMarker: place.keyMarker,
          // An empty one is refused.
          ...(place.versionMarker === '' ? {} : { VersionIdMarker: place.versionMarker }),
        }),
  });
  const headers = withHeaders(command);
  const page = await client.send(command);
  const atMs = dateOf(headers());
  const decode = decoder(page.EncodingType);
  const entries = [
    ...(page.Versions ?? []).map((one) =>
      entryOf(bucket, decode(one.Key), one.IsLatest === true, one, readVersionId(one.VersionId), atMs),
    ),
    ...(page.DeleteMarkers ?? []).map((one) => markerOf(bucket, decode(one.Key), one, atMs)),
  ];
  const { NextKeyMarker, NextVersionIdMarker = '' } = page;
  const more = page.IsTruncated === true && NextKeyMarker !== undefined;
  return {
    entries,
    next: more ? { keyMarker: decode(NextKeyMarker), versionMarker: NextVersionIdMarker } : undefined,
  };
};

type Listed = Pick<ObjectVersion, 'Size' | 'ETag' | 'LastModified'> & { StorageClass?: string | undefined };

const entryOf = (
  bucket: string,
  key: string,
  isCurrent: boolean,
  one: Listed,
  versionId: string | undefined,
  atMs: number,
): ListedEntry => ({
  bucket,
  key,
  isCurrent,
  shown: {
    kind: 'present',
    atMs,
    sizeBytes: one.Size ?? 0,
    etag: readEtag(one.ETag),
    versionId,
    lastModifiedMs: one.LastModified?.getTime() ?? atMs,
    storageClass: one.StorageClass ?? 'STANDARD',
    contentType: undefined,
  },
});

const markerOf = (bucket: string, key: string, one: DeleteMarkerEntry, atMs: number): ListedEntry => ({
  bucket,
  key,
  isCurrent: one.IsLatest === true,
  shown: {
    kind: 'marker',
    atMs,
    versionId: readVersionId(one.VersionId),
    lastModifiedMs: one.LastModified?.getTime() ?? atMs,
  },
});

// An S3 that does not encode says so by leaving the word out.
const decoder =
  (encoding: string | undefined) =>
  (key = ''): string =>
    encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
