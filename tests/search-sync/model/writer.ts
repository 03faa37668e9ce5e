import { memoryTable } from '../../../functions/search-sync/aws/memory.ts';
import type { Item } from '../../../functions/search-sync/core/attribute-value.ts';
import type { Table } from '../../../functions/search-sync/run/ports.ts';
import type { Chance } from './chance.ts';

export const KEYS = { partition: 'id' } as const;
const HOT_KEYS = 5;

export interface WriterOptions {
  /** The writer's clock is stepped by up to 2 s either way, now and then. */
  clockSteps: boolean;
  poison: boolean;
  /** Before each key: histories that share a real index do not meet. */
  prefix?: string;
  view: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY';
}

/** A table that is written to, and the stream that says so, with sequence numbers of the size that AWS gives. */
export const openWriter = (chance: Chance, nowMs: () => number, options: WriterOptions) => {
  const table = memoryTable(KEYS);
  const records: unknown[] = [];
  let label = '2026-11-21T00:00:00.000';
  let sequence = bigWithDigits(chance, chance.whole(21, 39));
  let counter = 0;
  let stepMs = 0;
  let latestMs = 0;

  const write = async (): Promise<void> => {
    const keys: Item = { id: { S: `${options.prefix ?? ''}key-${chance.whole(1, HOT_KEYS)}` } };
    const before = await table.item(keys);
    const remove = chance.hit(0.25);
    // A write that changes nothing makes no record (docs: Streams).
    if (remove && before === undefined) return;
    if (options.clockSteps && chance.hit(0.08)) stepMs = chance.whole(-2_000, 2_000);
    // Small and huge steps, so that the last nine digits wrap within a second.
    sequence += chance.hit(0.3)
      ? BigInt(chance.whole(1, 9)) * 10n ** BigInt(chance.whole(6, 12)) + 1n
      : BigInt(chance.whole(1, 999));
    counter += 1;
    const poison = options.poison && chance.hit(0.04);
    const item: Item = { ...keys, n: { N: String(counter) }, text: { S: poison ? 'POISON' : `text ${counter}` } };
    // A real index has a date there.
    if (poison) Object.assign(item, { poison: { S: 'no date' } });
    table.set(keys, remove ? undefined : item);
    latestMs = Math.max(latestMs, nowMs());
    const image = remove ? {} : { NewImage: item };
    const old = before === undefined ? {} : { OldImage: before };
    records.push({
      eventName: remove ? 'REMOVE' : before === undefined ? 'INSERT' : 'MODIFY',
      eventSourceARN: `arn:aws:dynamodb:eu-west-1:111122223333:table/documents/stream/${label}`,
      dynamodb: {
        Keys: keys,
        SequenceNumber: String(sequence),
        ApproximateCreationDateTime: Math.floor((nowMs() + stepMs) / 1_000),
        StreamViewType: options.view,
        ...(options.view === 'KEYS_ONLY' ? {} : image),
        ...(options.view === 'NEW_AND_OLD_IMAGES' ? old : {}),
      },
    });
  };

  return {
    table,
    records,
    write,
    label: () => label,
    /** The stream was switched off and on: a new label, and numbers that begin anew. */
    recreateStream: () => {
      label = `${label}-again`;
      sequence = bigWithDigits(chance, 21);
    },
    /** The table as the repair sees it: someone writes between its reads. */
    moving: (probability: () => number): Table => ({
      items: table.items,
      item: async (keys) => {
        if (chance.hit(probability())) await write();
        const item = await table.item(keys);
        if (chance.hit(probability())) await write();
        return item;
      },
    }),
  };
};

const bigWithDigits = (chance: Chance, digits: number): bigint =>
  BigInt(chance.whole(1, 8)) * 10n ** BigInt(digits - 1) + BigInt(chance.whole(0, 999_999_999)) * 10n ** 6n;
