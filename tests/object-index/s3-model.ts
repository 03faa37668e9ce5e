import { identityText } from '../../functions/object-index/core/fact.ts';
import type { Truth } from '../../functions/object-index/core/row.ts';
import type { Objects } from '../../functions/object-index/run/ports.ts';

export interface StoredObject {
  sizeBytes: number;
  etag: string;
  storageClass: string;
  modifiedMs: number;
}

export type Step =
  | { do: 'put'; key: number; content: number }
  | { do: 'delete'; key: number }
  | { do: 'expire'; key: number; ruleDate: boolean }
  | { do: 'transition'; key: number; storageClass: 'GLACIER' | 'STANDARD_IA' }
  | { do: 'wait'; seconds: number };

export interface Emitted {
  /** The body of the SQS message. */
  body: string;
}

const BUCKET = 'estate';
export const KEYS = ['acme/a.txt', 'acme/b+c d.bin', 'globex/ü%20.txt', 'loose.txt'];

/** An unversioned bucket and the notifications that it sends: one clock, one growing sequencer. */
export class S3Model {
  readonly objects = new Map<string, StoredObject>();
  nowMs = Date.UTC(2026, 2, 1, 12);
  #sequence = 0x0055aed6dcd90281n;
  looks = 0;

  /** Takes one step; gives the event that it sends, if any. */
  take(step: Step): Emitted | undefined {
    if (step.do === 'wait') {
      this.nowMs += step.seconds * 1000;
      return undefined;
    }
    this.nowMs += 137;
    const key = KEYS[step.key % KEYS.length] as string;
    this.#sequence += 0x11n;
    const sequencer = this.#sequence.toString(16).toUpperCase().padStart(16, '0');
    switch (step.do) {
      case 'put': {
        // Few contents, so that some overwrites store the same bytes again.
        const object = { sizeBytes: step.content * 1000, etag: `etag-${step.content}`, storageClass: 'STANDARD' };
        this.objects.set(key, { ...object, modifiedMs: this.nowMs });
        return this.#event('ObjectCreated:Put', key, { size: object.sizeBytes, eTag: object.etag, sequencer });
      }
      case 'delete':
        this.objects.delete(key);
        return this.#event('ObjectRemoved:Delete', key, { sequencer });
      case 'expire': {
        if (!this.objects.delete(key)) return undefined;
        const ruleDate = (this.#sequence - 0x1000n).toString(16).toUpperCase().padStart(16, '0');
        return this.#event('LifecycleExpiration:Delete', key, { sequencer: step.ruleDate ? ruleDate : sequencer });
      }
      case 'transition': {
        const object = this.objects.get(key);
        if (object === undefined) return undefined;
        this.objects.set(key, { ...object, storageClass: step.storageClass });
        return this.#event('LifecycleTransition', key, {});
      }
    }
  }

  /** HEAD, strongly consistent, by a host whose clock has whole seconds. */
  readonly bucket: Objects = {
    look: async (identity): Promise<Truth> => {
      this.looks += 1;
      const object = this.objects.get(identity.key);
      const atMs = Math.floor(this.nowMs / 1000) * 1000;
      if (object === undefined) return { kind: 'absent', atMs };
      return {
        kind: 'present',
        atMs,
        sizeBytes: object.sizeBytes,
        etag: object.etag,
        versionId: undefined,
        lastModifiedMs: Math.floor(object.modifiedMs / 1000) * 1000,
        storageClass: object.storageClass,
        contentType: undefined,
      };
    },
  };

  /** What the rows must say at quiescence: identity → size, entity tag, class. */
  expected(): Record<string, string> {
    return Object.fromEntries(
      [...this.objects]
        .map(([key, { sizeBytes, etag, storageClass }]): [string, string] => [
          identityText({ bucket: BUCKET, key }),
          `${sizeBytes} ${etag} ${storageClass}`,
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  #event(eventName: string, key: string, object: Record<string, unknown>): Emitted {
    return { body: notification({ eventName, key, eventTimeMs: this.nowMs, ...object }) };
  }
}

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
