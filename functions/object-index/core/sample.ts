import type { LiveRow, Tombstone } from './row.ts';

// Rows for the tests beside this file.

/** A live row, with what a test cares about replaced. */
export const row = (more: Partial<Omit<LiveRow, 'state' | 'object'>> & Partial<LiveRow['object']> = {}): LiveRow => {
  const {
    bucket = 'estate',
    key = 'acme/a',
    revision = 7,
    sequencer = '10',
    eventTimeMs = 0,
    versionId,
    truthAtMs,
    slot,
    apart = false,
    ...object
  } = more;
  return {
    ...{ bucket, key, revision, sequencer, eventTimeMs, versionId, truthAtMs, slot, apart },
    state: 'live',
    object: {
      isMarker: false,
      sizeBytes: 5,
      etag: 'e1',
      dateMs: 0,
      storageClass: 'STANDARD',
      contentType: undefined,
      customer: 'acme',
      attributes: {},
      fingerprint: 3n,
      countedByDay: false,
      indexKeys: { sort: 's', byCustomer: 'c', byDate: 'd', byAttribute: [] },
      ...object,
    },
  };
};

/** The tombstone of a live row. */
export const tombstoneOf = ({ object: _, ...rest }: LiveRow): Tombstone => ({
  ...rest,
  state: 'tombstone',
  expiresAtSeconds: 1,
});
