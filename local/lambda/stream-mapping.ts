// DynamoDB stream → function (docs.aws.amazon.com/lambda/latest/dg/with-ddb.html): each shard in order, one batch at a time.
// Not modelled: tumbling windows. A record's age counts from when it was first seen here, for
// DynamoDB Local rounds its creation time to the minute. Positions live in memory, as long as the local AWS does.
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { compilePattern } from '../eventbridge/pattern.ts';
import type { Clients } from './clients.ts';
import { deliverTo, failureKey } from './destinations.ts';
import type { Outcome } from './function.ts';
import { mappingStatus, type OpenMapping, type StreamMapping } from './mapping.ts';
import { type Portion, stepAfter } from './stream-batch.ts';
import { withEmptyMaps } from './stream-image.ts';
import { lanesOf } from './stream-lanes.ts';
import {
  currentStream,
  listShards,
  openCursor,
  type Position,
  readShard,
  type StreamRecord,
  tableOf,
} from './stream-shards.ts';

type Seen = { record: StreamRecord; firstSeenMs: number };
type Ports = {
  clock: Clock;
  clients: Clients;
  invoke(payload: string): Promise<Outcome>;
  onError(error: unknown): void;
};

/** Lambda polls a shard four times a second (with-ddb.html). */
const POLL_MS = 250;
const TROUBLE_PAUSE_MS = 1_000;
const BATCH_BYTES = 5_500_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/** Starts reading. The table may be made later: it is waited for. */
export const openStreamMapping = (mapping: StreamMapping, ports: Ports): OpenMapping => {
  const { clock, clients, invoke } = ports;
  const { region } = mapping;
  const filters = mapping.filters.map(compilePattern);
  const stopping = new AbortController();
  const { signal } = stopping;
  const seen = { lastResult: 'No records processed', doneCount: 0, invocations: 0 };
  const readers = new Map<string, Promise<void>>();
  const closed = new Set<string>();
  let enabled = mapping.enabled;
  let streamArn = mapping.sourceArn;

  const discard = async (shardId: string, records: readonly Seen[], condition: string, attempts: number) => {
    seen.doneCount += records.length;
    seen.lastResult = `PROBLEM: ${records.length} records given up: ${condition}`;
    if (!mapping.onFailureArn) return;
    const report = failureReport(mapping, streamArn, shardId, records, condition, attempts, clock.now());
    // Only S3 takes the records themselves; SQS and SNS get their position in the stream, which forgets after 24 hours.
    const payload = {
      payload: JSON.stringify({ Records: records.map(({ record }) => recordFor(record, mapping, streamArn)) }),
    };
    const body = JSON.stringify(mapping.onFailureArn.includes(':s3:') ? { ...report, ...payload } : report);
    const key = failureKey(mapping.id, shardId, clock.now());
    await deliverTo(clients, mapping.onFailureArn, region, { body, key });
  };

  /** Returns when every record is processed or given up, so that nothing overtakes. */
  const deliver = async (shardId: string, batch: Seen[]): Promise<void> => {
    let portions: Portion<Seen>[] = [{ records: batch, attempts: 0 }];
    for (let failures = 0; portions.length > 0; ) {
      const [portion, ...later] = portions as [Portion<Seen>, ...Portion<Seen>[]];
      const expired = portion.records.filter((one) => isExpired(one, mapping.maxAgeSeconds, clock.now()));
      if (expired.length > 0) {
        await discard(shardId, expired, 'RecordAgeExceeded', portion.attempts);
        const records = portion.records.slice(expired.length);
        portions = records.length > 0 ? [{ records, attempts: portion.attempts }, ...later] : later;
        continue;
      }
      signal.throwIfAborted();
      const Records = portion.records.map(({ record }) => recordFor(record, mapping, streamArn));
      const outcome = await invoke(JSON.stringify({ Records }));
      seen.invocations++;
      const step = stepAfter(outcome, portion, mapping, ({ record }) => record.dynamodb.SequenceNumber);
      if (step.kind === 'go-on') {
        seen.doneCount += portion.records.length - step.portions.reduce((sum, { records }) => sum + records.length, 0);
        seen.lastResult = `PROBLEM: ${outcome.kind}`;
        portions = [...step.portions, ...later];
        await clock.sleep(Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS), signal);
        continue;
      }
      failures = 0;
      if (step.kind === 'discard') {
        seen.doneCount += portion.records.length - step.records.length;
        await discard(shardId, step.records, 'RetryAttemptsExhausted', step.attempts);
      } else {
        seen.doneCount += portion.records.length;
        seen.lastResult = 'OK';
      }
      portions = later;
    }
  };

  const deliverLane = async (shardId: string, lane: Seen[]): Promise<void> => {
    for (let left = lane; left.length > 0; ) {
      const batch = takeBatch(left, mapping.batchSize);
      left = left.slice(batch.length);
      await deliver(shardId, batch);
    }
  };

  const readOneShard = async (shardId: string, start: Position): Promise<void> => {
    let position = start;
    let cursor: string | undefined;
    let pending: Seen[] = [];
    let windowEndsMs = 0;
    for (;;) {
      signal.throwIfAborted();
      if (!enabled) {
        await pause(POLL_MS, signal);
        continue;
      }
      try {
        cursor ??= await openCursor(clients, region, { streamArn, shardId, position }, signal);
        const { records, next } = await readShard(clients, region, cursor, signal);
        const last = records.at(-1);
        if (last) position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.dynamodb.SequenceNumber };
        const fresh = records.filter((record) => filters.length === 0 || filters.some((matches) => matches(record)));
        seen.doneCount += records.length - fresh.length;
        if (pending.length === 0 && fresh.length > 0) windowEndsMs = Date.now() + mapping.windowSeconds * 1000;
        pending.push(...fresh.map((record) => ({ record, firstSeenMs: clock.now() })));
        const atOnce = mapping.batchSize * mapping.parallelization;
        const isFull = () => pending.length >= atOnce;
        while (isFull() || (pending.length > 0 && (Date.now() >= windowEndsMs || next === undefined))) {
          const taken = pending.slice(0, atOnce);
          pending = pending.slice(taken.length);
          const lanes = lanesOf(taken, mapping.parallelization, ({ record }) => JSON.stringify(record.dynamodb.Keys));
          await Promise.all(lanes.map((lane) => deliverLane(shardId, lane)));
        }
        if (next === undefined) return;
        cursor = next;
        if (records.length === 0) await pause(POLL_MS, signal);
      } catch (error) {
        signal.throwIfAborted();
        seen.lastResult = `PROBLEM: ${(error as Error).message}`;
        cursor = undefined; // an iterator lasts 15 minutes: a new one is made where we stand
        await pause(TROUBLE_PAUSE_MS, signal);
      }
    }
  };

  const discover = async (): Promise<void> => {
    const current = await currentStream(clients, region, tableOf(mapping.sourceArn), signal);
    if (!current) {
      seen.lastResult = `Waiting for a stream of table ${tableOf(mapping.sourceArn)}`;
      return;
    }
    streamArn = current;
    const shards = await listShards(clients, region, current, signal);
    const isFirst = readers.size === 0;
    for (const { ShardId, ParentShardId } of shards) {
      const parentIsOpen = shards.some((one) => one.ShardId === ParentShardId) && !closed.has(ParentShardId ?? '');
      if (readers.has(ShardId) || parentIsOpen) continue;
      // A shard that appears later is read from its start: LATEST is about the beginning only.
      const start: Position = { type: isFirst ? mapping.startingPosition : 'TRIM_HORIZON' };
      const reading = readOneShard(ShardId, start).then(
        () => void closed.add(ShardId),
        (error: unknown) => {
          if (!signal.aborted) ports.onError(error);
        },
      );
      readers.set(ShardId, reading);
    }
  };

  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await discover().catch((error: Error) => {
        seen.lastResult = `PROBLEM: ${error.message}`;
      });
      await pause(readers.size === 0 ? POLL_MS : TROUBLE_PAUSE_MS, signal).catch(() => {});
    }
  };
  const watching = watch();

  return {
    status: () => mappingStatus(mapping, enabled, seen),
    pause: () => {
      enabled = false;
    },
    resume: () => {
      enabled = true;
    },
    stop: async () => {
      stopping.abort();
      await watching;
      await Promise.all(readers.values());
    },
  };
};

const pause = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

const isExpired = ({ firstSeenMs }: Seen, maxAgeSeconds: number, nowMs: number) =>
  maxAgeSeconds >= 0 && nowMs - firstSeenMs > maxAgeSeconds * 1000;

const takeBatch = (pending: Seen[], batchSize: number): Seen[] => {
  let bytes = 0;
  let count = 0;
  for (const { record } of pending.slice(0, batchSize)) {
    bytes += JSON.stringify(record).length;
    if (count > 0 && bytes > BATCH_BYTES) break;
    count++;
  }
  return pending.slice(0, count);
};

/** Sequence numbers and times stay as the engine gave them. */
const recordFor = (record: StreamRecord, { region }: StreamMapping, streamArn: string) => ({
  eventID: record.eventID,
  eventName: record.eventName,
  eventVersion: record.eventVersion ?? '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: region,
  dynamodb: imagesRestored(record.dynamodb),
  ...(record.userIdentity === undefined ? {} : { userIdentity: record.userIdentity }),
  eventSourceARN: streamArn,
});

const imagesRestored = (dynamodb: StreamRecord['dynamodb']) => {
  const { NewImage, OldImage } = dynamodb as Partial<
    Record<'NewImage' | 'OldImage', Parameters<typeof withEmptyMaps>[0]>
  >;
  return {
    ...dynamodb,
    ...(NewImage && { NewImage: withEmptyMaps(NewImage) }),
    ...(OldImage && { OldImage: withEmptyMaps(OldImage) }),
  };
};

const failureReport = (
  mapping: StreamMapping,
  streamArn: string,
  shardId: string,
  records: readonly Seen[],
  condition: string,
  attempts: number,
  nowMs: number,
) => {
  const [first, last] = [records[0]?.record.dynamodb, records.at(-1)?.record.dynamodb];
  const arrival = (seconds: number | undefined) => new Date((seconds ?? nowMs / 1000) * 1000).toISOString();
  return {
    requestContext: {
      requestId: crypto.randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(nowMs).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  };
};
