import { openWiring, targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { plainItem } from '../../functions/search-sync/core/plain.ts';
import { readSearch, SearchRequestError } from '../../functions/search-sync/core/search-request.ts';
import { searchSentence } from '../../functions/search-sync/core/sentences.ts';
import { BadQueryError } from '../../functions/search-sync/run/ports.ts';
import { type SearchResult, searchItems } from '../../functions/search-sync/run/search.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { patience } from './asking.ts';

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
    const found = await searchItems(openWiring(config, region).portsOf(of, patience(30_000)), targetOf(of), request);
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

/** `mainstay search query`. */
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
];
