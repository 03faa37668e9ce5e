import { ensureIndex, ensureLogTemplate } from '../../functions/search-sync/aws/ensure-index.ts';
import { openWiring } from '../../functions/search-sync/aws/wiring.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';

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

/** `mainstay search prepare`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'prepare',
    summary: 'make the indexes and templates that the config names and that are not there yet',
    example: 'mainstay search prepare',
    run: prepare,
  },
];
