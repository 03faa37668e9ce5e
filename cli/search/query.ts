import { openWiring, targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { plainItem } from '../../functions/search-sync/core/plain.ts';
import { readSearch, SearchRequestError } from '../../functions/search-sync/core/search-request.ts';
import { searchSentence } from '../../functions/search-sync/core/sentences.ts';
import { BadQueryError } from '../../functions/search-sync/run/ports.ts';
import { type SearchResult, searchItems } from '../../functions/search-sync/run/search.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { indexOption, patience, tableAsked } from './asking.ts';

const ask = async (call: CommandCall, asked: Record<string, unknown>): Promise<CommandResult> => {
  const { config, region, values } = call;
  try {
    const { table: of, ...request } = readSearch(
      {
        ...asked,
        ...given('index', values.index),
        ...given('size', values.size && Number(values.size)),
        ...given('after', values.after && JSON.parse(String(values.after))),
        ...given('where', values.where && JSON.parse(String(values.where))),
        ...given('facets', values.facets && String(values.facets).split(',')),
        ...given('highlight', values.highlight),
      },
      config.search.tables,
    );
    const found = await searchItems(openWiring(config, region).portsOf(of, patience(30_000)), targetOf(of), request);
    const hits = found.hits.map((hit) => ({ ...hit, item: plainItem(hit.item) }));
    return { json: { ...found, hits }, text: queryText(found) };
  } catch (error) {
    const isCallers = [BadQueryError, SearchRequestError, SyntaxError].some((type) => error instanceof type);
    throw isCallers ? new UsageError((error as Error).message) : error;
  }
};

const given = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });

const query = (call: CommandCall): Promise<CommandResult> =>
  ask(call, given('query', call.positionals.length === 0 ? undefined : call.positionals.join(' ')));

/** A key as JSON, or the text of a partition key alone. */
const similar = (call: CommandCall): Promise<CommandResult> => {
  const [word = ''] = call.positionals;
  const { keys } = tableAsked(call.config, call.values.index);
  try {
    return ask(call, { similar: word.startsWith('{') ? JSON.parse(word) : { [keys.partition]: word } });
  } catch (error) {
    throw error instanceof SyntaxError ? new UsageError(`the key is not JSON: ${error.message}`) : error;
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
    ...found.hits.flatMap(({ rank, highlights }) =>
      Object.entries(highlights ?? {}).map(([field, snippets]) => `${rank}  ${field}: ${snippets.join(' … ')}`),
    ),
    ...Object.entries(found.facets ?? {}).map(
      ([attribute, values]) =>
        `${attribute}: ${values.map(({ value, count }) => `${value} (${count})`).join(', ') || 'none'}`,
    ),
    ...(found.next ? ['', `more: --after '${JSON.stringify(found.next)}'`] : []),
  ].join('\n');
};

const LINE = 140;
const oneLine = (text: string): string => (text.length > LINE ? `${text.slice(0, LINE - 1)}…` : text);

/** `mainstay search query` and `similar`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'query',
    summary: 'search an index, and read the hits back from the table',
    usage: '["TEXT"]',
    example: 'mainstay search query "postgres driver" --index documents --size 5',
    options: {
      index: { type: 'string', description: 'an index of the config (default: the only one)' },
      size: { type: 'string', description: 'hits on a page, 1 to 100 (default: 10)' },
      after: { type: 'string', description: 'the page after: what the page before printed' },
      where: {
        type: 'string',
        description: `what attributes must be, as JSON: '{"license":"MIT","stars":{"from":10}}'`,
      },
      facets: { type: 'string', description: 'attributes whose values are counted over all hits: license,author' },
      highlight: { type: 'boolean', description: 'the places that matched' },
    },
    run: query,
  },
  {
    wing: 'search',
    verb: 'similar',
    summary: 'items that are like one, by its texts, read back from the table',
    usage: 'KEY',
    example: 'mainstay search similar express --index documents --size 5',
    options: {
      ...indexOption,
      size: { type: 'string', description: 'hits on a page, 1 to 100 (default: 10)' },
      after: { type: 'string', description: 'the page after: what the page before printed' },
    },
    run: similar,
  },
];
