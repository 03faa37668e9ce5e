import { type IndexStatus, indexStatus } from '../../functions/search-sync/aws/index-status.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { fillProgress, isFilled } from '../../functions/search-sync/core/fill.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { table } from '../table.ts';
import { patience } from './asking.ts';

const status = async ({ config, region }: CommandCall): Promise<CommandResult> => {
  const upkeep = openUpkeep(config, region);
  const indexes: IndexStatus[] = [];
  const fills: string[] = [];
  for (const one of config.search.tables) {
    indexes.push(await indexStatus(upkeep.http, one.index, one.name));
    const written = await upkeep
      .portsOf(one, patience(30_000))
      .generations.of(one.index)
      .catch(() => undefined);
    if (written?.shadow !== undefined) indexes.push(await indexStatus(upkeep.http, `${one.index}.shadow`, one.name));
    for (const index of [written?.serving, written?.shadow]) {
      const parts = index === undefined ? undefined : fillProgress(await upkeep.fills.parts(index).catch(() => []));
      if (parts === undefined) continue;
      const state = isFilled(parts) ? 'filled' : `being filled, ${parts.done} of ${parts.segments} parts read`;
      fills.push(`${parts.index}: ${state}: ${parts.items} items read, ${parts.written} written`);
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
    text: [table(['table', 'alias', 'index', 'documents', 'stubs', 'newest change'], rows), ...fills].join('\n'),
    exitCode: indexes.every(({ index }) => index !== undefined) ? 0 : 1,
  };
};

/** `mainstay search status`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'status',
    summary: 'each index: its documents, stubs and newest change, and how far a backfill is',
    example: 'mainstay search status',
    run: status,
  },
];
