import { type CounterChange, difference, sumOf } from './contribution.ts';
import type { ObjectFact, ObjectIdentity } from './fact.ts';
import { type NextRowContext, nextRow } from './next-row.ts';
import type { Truth } from './row.ts';

/** One object, or one version of it, as a page of a bucket's list shows it. */
export interface ListedEntry extends ObjectIdentity {
  isCurrent: boolean;
  /** With S3's clock when the page was given. */
  shown: Exclude<Truth, { kind: 'absent' }>;
}

/** What a list showed, as a fact: taken in by the same decisions as events are, under the rows' revisions. */
export const factOfEntry = ({ bucket, key, isCurrent, shown }: ListedEntry): ObjectFact => ({
  bucket,
  key,
  kind: 'listed',
  event: 'list',
  versionId: shown.versionId,
  sequencer: undefined,
  eventTimeMs: shown.lastModifiedMs,
  sizeBytes: shown.kind === 'present' ? shown.sizeBytes : 0,
  etag: shown.kind === 'present' ? shown.etag : undefined,
  expired: false,
  deleteMarker: shown.kind === 'marker',
  shown,
  isCurrent,
});

/** S3 is to be asked about this object (or version), since the index holds what S3 may not. */
export const refreshOf = (object: ObjectIdentity & { versionId: string | undefined }, atMs: number): ObjectFact => ({
  bucket: object.bucket,
  key: object.key,
  kind: 'refresh',
  event: 'repair',
  versionId: object.versionId,
  sequencer: undefined,
  eventTimeMs: atMs,
  sizeBytes: undefined,
  etag: undefined,
  expired: false,
  deleteMarker: false,
});

/** What a bucket's entries must add to the counters, if the index is right: computed as the rows' contributions are. */
export const owedBy = (entries: readonly ListedEntry[], context: NextRowContext): CounterChange[] =>
  sumOf(
    entries.flatMap((entry) => {
      const fact = factOfEntry(entry);
      const slot = entry.isCurrent && entry.shown.kind === 'present' ? undefined : (entry.shown.versionId ?? 'null');
      const address = { bucket: entry.bucket, key: entry.key, slot };
      const row = nextRow(address, undefined, fact, { kind: 'take', because: 'first-seen' }, entry.shown, context);
      return difference(undefined, row).filter(({ month }) => month === undefined);
    }),
  );
