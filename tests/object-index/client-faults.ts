import {
  type DynamoDBClient,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';

interface Input {
  TransactItems?: unknown[];
  RequestItems?: Record<string, { Keys: unknown[] }>;
}

type Handler = (args: { input: Input }) => Promise<{ output: object; response: unknown }>;

/**
 * What an engine on one machine never does, met on the wire's edge, so that the adapter's own reading of it is tried:
 * TransactionConflict on a row or a counter, throttling, keys left unread, an answer that is lost after the effect or before it.
 */
export const injectFaults = (client: DynamoDBClient, chance: () => boolean, pick: (count: number) => number): void => {
  const middleware = (next: Handler, context: { commandName?: string }): Handler => {
    return async (args) => {
      const { TransactItems: items, RequestItems: reads } = args.input;
      if (context.commandName === 'TransactWriteItemsCommand' && items && chance()) {
        switch (pick(4)) {
          case 0: {
            const hit = pick(items.length);
            const CancellationReasons = items.map((_, at) => ({ Code: at === hit ? 'TransactionConflict' : 'None' }));
            throw new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons });
          }
          case 1:
            throw new ProvisionedThroughputExceededException({ message: 'throttled', $metadata: {} });
          case 2:
            await next(args);
            throw lost();
          default:
            throw lost();
        }
      }
      if (context.commandName === 'BatchGetItemCommand' && reads && chance()) {
        const [[table, { Keys: keys, ...how }] = ['', { Keys: [] }]] = Object.entries(reads);
        const kept = keys.slice(0, pick(keys.length));
        const left = { [table]: { ...how, Keys: keys.slice(kept.length) } };
        if (kept.length === 0) return { output: { Responses: {}, UnprocessedKeys: left, $metadata: {} }, response: {} };
        const answer = await next({
          ...args,
          input: { ...args.input, RequestItems: { [table]: { ...how, Keys: kept } } },
        });
        return { ...answer, output: { ...answer.output, UnprocessedKeys: left } };
      }
      return await next(args);
    };
  };
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'faults', override: true });
};

const lost = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $metadata: {} });
