import { setTimeout as sleep } from 'node:timers/promises';
import { dropIndex, indexBehind, leftovers } from '../../functions/search-sync/aws/ensure-index.ts';
import { openWiring } from '../../functions/search-sync/aws/wiring.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { indexOption, tableAsked, yesOption } from './asking.ts';
import { FORGOTTEN_MS } from './cutover.ts';

const drop = async ({ config, region, positionals, values, progress }: CommandCall): Promise<CommandResult> => {
  const table = tableAsked(config, values.index);
  const { http } = openWiring(config, region);
  // With no index behind the alias, what looks left over may be what was searched.
  if ((await indexBehind(http, table.index)) === undefined) {
    throw new Error(
      `${table.index} stands for no index: which of them is searched can't be known, so none is left over`,
    );
  }
  const left = await leftovers(http, table.index, table.name);
  const [name] = positionals;
  if (name === undefined) {
    const text = left.length === 0 ? `nothing is left over of ${table.index}` : left.join('\n');
    return { json: { leftovers: left }, text };
  }
  if (!left.includes(name)) {
    throw new UsageError(
      `${name} is no leftover of ${table.index}: ${left.length === 0 ? 'there is none' : `they are ${left.join(', ')}`}`,
    );
  }
  if (!values.yes) {
    const text = `would delete ${name}, which nothing is read from or written to: there is no way back. Nothing was done: add --yes.`;
    return { json: { would: 'drop', index: name }, text };
  }
  progress(`${name} is deleted in ${FORGOTTEN_MS / 1_000} s, when no batch can know it any more`);
  await sleep(FORGOTTEN_MS);
  // It looks again: what stands behind an alias by now is not deleted.
  await dropIndex(http, name, table.index, table.name);
  return { json: { dropped: name }, text: `${name} is deleted` };
};

/** `mainstay search drop`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'drop',
    summary: 'list the indexes that were let go of, or delete one of them',
    usage: '[NAME]',
    example: 'mainstay search drop documents-v2 --index documents --yes',
    options: { ...indexOption, ...yesOption('do it; without it only what it would do is said') },
    run: drop,
  },
];
