import { searchLogs } from '../../functions/search-sync/aws/log-search.ts';
import { openWiring } from '../../functions/search-sync/aws/wiring.ts';
import { BadQueryError } from '../../functions/search-sync/run/ports.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { numberAsked } from './asking.ts';

const logs = async ({ config, region, positionals, values }: CommandCall): Promise<CommandResult> => {
  const groups = config.search.logs;
  const group = values.group === undefined ? groups[0] : groups.find(({ logGroup }) => logGroup === values.group);
  if (group === undefined) {
    throw new UsageError(`--group: expected one of ${groups.map(({ logGroup }) => logGroup).join(', ')}`);
  }
  const toMs = Date.now();
  const question = {
    text: positionals.length === 0 ? undefined : positionals.join(' '),
    fromMs: toMs - numberAsked('minutes', values.minutes, 60, 1, 5_256_000) * 60_000,
    toMs,
    slowerThanMs: values.slow === undefined ? undefined : numberAsked('slow', values.slow, 0, 0, 1e9),
    size: numberAsked('size', values.size, 20, 1, 1_000),
  };
  try {
    const found = await searchLogs(openWiring(config, region).http, group.indexPrefix, question);
    const rows = found.hits.map((hit) => [
      new Date(hit['@timestamp']).toISOString(),
      hit.durationMs === undefined ? '' : hit.durationMs.toFixed(1),
      hit.severity ?? '',
      [hit.user, hit.database].filter(Boolean).join('@'),
      oneLine([hit.statement ?? hit.message, hit.detail].filter(Boolean).join(' | ')),
    ]);
    const headers = ['at (UTC)', 'ms', 'severity', 'who', 'what'];
    const head = `${group.logGroup}: ${found.total} of the last ${values.minutes ?? 60} minutes, ${rows.length} shown`;
    return { json: found, text: rows.length === 0 ? head : `${head}\n\n${table(headers, rows)}` };
  } catch (error) {
    throw error instanceof BadQueryError ? new UsageError(error.message) : error;
  }
};

const LINE = 120;
const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LINE ? `${line.slice(0, LINE - 1)}…` : line;
};

/** `mainstay search logs`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'logs',
    summary: 'search the database logs; --slow for the slowest statements',
    usage: '["TEXT"]',
    example: 'mainstay search logs --slow 500 --minutes 60',
    options: {
      group: { type: 'string', description: 'a log group of the config (default: the first)' },
      minutes: { type: 'string', description: 'how far back (default: 60)' },
      slow: { type: 'string', description: 'only what took at least so many milliseconds, the slowest first' },
      size: { type: 'string', description: 'entries shown, 1 to 1000 (default: 20)' },
    },
    run: logs,
  },
];
