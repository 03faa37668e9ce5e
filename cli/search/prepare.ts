import { ensureIndex, ensureLogTemplate } from '../../functions/search-sync/aws/ensure-index.ts';
import { openWiring } from '../../functions/search-sync/aws/wiring.ts';
import { mappingSentence, type OwnMapping } from '../../functions/search-sync/core/own-mapping.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { mappingOf } from './mapping-file.ts';

const prepare = async (call: CommandCall): Promise<CommandResult> => {
  const { config, region } = call;
  const { http } = openWiring(config, region);
  // All files first: nothing is changed when one of them is wrong.
  const own = new Map<string, OwnMapping>();
  for (const table of config.search.tables) own.set(table.name, await mappingOf(table, call));
  const lines: string[] = [];
  let isBehind = false;
  for (const { index, name } of config.search.tables) {
    const prepared = await ensureIndex(http, index, name, own.get(name));
    if (prepared.kind === 'created') lines.push(`${prepared.alias} → ${prepared.index}: made`);
    else {
      lines.push(mappingSentence(prepared.alias, prepared.index, prepared.plan));
      isBehind ||= prepared.plan.kind === 'rebuild';
    }
  }
  for (const { indexPrefix } of config.search.logs) {
    await ensureLogTemplate(http, indexPrefix);
    lines.push(`${indexPrefix}-*: the template of its day indexes is there`);
  }
  return { json: lines, text: lines.join('\n'), exitCode: isBehind ? 1 : 0 };
};

/** `mainstay search prepare`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'prepare',
    summary: 'make the indexes and templates that the config names; say when only a new index can have what it wants',
    example: 'mainstay search prepare',
    run: prepare,
  },
];
