import { leftovers } from '../../functions/search-sync/aws/ensure-index.ts';
import { type IndexStatus, indexStatus } from '../../functions/search-sync/aws/index-status.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { fillProgress, isFilled } from '../../functions/search-sync/core/fill.ts';
import { comparisonSentence } from '../../functions/search-sync/core/sentences.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { table } from '../table.ts';
import { patience } from './asking.ts';
import { examplesOf } from './drift.ts';

const status = async ({ config, region }: CommandCall): Promise<CommandResult> => {
  const upkeep = openUpkeep(config, region);
  const indexes: (IndexStatus & { compared?: object; leftovers?: string[] })[] = [];
  const said: string[] = [];
  for (const one of config.search.tables) {
    const ports = upkeep.portsOf(one, patience(30_000));
    const serving: (typeof indexes)[number] = await indexStatus(upkeep.http, one.index, one.name);
    indexes.push(serving);
    const written = await ports.generations.of(one.index).catch(() => undefined);
    if (written?.shadow !== undefined) indexes.push(await indexStatus(upkeep.http, `${one.index}.shadow`, one.name));
    for (const index of [written?.serving, written?.shadow]) {
      const parts = index === undefined ? undefined : fillProgress(await upkeep.fills.parts(index).catch(() => []));
      if (parts === undefined) continue;
      const state = isFilled(parts) ? 'filled' : `being filled, ${parts.done} of ${parts.segments} parts read`;
      said.push(`${parts.index}: ${state}: ${parts.items} items read, ${parts.written} written`);
    }
    const compared = written && (await upkeep.comparisons.read(written.serving).catch(() => undefined));
    if (compared !== undefined) {
      const { phase, startedMs, report } = compared;
      serving.compared = { phase, startedMs, ...report, examples: examplesOf(report) };
      said.push(
        `compared by the clock, begun ${new Date(startedMs).toISOString()}: ` +
          comparisonSentence(compared, phase === 'done' ? 'done' : 'continue'),
      );
    }
    const left = await leftovers(upkeep.http, one.index, one.name);
    if (left.length > 0) {
      serving.leftovers = left;
      said.push(`nothing is read from or written to ${left.join(', ')}: mainstay search drop NAME deletes one`);
    }
  }
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
    text: [table(['table', 'alias', 'index', 'documents', 'stubs', 'newest change'], rows), ...said].join('\n'),
    exitCode: indexes.every(({ index }) => index !== undefined) ? 0 : 1,
  };
};

/** `mainstay search status`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'status',
    summary: 'each index: its documents, stubs and newest change, backfills, the last comparison, what is left over',
    example: 'mainstay search status',
    run: status,
  },
];
