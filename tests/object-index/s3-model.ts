import type { Truth } from '../../functions/object-index/core/row.ts';
import type { BucketList, Objects } from '../../functions/object-index/run/ports.ts';

/** One version, newest last; in a bucket that never had versioning there is only the null one. */
export interface StoredVersion {
  /** undefined is the null version. */
  id: string | undefined;
  /** Newer ones have greater ones. */
  ordinal: number;
  isMarker: boolean;
  sizeBytes: number;
  etag: string;
  storageClass: string;
  modifiedMs: number;
}

export type Step =
  | { do: 'put'; key: number; content: number }
  | { do: 'delete'; key: number }
  | { do: 'expire'; key: number; ruleDate: boolean }
  /** Of the current version, or of one so many before it. */
  | { do: 'transition'; key: number; storageClass: 'GLACIER' | 'STANDARD_IA'; back?: number }
  | { do: 'versioning'; to: 'enabled' | 'suspended' }
  | { do: 'delete-version'; key: number; nth: number }
  | { do: 'expire-noncurrent'; key: number }
  | { do: 'wait'; seconds: number };

export interface Emitted {
  /** The body of the SQS message. */
  body: string;
}

export const BUCKET = 'estate';
export const KEYS = ['acme/a.txt', 'acme/b+c d.bin', 'globex/ü%20.txt', 'loose.txt'];

/** A bucket and the notifications that it sends: one clock, one growing sequencer, versioning that may be turned on and suspended. */
export class S3Model {
  readonly keys = new Map<string, StoredVersion[]>();
  versioning: 'never' | 'enabled' | 'suspended' = 'never';
  nowMs = Date.UTC(2026, 2, 1, 12);
  #sequence = 0x0055aed6dcd90281n;
  #made = 0;
  looks = 0;

  /** Takes one step; gives the events that it sends. */
  take(step: Step): Emitted[] {
    if (step.do === 'wait') {
      this.nowMs += step.seconds * 1000;
      return [];
    }
    this.nowMs += 137;
    if (step.do === 'versioning') {
      this.versioning = step.to;
      return [];
    }
    const key = KEYS[step.key % KEYS.length] as string;
    const versions = this.keys.get(key) ?? [];
    this.keys.set(key, versions);
    const current = versions.at(-1);
    const sequencer = this.#next();
    switch (step.do) {
      case 'put': {
        // Few contents, so that some overwrites store the same bytes again.
        const bytes = { sizeBytes: step.content * 1000, etag: `etag-${step.content}`, storageClass: 'STANDARD' };
        const made = this.#add(versions, { ...bytes, isMarker: false });
        return [
          this.#event('ObjectCreated:Put', key, {
            ...this.#versionId(made),
            size: bytes.sizeBytes,
            eTag: bytes.etag,
            sequencer,
          }),
        ];
      }
      case 'delete':
        if (this.versioning === 'never') {
          versions.length = 0;
          return [this.#event('ObjectRemoved:Delete', key, { sequencer })];
        }
        return [this.#marker('ObjectRemoved', key, versions, sequencer)];
      case 'expire': {
        if (current === undefined || current.isMarker) return [];
        const used = step.ruleDate ? this.#ruleDate() : sequencer;
        if (this.versioning !== 'never') return [this.#marker('LifecycleExpiration', key, versions, used)];
        versions.length = 0;
        return [this.#event('LifecycleExpiration:Delete', key, { sequencer: used })];
      }
      case 'transition': {
        const moved = versions.at(-1 - (step.back ?? 0));
        if (moved === undefined || moved.isMarker) return [];
        moved.storageClass = step.storageClass;
        return [this.#event('LifecycleTransition', key, this.#versionId(moved))];
      }
      case 'delete-version': {
        const gone = this.versioning === 'never' ? undefined : versions[step.nth % Math.max(1, versions.length)];
        if (gone === undefined) return [];
        versions.splice(versions.indexOf(gone), 1);
        return [this.#event('ObjectRemoved:Delete', key, { versionId: gone.id ?? 'null', sequencer })];
      }
      case 'expire-noncurrent': {
        const gone = versions.splice(0, Math.max(0, versions.length - 1));
        // One rule, one date: all of its events may carry the same sequencer.
        const used = this.#ruleDate();
        return gone.map(({ id }) =>
          this.#event('LifecycleExpiration:Delete', key, { versionId: id ?? 'null', sequencer: used }),
        );
      }
    }
  }

  /** HEAD, strongly consistent, by a host whose clock has whole seconds. */
  readonly bucket: Objects = {
    look: async ({ key, slot }): Promise<Truth> => {
      this.looks += 1;
      const versions = this.keys.get(key) ?? [];
      const found = slot === undefined ? versions.at(-1) : versions.find(({ id }) => (id ?? 'null') === slot);
      const atMs = Math.floor(this.nowMs / 1000) * 1000;
      if (found === undefined || (slot === undefined && found.isMarker)) return { kind: 'absent', atMs };
      return shownOf(found, atMs);
    },
  };

  /** LIST of every version, a few at a time, by S3's clock: as strongly consistent as HEAD, page by page. */
  readonly list = (perPage: number): BucketList => ({
    page: async (_bucket, at) => {
      const atMs = Math.floor(this.nowMs / 1000) * 1000;
      const all = [...this.keys]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([key, versions]) =>
          [...versions].reverse().map((one) => ({ key, one, isCurrent: one === versions.at(-1) })),
        );
      // By key and version, as S3's markers are: what goes away in between takes nothing else with it.
      const [afterKey, afterOrdinal] = at === undefined ? ['', 0] : (JSON.parse(at) as [string, number]);
      const left = all.filter(({ key, one }) => key > afterKey || (key === afterKey && one.ordinal < afterOrdinal));
      const page = left.slice(0, perPage);
      const last = page.at(-1);
      const entries = page.map(({ key, one, isCurrent }) => ({
        bucket: BUCKET,
        key,
        isCurrent,
        shown: shownOf(one, atMs),
      }));
      return {
        entries,
        next: left.length > perPage && last ? JSON.stringify([last.key, last.one.ordinal]) : undefined,
      };
    },
  });

  /** What the rows must say at quiescence of what is current: identity → size, entity tag, class. */
  expected(): Record<string, string> {
    return sorted(
      [...this.keys].flatMap(([key, versions]) => {
        const current = versions.at(-1);
        return current === undefined || current.isMarker ? [] : [[`${BUCKET}/${key}`, versionText(current)]];
      }),
    );
  }

  /** The same of all versions. */
  expectedVersions(): Record<string, string> {
    return sorted(
      [...this.keys].flatMap(([key, versions]) =>
        versions.map((one) => [`${one.id ?? 'null'}@${BUCKET}/${key}`, versionText(one)]),
      ),
    );
  }

  /** What the counters must say. */
  expectedTotals(): Record<string, bigint> {
    const all = [...this.keys.values()];
    const current = all.flatMap((versions) => versions.slice(-1)).filter(({ isMarker }) => !isMarker);
    const noncurrent = all.flatMap((versions) => versions.slice(0, -1)).filter(({ isMarker }) => !isMarker);
    const bytes = (list: StoredVersion[]) => list.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n);
    return {
      n: BigInt(current.length),
      b: bytes(current),
      nn: BigInt(noncurrent.length),
      nb: bytes(noncurrent),
      dm: BigInt(all.flat().filter(({ isMarker }) => isMarker).length),
    };
  }

  #next(): string {
    this.#sequence += 0x11n;
    return hexadecimal(this.#sequence);
  }
  #ruleDate(): string {
    return hexadecimal(this.#sequence - 0x1000n);
  }

  #add(versions: StoredVersion[], one: Omit<StoredVersion, 'id' | 'ordinal' | 'modifiedMs'>): StoredVersion {
    this.#made += 1;
    const id = this.versioning === 'enabled' ? `v${this.#made}` : undefined;
    const made = { ...one, id, ordinal: this.#made, modifiedMs: this.nowMs };
    // docs: AddingObjectstoVersionSuspendedBuckets — the null version is written over, all others stay.
    const old = made.id === undefined ? versions.findIndex(({ id }) => id === undefined) : -1;
    if (old >= 0) versions.splice(old, 1);
    versions.push(made);
    return made;
  }

  #marker(by: string, key: string, versions: StoredVersion[], sequencer: string): Emitted {
    const made = this.#add(versions, { isMarker: true, sizeBytes: 0, etag: '', storageClass: '' });
    return this.#event(`${by}:DeleteMarkerCreated`, key, { ...this.#versionId(made), sequencer });
  }

  #versionId({ id }: StoredVersion): { versionId?: string } {
    return this.versioning === 'never' ? {} : { versionId: id ?? 'null' };
  }

  #event(eventName: string, key: string, object: Record<string, unknown>): Emitted {
    return { body: notification({ eventName, key, eventTimeMs: this.nowMs, ...object }) };
  }
}

const hexadecimal = (value: bigint): string => value.toString(16).toUpperCase().padStart(16, '0');
const sorted = (pairs: string[][]): Record<string, string> =>
  Object.fromEntries((pairs as [string, string][]).sort(([a], [b]) => (a < b ? -1 : 1)));
const versionText = ({ isMarker, sizeBytes, etag, storageClass }: StoredVersion): string =>
  isMarker ? 'delete marker' : `${sizeBytes} ${etag} ${storageClass}`;

const shownOf = (one: StoredVersion, atMs: number): Exclude<Truth, { kind: 'absent' }> => {
  const lastModifiedMs = Math.floor(one.modifiedMs / 1000) * 1000;
  if (one.isMarker) return { kind: 'marker', atMs, versionId: one.id, lastModifiedMs };
  const { sizeBytes, etag, storageClass } = one;
  return {
    kind: 'present',
    atMs,
    sizeBytes,
    etag,
    versionId: one.id,
    lastModifiedMs,
    storageClass,
    contentType: undefined,
  };
};

/** The body of a notification, with its key encoded as S3 does. */
export const notification = ({
  eventName,
  key,
  eventTimeMs,
  bucket = BUCKET,
  ...object
}: {
  eventName: string;
  key: string;
  eventTimeMs: number;
  bucket?: string;
  [field: string]: unknown;
}): string =>
  JSON.stringify({
    Records: [
      {
        eventVersion: eventName.startsWith('Object') ? '2.1' : '2.3',
        eventSource: 'aws:s3',
        awsRegion: 'eu-west-1',
        eventTime: new Date(eventTimeMs).toISOString(),
        eventName,
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'), ...object },
        },
      },
    ],
  });

/** A batch as the queue hands it over. */
export const batchOf = (messages: readonly { id: string; body: string }[]) => ({
  Records: messages.map(({ id, body }) => ({ messageId: id, eventSource: 'aws:sqs', body })),
});
