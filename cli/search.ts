import { ensureIndex, ensureLogTemplate } from '../functions/search-sync/aws/ensure-index.ts';
import { type IndexStatus, indexStatus } from '../functions/search-sync/aws/index-status.ts';
import { openWiring, realPatience, targetOf } from '../functions/search-sync/aws/wiring.ts';
import { plainItem } from '../functions/search-sync/core/plain.ts';
import { readSearch, SearchRequestError } from '../functions/search-sync/core/search-request.ts';
import { searchSentence } from '../functions/search-sync/core/sentences.ts';
import { BadQueryError } from '../functions/search-sync/run/ports.ts';
import { type SearchResult, searchItems } from '../functions/search-sync/run/search.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from './command.ts';
import { table } from './table.ts';

const PATIENCE_MS = 30_000;
const patience = () => {
  const untilMs = Date.now() + PATIENCE_MS;
  return realPatience(() => untilMs - Date.now());
};

const query = async ({ config, region, positionals, values }: CommandCall): Promise<CommandResult> => {
  try {
    const { table: of, ...request } = readSearch(
      {
        query: positionals.join(' '),
        index: values.index,
        size: values.size === undefined ? undefined : Number(values.size),
        after: values.after === undefined ? undefined : JSON.parse(String(values.after)),
      },
      config.search.tables,
    );
    const found = await searchItems(openWiring(config, region).portsOf(of, patience()), targetOf(of), request);
    const hits = found.hits.map((hit) => ({ ...hit, item: plainItem(hit.item) }));
    return { json: { ...found, hits }, text: queryText(found) };
  } catch (error) {
    const isCallers = [BadQueryError, SearchRequestError, SyntaxError].some((type) => error instanceof type);
    throw isCallers ? new UsageError((error as Error).message) : error;
  }
};

const queryText = (found: SearchResult): string => {
  const rows = found.hits.map(({ rank, score, item }) => [
    rank,
    score.toFixed(2),
    oneLine(JSON.stringify(plainItem(item))),
  ]);
  return [
    searchSentence({ ...found, shown: found.hits.length }),
    ...(rows.length > 0 ? ['', table(['rank', 'score', 'item'], rows)] : []),
    ...(found.next ? ['', `more: --after '${JSON.stringify(found.next)}'`] : []),
  ].join('\n');
};

const LINE = 140;
const oneLine = (text: string): string => (text.length > LINE ? `${text.slice(0, LINE - 1)}…` : text);

const status = async ({ config, region }: CommandCall): Promise<CommandResult> => {
  const { http } = openWiring(config, region);
  const indexes: IndexStatus[] = [];
  for (const one of config.search.tables) indexes.push(await indexStatus(http, one.index, one.name));
  const rows = indexes.map(({ table: name, alias, index, documents, stubs, newest }) => [
    name,
    alias,
    index ?? 'none: mainstay search prepare',
    documents,
    stubs,
    newest ?? '–',
  ]);
  return {
    json: indexes,
    text: table(['table', 'alias', 'index', 'documents', 'stubs', 'newest change'], rows),
    exitCode: indexes.every(({ index }) => index !== undefined) ? 0 : 1,
  };
};

const prepare = async ({ config, region }: CommandCall): Promise<CommandResult> => {
  const { http } = openWiring(config, region);
  const lines: string[] = [];
  for (const { index, name } of config.search.tables) {
    const prepared = await ensureIndex(http, index, name);
    lines.push(
      `${prepared.alias} → ${prepared.index}: ${prepared.kind === 'created' ? 'made' : 'there already, and ours'}`,
    );
  }
  for (const { indexPrefix } of config.search.logs) {
    await ensureLogTemplate(http, indexPrefix);
    lines.push(`${indexPrefix}-*: the template of its day indexes is there`);
  }
  return { json: lines, text: lines.join('\n') };
};

/** `mainstay search …`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'query',
    summary: 'search an index, and read the hits back from the table',
    usage: '"TEXT"',
    example: 'mainstay search query "postgres driver" --index documents --size 5',
    options: {
      index: { type: 'string', description: 'an index of the config (default: the only one)' },
      size: { type: 'string', description: 'hits on a page, 1 to 100 (default: 10)' },
      after: { type: 'string', description: 'the page after: what the page before printed' },
    },
    run: query,
  },
  {
    wing: 'search',
    verb: 'status',
    summary: 'each index: its documents, stubs and newest change',
    example: 'mainstay search status',
    run: status,
  },
  {
    wing: 'search',
    verb: 'prepare',
    summary: 'make the indexes and templates that the config names and that are not there yet',
    example: 'mainstay search prepare',
    run: prepare,
  },
];
