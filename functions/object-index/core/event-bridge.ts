import { asObject, factOf, type Json, text } from './event-record.ts';
import type { ObjectFact } from './fact.ts';

// docs: ev-events. Detail types that change nothing we keep are not here.
const KINDS: Readonly<Record<string, ObjectFact['kind']>> = {
  'Object Created': 'created',
  'Object Deleted': 'removed',
  'Object Storage Class Changed': 'refresh',
  'Object Access Tier Changed': 'refresh',
  'Object Tags Added': 'refresh',
  'Object Tags Deleted': 'refresh',
  'Object Restore Initiated': 'refresh',
  'Object Restore Completed': 'refresh',
  'Object Restore Expired': 'refresh',
};

/** An EventBridge event of S3 as a fact; undefined when it says nothing that the index keeps. Its key is not encoded. Throws MalformedEventError. */
export const factOfBridgeEvent = (event: Json): ObjectFact | undefined => {
  const detailType = text(event['detail-type'], 'detail-type');
  const kind = KINDS[detailType];
  if (event.source !== 'aws.s3' || kind === undefined) return undefined;
  const detail = asObject(event.detail);
  const object = asObject(detail.object);
  return factOf({
    event: detailType,
    kind,
    expired: detail.reason === 'Lifecycle Expiration',
    deleteMarker: detail['deletion-type'] === 'Delete Marker Created',
    bucket: text(asObject(detail.bucket).name, 'detail.bucket.name'),
    key: text(object.key, 'detail.object.key'),
    versionId: object['version-id'],
    sequencer: object.sequencer,
    eventTime: event.time,
    size: object.size,
    etag: object.etag,
  });
};
