// SQS → function (docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). Messages are deleted only when they are done with;
// the others come back when their visibility timeout has passed, and the queue itself moves them to its dead letters.
// Not modelled: FIFO queues, the growth of pollers (a fixed number polls), provisioned mode.
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { compilePattern } from '../eventbridge/pattern.ts';
import { readBatchResponse } from './batch-response.ts';
import { type Clients, queueUrl } from './clients.ts';
import type { Outcome } from './function.ts';
import { mappingStatus, type OpenMapping, type QueueMapping } from './mapping.ts';

/** SQS gives at most ten messages a call; larger batches are collected within the window. */
const RECEIVE_LIMIT = 10;
/** docs.aws.amazon.com/lambda/latest/dg/with-sqs.html: a batch also ends at 6 MB, less what the envelope needs. */
const BATCH_BYTES = 5_500_000;
/** Lambda starts with five concurrent batches; two cores are served best by fewer. */
const CONCURRENT_BATCHES = 4;
const TROUBLE_PAUSE_MS = 500;
const EMPTY_PAUSE_MS = 50;

type Ports = { clients: Clients; invoke(payload: string): Promise<Outcome> };

/** Starts polling. The queue may be made later: it is waited for. */
export const openQueueMapping = (mapping: QueueMapping, { clients, invoke }: Ports): OpenMapping => {
  const sqs = clients.sqs(mapping.region);
  const QueueUrl = queueUrl(clients.place, mapping.sourceArn);
  const filters = mapping.filters.map(compilePattern);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const limit = Math.min(mapping.maximumConcurrency ?? CONCURRENT_BATCHES, CONCURRENT_BATCHES);
  const seen = { lastResult: 'No records processed', doneCount: 0, invocations: 0 };
  let enabled = mapping.enabled;

  const receive = async (limitMessages: number, waitSeconds: number): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(limitMessages, RECEIVE_LIMIT),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return (await sqs.send(command, { abortSignal: stopping.signal })).Messages ?? [];
  };

  /** Ends at the batch size, at 6 MB, or when the window since the first message is over. */
  const collect = async (): Promise<Message[]> => {
    const messages = await receive(mapping.batchSize, 2);
    if (messages.length === 0) return messages;
    const untilMs = Date.now() + mapping.windowSeconds * 1000;
    let bytes = sizeOf(messages);
    while (messages.length < mapping.batchSize && bytes < BATCH_BYTES && Date.now() < untilMs) {
      const more = await receive(mapping.batchSize - messages.length, 0);
      bytes += sizeOf(more);
      messages.push(...more);
      if (more.length === 0) await pause(EMPTY_PAUSE_MS);
    }
    return messages;
  };

  const remove = async (messages: Message[]): Promise<void> => {
    seen.doneCount += messages.length;
    const parts = Array.from({ length: Math.ceil(messages.length / RECEIVE_LIMIT) }, (_, index) =>
      messages.slice(index * RECEIVE_LIMIT, (index + 1) * RECEIVE_LIMIT),
    );
    for (const part of parts) {
      const Entries = part.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };

  const handle = async (received: Message[]): Promise<void> => {
    const passing = received.filter((message) => passes(message, filters));
    // What no filter lets in is deleted (docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html).
    await remove(received.filter((message) => !passing.includes(message)));
    if (passing.length === 0) return;
    const outcome = await invoke(JSON.stringify({ Records: passing.map((message) => record(message, mapping)) }));
    seen.invocations++;
    if (outcome.kind !== 'ok') {
      seen.lastResult = outcome.kind === 'throttled' ? 'PROBLEM: Function throttled' : 'PROBLEM: Function call failed';
      return;
    }
    const identifiers = new Set(passing.map(({ MessageId = '' }) => MessageId));
    const verdict = mapping.reportsItemFailures
      ? readBatchResponse(outcome.payload, identifiers)
      : ({ kind: 'all-done' } as const);
    seen.lastResult = verdict.kind === 'all-failed' ? `PROBLEM: ${verdict.because}` : 'OK';
    if (verdict.kind === 'all-failed') return;
    const failed = verdict.kind === 'some-failed' ? verdict.failed : new Set<string>();
    await remove(passing.filter(({ MessageId = '' }) => !failed.has(MessageId)));
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (!enabled) {
          await pause(EMPTY_PAUSE_MS);
          continue;
        }
        if (running.size >= limit) await Promise.race(running);
        const received = await collect();
        if (received.length === 0) continue;
        const work: Promise<void> = handle(received)
          .catch((error: unknown) => {
            seen.lastResult = `PROBLEM: ${(error as Error).message}`;
          })
          .finally(() => running.delete(work));
        running.add(work);
      } catch (error) {
        if (stopping.signal.aborted) return;
        seen.lastResult = `PROBLEM: ${(error as Error).message}`;
        await pause(TROUBLE_PAUSE_MS);
      }
    }
  };
  const polling = poll();

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
      await polling;
    },
  };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const sizeOf = (messages: Message[]) => messages.reduce((bytes, { Body = '' }) => bytes + Buffer.byteLength(Body), 0);

const passes = ({ Body = '' }: Message, filters: ((event: unknown) => boolean)[]): boolean => {
  if (filters.length === 0) return true;
  try {
    const body: unknown = JSON.parse(Body);
    return filters.some((matches) => matches({ body }));
  } catch {
    return false; // a body that is not JSON matches no JSON filter
  }
};

/** The record as a function sees it; see events/ for a real sample. */
const record = (message: Message, mapping: QueueMapping) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      {
        dataType: value.DataType,
        ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
        ...(value.BinaryValue === undefined ? {} : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
        stringListValues: [],
        binaryListValues: [],
      },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: mapping.sourceArn,
  awsRegion: mapping.region,
});
