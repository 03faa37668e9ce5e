import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../shared/aws/attribute-value.ts';
import { manifests } from './package-tree.ts';
import { SECRET, SLOW_MS, shipLines, slowOf, writtenLog } from './postgres-log.ts';
import { clientOf, type Finding, inParallel, mainstay, type Stage, until } from './stage.ts';

/** Items → stream → function → index → search → read back; then every row against its document. */
export const searchSync = async (stage: Stage): Promise<Finding[]> => {
  const table = stage.config.search.tables[0];
  if (table === undefined) return [];
  const dynamodb = new DynamoDBClient(clientOf(stage, stage.config.regions.primary));
  const documents = await manifests();
  await mainstay(stage, 'search', 'prepare');
  stage.say(`search sync: writing ${documents.length} package manifests into the table ${table.name}`);
  const started = performance.now();
  await inParallel(
    documents,
    8,
    async (document) =>
      void (await dynamodb.send(new PutItemCommand({ TableName: table.name, Item: toItem(document as PlainItem) }))),
  );

  const rows = await allRows(dynamodb, table.name);
  const indexed = await until(
    'the index',
    60,
    () => documentsOf(stage, table.index),
    (found) => found.size === rows.length,
  ).catch(() => documentsOf(stage, table.index));
  const seconds = (performance.now() - started) / 1000;
  const equal = rows.filter((row) => sameRow(row, indexed.get(String(row.id)))).length;

  const asked = 'parser';
  const answer = await mainstay(stage, 'search', 'query', asked, '--index', table.index, '--size', '10');
  const readBack = answer.hits.filter((hit: { item: PlainItem }) =>
    rows.some((row) => row.id === hit.item.id && row.version === hit.item.version),
  ).length;
  return [
    {
      wing: 'search sync',
      did: `${documents.length} manifests written, indexed after ${seconds.toFixed(0)} s`,
      check: `row by row: ${rows.length} rows, ${indexed.size} documents, ${equal} equal`,
      ok: rows.length === documents.length && indexed.size === rows.length && equal === rows.length,
    },
    {
      wing: 'search sync',
      did: `search "${asked}", hits read back from the table`,
      check: `${answer.hits.length} hits, ${readBack} of them rows as they stand in the table`,
      ok: answer.hits.length > 0 && readBack === answer.hits.length,
    },
    ...(await builtAnew(stage, table.index, rows)),
    ...(await logLines(stage)),
  ];
};

/** The next index, filled by the function and its messages, compared and cut over to; then counted past everything of ours. */
const builtAnew = async (stage: Stage, index: string, rows: readonly PlainItem[]): Promise<Finding[]> => {
  stage.say(`search sync: building the next index of ${index} beside the stream, and cutting over to it`);
  const filled = await mainstay(stage, 'search', 'backfill', '--index', index, '--new', '--yes');
  const over = await mainstay(stage, 'search', 'cutover', '--index', index, '--yes');
  const documents = await documentsOf(stage, index);
  const equal = rows.filter((row) => sameRow(row, documents.get(String(row.id)))).length;
  return [
    {
      wing: 'search sync',
      did: `${filled.items} items read into ${filled.index}, searches cut over to it`,
      check: `${over.kind}; row by row: ${rows.length} rows, ${documents.size} documents, ${equal} equal`,
      ok: over.kind === 'done' && documents.size === rows.length && equal === rows.length,
    },
  ];
};

/** What a real server wrote into its log → log group → subscription → function → the index of the day; then the slow ones are asked for. */
const logLines = async (stage: Stage): Promise<Finding[]> => {
  const group = stage.config.search.logs[0];
  if (group === undefined) return [];
  const { primary } = stage.config.regions;
  const instance = group.logGroup.split('/').at(-2) ?? '';
  stage.say(`search sync: ${instance} writes its log, with log_min_duration_statement at ${SLOW_MS} ms`);
  const lines = await writtenLog(stage.aws, primary, instance);
  const slow = slowOf(lines);
  await shipLines(stage.aws, primary, group.logGroup, 'demo', lines);
  const ask = () => mainstay(stage, 'search', 'logs', '--slow', String(SLOW_MS), '--minutes', '60');
  const answer = await until('the slow statements', 30, ask, ({ total }) => total >= slow.length).catch(ask);
  const durations = answer.hits.map(({ durationMs }: { durationMs: number }) => durationMs);
  const isInLog = lines.some((line) => line.includes(SECRET));
  const told = await (await fetch(`${await engineOf(stage)}/${group.indexPrefix}-*/_search?size=1000`)).text();
  return [
    {
      wing: 'search sync',
      did: `the slow statements of the last hour, from the log that ${instance} wrote: over ${SLOW_MS} ms`,
      check: `${answer.total} found, ${slow.length} in the ${lines.length} lines of the log, the slowest ${durations[0]} ms; a password in them: ${told.includes(SECRET) ? 'seen' : 'masked'}`,
      ok: slow.length > 0 && durations.join() === slow.join() && isInLog && !told.includes(SECRET),
    },
  ];
};

/** OpenSearch itself, asked past everything of ours. */
const engineOf = async ({ aws }: Stage): Promise<string> =>
  (await aws.status()).parts.find(({ name }) => name === 'OpenSearch')?.address ?? '';

const allRows = async (dynamodb: DynamoDBClient, TableName: string): Promise<PlainItem[]> => {
  const rows: PlainItem[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey }));
    rows.push(...(page.Items ?? []).map(fromItem));
    ExclusiveStartKey = page.LastEvaluatedKey as never;
  } while (ExclusiveStartKey);
  return rows;
};

/** The index as it stands, asked directly: a document's source by the row's id. */
const documentsOf = async (stage: Stage, index: string): Promise<Map<string, Record<string, unknown>>> => {
  const engine = await engineOf(stage);
  await fetch(`${engine}/${index}/_refresh`, { method: 'POST' });
  const response = await fetch(`${engine}/${index}/_search?size=10000`);
  const { hits } = (await response.json()) as { hits?: { hits: { _source: Record<string, unknown> }[] } };
  return new Map((hits?.hits ?? []).map(({ _source }) => [String(_source.id), _source]));
};

/** Equal in every attribute that both name by the same name: values as JSON, numbers as numbers. */
const sameRow = (row: PlainItem, document: Record<string, unknown> | undefined): boolean =>
  document !== undefined &&
  Object.entries(row).every(([name, value]) => canonical(placed(document, name)) === canonical(value));

/** Where the wing's README says that an attribute stands: at the root, or under `_maps` or `_stored`. */
const placed = (document: Record<string, any>, name: string): unknown => {
  const field = name.replaceAll('~', '~0').replaceAll('.', '~1');
  const root = name.startsWith('_') ? `~2${field.slice(1)}` : field;
  return [document[root], document._maps?.[field], document._stored?.[field]].find((one) => one !== undefined);
};

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .map(([name, one]) => [plainName(name), one] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );

/** A field's name as the attribute's: the wing's README says how dots and the like are written. */
const plainName = (field: string): string =>
  (field.startsWith('~3') ? field.slice(2) : field).replaceAll('~4', '=').replaceAll('~1', '.').replaceAll('~0', '~');
