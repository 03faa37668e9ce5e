import { setTimeout as sleep } from 'node:timers/promises';
import { dropIndex } from '../../functions/search-sync/aws/ensure-index.ts';
import { indexOf, swapGenerations } from '../../functions/search-sync/aws/generations.ts';
import { openSearchCensus } from '../../functions/search-sync/aws/opensearch-census.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { cutOverSentence } from '../../functions/search-sync/core/sentences.ts';
import { cutOver } from '../../functions/search-sync/run/cutover.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { HOURS_MS, indexOption, patience, tableAsked, yesOption } from './asking.ts';
import { driftText } from './drift.ts';

/** A batch that still knows an index may be under way for as long as sync's timeout, and remembers its alias for 10 s more. */
export const FORGOTTEN_MS = 75_000;

const run = async ({ config, region, values, progress }: CommandCall): Promise<CommandResult> => {
  const table = tableAsked(config, values.index);
  const upkeep = openUpkeep(config, region);
  const ports = {
    ...upkeep.portsOf(table, patience(HOURS_MS)),
    census: openSearchCensus(upkeep.http),
    swap: (alias: string, written: Parameters<typeof swapGenerations>[2]) =>
      swapGenerations(upkeep.http, alias, written),
  };
  if (values.finish) {
    const { shadow } = await ports.generations.of(table.index);
    if (shadow === undefined) throw new UsageError(`${table.index} has no second index`);
    if (!values.yes) {
      const text = `would let go of ${indexOf(shadow)}, which is not searched, and delete it: there is no way back to it. Nothing was done: add --yes.`;
      return { json: { would: 'drop', index: indexOf(shadow) }, text };
    }
    if (!(await ports.generations.abandon(table.index, shadow))) throw new Error('the indexes changed: look again');
    progress(
      `${indexOf(shadow)} gets no more writes; it is deleted in ${FORGOTTEN_MS / 1_000} s, when no batch can know it any more`,
    );
    await sleep(FORGOTTEN_MS);
    await dropIndex(upkeep.http, indexOf(shadow), table.index, table.name);
    return { json: { dropped: indexOf(shadow) }, text: `${indexOf(shadow)} is deleted` };
  }
  const options = { repair: values.yes === true, segments: 4, settleMs: 5_000, progress };
  const end = await cutOver(ports, targetOf(table), values.yes === true, options);
  const drift = 'drift' in end ? [driftText(end.drift)] : [];
  return {
    json: end,
    text: [cutOverSentence(end), ...drift].join('\n'),
    exitCode: end.kind === 'refused' ? 1 : 0,
  };
};

/** `mainstay search cutover`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'cutover',
    summary: 'let searches go to the index that was built beside; once more is the way back',
    example: 'mainstay search cutover --index documents --yes',
    options: {
      ...indexOption,
      finish: { type: 'boolean', description: 'let go of the index that is not searched, and delete it' },
      ...yesOption('do it; without it the two are compared, and what would happen is said'),
    },
    run,
  },
];
