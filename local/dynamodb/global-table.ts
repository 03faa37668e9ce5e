// What a global table is, and what of a request is about it. Pure; the pages are in README.md.

export type GlobalTable = {
  /** Where the engine keeps it. */
  home: string;
  replicas: string[];
  witness?: string;
  keys: string[];
};

/** The sets of regions that such a table may be in (README.md). */
const REGION_SETS = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

type Asked = Record<string, unknown>;
type Create = { Create?: { RegionName?: string } };

const created = (updates: unknown): string[] =>
  ((updates ?? []) as Create[]).flatMap(({ Create }) => Create?.RegionName ?? []);

/** Every region that holds a part of it: its replicas and its witness. */
export const membersOf = ({ replicas, witness }: GlobalTable): string[] => [...replicas, ...(witness ? [witness] : [])];

/** The regions that an UpdateTable asks for, or why it is refused. */
export const whyNotGlobal = (
  home: string,
  asked: Asked,
  { isEmpty, hasLocalIndex }: { isEmpty: boolean; hasLocalIndex: boolean },
): Pick<GlobalTable, 'replicas' | 'witness'> | string => {
  if (asked.MultiRegionConsistency !== 'STRONG')
    return 'Only global tables with MultiRegionConsistency STRONG are modelled by the local AWS.';
  const replicas = [home, ...created(asked.ReplicaUpdates)];
  const [witness, ...more] = created(asked.GlobalTableWitnessUpdates);
  const members = [...replicas, ...(witness ? [witness] : []), ...more];
  if (more.length > 0 || members.length !== 3 || new Set(members).size !== 3) {
    return 'A global table with strong consistency has exactly three Regions: three replicas, or two replicas and a witness.';
  }
  if (!REGION_SETS.some((set) => members.every((one) => set.includes(one)))) {
    return `A global table with strong consistency is in Regions of one set; ${members.join(', ')} are in none.`;
  }
  if (!isEmpty) return 'The table must be empty to become a global table with strong consistency.';
  if (hasLocalIndex) return 'Local secondary indexes are not supported on a table with strong consistency.';
  return { replicas, ...(witness && { witness }) };
};

/** A name, also where an ARN is given. */
const nameOf = (given: unknown): string => String(given).slice(String(given).lastIndexOf('/') + 1);

/** The tables that a request names. */
export const tablesOf = ({ TableName, RequestItems, TransactItems }: Asked): string[] => {
  const transacted = ((TransactItems ?? []) as Record<string, { TableName?: string }>[]).flatMap((one) =>
    Object.values(one).flatMap((part) => part.TableName ?? []),
  );
  return [
    ...(TableName === undefined ? [] : [TableName]),
    ...Object.keys((RequestItems as object) ?? {}),
    ...transacted,
  ].map(nameOf);
};

export const isWrite = (operation: string): boolean => /^(Put|Update|Delete|BatchWrite)Item$/.test(operation);

/** What cannot be answered by one region alone: every write, and every strongly consistent read. */
export const needsQuorum = (operation: string, { ConsistentRead, RequestItems }: Asked): boolean =>
  isWrite(operation) ||
  ConsistentRead === true ||
  Object.values((RequestItems as Record<string, { ConsistentRead?: boolean }>) ?? {}).some(
    (one) => one.ConsistentRead === true,
  );

/** The items that a write is about, each by its account, table and key. */
export const itemsOf = (account: string, asked: Asked, keys: readonly string[]): string[] => {
  const keyed = (table: string, item: unknown) =>
    `${account}/${nameOf(table)}/${JSON.stringify(keys.map((key) => (item as Asked | undefined)?.[key]))}`;
  if (asked.TableName !== undefined) return [keyed(String(asked.TableName), asked.Key ?? asked.Item)];
  type Request = { PutRequest?: { Item: unknown }; DeleteRequest?: { Key: unknown } };
  return Object.entries((asked.RequestItems ?? {}) as Record<string, Request[]>).flatMap(([table, requests]) =>
    requests.map((one) => keyed(table, one.PutRequest?.Item ?? one.DeleteRequest?.Key)),
  );
};
