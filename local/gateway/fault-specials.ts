// Behaviour of DynamoDB and SQS that AWS documents and no local engine shows: conflicts, partial batches, duplicates, disorder.
import type { ActiveFault } from './faults.ts';
import { randomFrom } from './faults.ts';
import { refusal } from './refusals.ts';
import type { AwsResponse } from './service.ts';

type Json = Record<string, unknown>;
const parse = (body: Buffer): Json => JSON.parse(body.toString('utf8')) as Json;

/**
 * Every item of the transaction lost against another one
 * (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, cancellation reasons).
 */
export const transactionConflict = (operation: string, body: Buffer): AwsResponse => {
  if (!operation.startsWith('Transact')) {
    const message = 'Transaction is ongoing for the item';
    return refusal('json', {
      status: 400,
      code: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException',
      message,
    });
  }
  const items = (parse(body).TransactItems as unknown[] | undefined) ?? [];
  // The first item lost; the rest would have been fine: that is the shape which a careless reader takes for success.
  const reasons = items.map((_, index) =>
    index === 0 ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons: reasons,
    }),
  };
};

/** docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const throughputExceeded = (): AwsResponse =>
  refusal('json', {
    status: 400,
    code: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level.',
  });

/**
 * Splits a BatchWriteItem or BatchGetItem: the first half is sent on, the rest comes back unprocessed
 * (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). A single item can not be split:
 * undefined, and the caller is refused with throughputExceeded, as AWS does when nothing at all could be processed.
 */
export const splitBatch = (
  operation: string,
  body: Buffer,
): { send: Buffer; finish: (answer: Buffer) => Buffer } | undefined => {
  if (operation !== 'BatchWriteItem' && operation !== 'BatchGetItem') return undefined;
  const request = parse(body) as { RequestItems: Record<string, unknown> };
  const entries = Object.entries(request.RequestItems).flatMap(([table, asked]) =>
    (operation === 'BatchWriteItem' ? (asked as unknown[]) : (asked as { Keys: unknown[] }).Keys).map(
      (entry) => [table, entry] as const,
    ),
  );
  const half = Math.floor(entries.length / 2);
  if (half === 0) return undefined;
  const pack = (part: (readonly [string, unknown])[]) => {
    const packed: Record<string, unknown> = {};
    for (const [table, entry] of part) {
      if (operation === 'BatchWriteItem') {
        packed[table] = [...((packed[table] as unknown[] | undefined) ?? []), entry];
      } else {
        const before = packed[table] as { Keys: unknown[] } | undefined;
        packed[table] = { ...(request.RequestItems[table] as Json), Keys: [...(before?.Keys ?? []), entry] };
      }
    }
    return packed;
  };
  const left = operation === 'BatchWriteItem' ? 'UnprocessedItems' : 'UnprocessedKeys';
  return {
    send: Buffer.from(JSON.stringify({ ...request, RequestItems: pack(entries.slice(0, half)) })),
    finish: (answer) => Buffer.from(JSON.stringify({ ...parse(answer), [left]: pack(entries.slice(half)) })),
  };
};

type Message = { MessageId: string };

export interface QueueFaults {
  /** Changes the answer to a ReceiveMessage as at-least-once, unordered delivery may. */
  receive(queueUrl: string, limit: number, answer: Buffer, faults: ActiveFault[]): Buffer;
  /** Whether duplicates are still to be delivered. */
  pending(): boolean;
}

/**
 * Standard queues deliver at least once and in best-effort order
 * (docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html): a duplicate is a message that
 * comes again with a later receive, even when it was deleted meanwhile.
 */
export const openQueueFaults = (): QueueFaults => {
  const again = new Map<string, Message[]>();
  return {
    pending: () => [...again.values()].some((messages) => messages.length > 0),
    receive: (queueUrl, limit, answer, faults) => {
      const reply = parse(answer) as { Messages?: Message[] };
      const fresh = reply.Messages ?? [];
      const waiting = again.get(queueUrl) ?? [];
      const replayed = waiting.splice(0, Math.max(0, limit - fresh.length));
      if (faults.some(({ kind }) => kind === 'sqs-duplicate')) again.set(queueUrl, [...waiting, ...fresh]);
      else again.set(queueUrl, waiting);
      const shuffle = faults.find(({ kind }) => kind === 'sqs-shuffle');
      const messages = shuffle
        ? shuffled([...fresh, ...replayed], randomFrom((shuffle.seed ?? 1) + shuffle.struck))
        : [...fresh, ...replayed];
      if (messages.length === 0) return answer;
      return Buffer.from(JSON.stringify({ ...reply, Messages: messages }));
    },
  };
};

const shuffled = <T>(items: T[], random: () => number): T[] => {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other]!, mixed[index]!];
  }
  // A shuffle that changes nothing would hide the bug that it is there to show.
  return mixed.length > 1 && mixed.every((item, index) => item === items[index]) ? mixed.reverse() : mixed;
};
