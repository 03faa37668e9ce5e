import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

// Write units by the rules that AWS documents, from the requests themselves: an item is rounded up to whole kilobytes, a
// transaction counts twice (docs: transaction-apis), an index entry once per write, an entry whose key moves twice, an
// unchanged one not at all (docs: GSI, "provisioned throughput considerations"). What the engine itself reports stands beside it.

/** Partition keys of the table's indexes. */
const INDEX_KEYS = ['gc', 'gd', 'gl', 'ga1', 'ga2', 'ga3'];

type Value = { S?: string; N?: string; M?: Record<string, Value> };
type Item = Record<string, Value>;
interface Put {
  TableName: string;
  Item: Item;
}
interface Update {
  TableName: string;
  Key: Item;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
}
interface Input {
  TransactItems?: { Put?: Put; Update?: Update }[];
  Item?: Item;
  Key?: Item;
  TableName?: string;
  ReturnConsumedCapacity?: string;
}

export interface Metered {
  calls: number;
  /** By our meter: of the table, and of its indexes. */
  tableUnits: number;
  indexUnits: number;
  /** As the engine says; undefined where it says nothing. */
  reportedUnits: number | undefined;
}

/** Counts what a client sends. `reset` begins anew; what is in the table stays known. */
export const meter = (client: DynamoDBClient) => {
  let seen: Metered = { calls: 0, tableUnits: 0, indexUnits: 0, reportedUnits: undefined };
  const known = new Map<string, string>();
  const write = (place: Item, attributes: Item, bytes: number, times: number) => {
    seen.tableUnits += times * Math.max(1, Math.ceil(bytes / 1024));
    const name = `${place.pk?.S} ${place.sk?.S}`;
    const entries = INDEX_KEYS.map((key) => attributes[key]?.S ?? '');
    const before = known.get(name)?.split('\n') ?? INDEX_KEYS.map(() => '');
    entries.forEach((entry, index) => {
      if (entry === before[index]) return;
      if (before[index] !== '') seen.indexUnits += 1;
      if (entry !== '') seen.indexUnits += 1;
    });
    known.set(name, entries.join('\n'));
  };
  const put = ({ Item }: Put, times: number) => write(Item, Item, sizeOf(Item), times);
  const update = (
    { Key, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Update,
    times: number,
  ) => {
    // A counter row stays below a kilobyte; what it sets, it sets again to the same.
    const set = names['#gd'] === 'gd' ? { gd: values[':gd'] ?? {} } : {};
    write(Key, set, sizeOf(Key) + sizeOf(values), times);
  };
  client.middlewareStack.add(
    ((
      next: (args: { input: Input }) => Promise<{ output: { ConsumedCapacity?: unknown } }>,
      context: { commandName?: string },
    ) =>
      async (args: { input: Input }) => {
        seen.calls += 1;
        const { input } = args;
        const result = await next({ ...args, input: { ...input, ReturnConsumedCapacity: 'INDEXES' } });
        for (const { Put, Update } of input.TransactItems ?? []) {
          if (Put) put(Put, 2);
          if (Update) update(Update, 2);
        }
        if (context.commandName === 'PutItemCommand') put(input as Put, 1);
        if (context.commandName === 'UpdateItemCommand') update(input as Update, 1);
        if (/^(Transact|Put|Update)/.test(context.commandName ?? '')) {
          const reported = [result.output.ConsumedCapacity ?? []].flat() as { CapacityUnits?: number }[];
          for (const { CapacityUnits } of reported) {
            if (CapacityUnits !== undefined) seen.reportedUnits = (seen.reportedUnits ?? 0) + CapacityUnits;
          }
        }
        return result;
      }) as never,
    { step: 'initialize', name: 'meter', override: true },
  );
  return {
    read: (): Metered => ({ ...seen }),
    reset: () => {
      seen = { calls: 0, tableUnits: 0, indexUnits: 0, reportedUnits: undefined };
    },
  };
};

// docs: CapacityUnitCalculations — names and text by UTF-8, a number by about half its digits, a map by 3 and its contents.
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
const valueSize = ({ S, N, M }: Value): number =>
  S !== undefined ? Buffer.byteLength(S) : N !== undefined ? Math.ceil(N.length / 2) + 1 : M ? 3 + sizeOf(M) : 1;
