import { setTimeout as sleep } from 'node:timers/promises';
import { beginShadow } from '../../functions/search-sync/aws/ensure-index.ts';
import { writeAlias } from '../../functions/search-sync/aws/generations.ts';
import { tableSize } from '../../functions/search-sync/aws/table-size.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { scanUnits } from '../../functions/search-sync/core/drift.ts';
import {
  type Fill,
  type FillProgress,
  fillProgress,
  freshFill,
  isFilled,
} from '../../functions/search-sync/core/fill.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { bar, HOURS_MS, indexOption, numberAsked, patience, tableAsked, yesOption } from './asking.ts';
import { mappingOf } from './mapping-file.ts';

const LOOK_EVERY_MS = 1_000;

const backfill = async (call: CommandCall): Promise<CommandResult> => {
  const { config, region, values, progress } = call;
  const table = tableAsked(config, values.index);
  const segments = numberAsked('segments', values.segments, 4, 1, 64);
  const upkeep = openUpkeep(config, region);
  const size = await tableSize(upkeep.dynamo, table.name);
  const { generations } = upkeep.portsOf(table, patience(HOURS_MS));
  const written = await generations.of(table.index);
  const index = written.shadow ?? written.serving;
  const parts = await upkeep.fills.parts(index);
  const isOpen = parts.length > 0 && !isFilled(fillProgress(parts));
  if (!values.yes) {
    const cost = `about ${scanUnits(size.bytes, true)} read units for the reading, and up to twice that for what differs`;
    const what = values.new
      ? `would make the next index of ${table.index} and fill it`
      : isOpen
        ? `would go on filling ${index}`
        : `would compare ${index} with every item, and write what differs`;
    return {
      json: { table: table.name, index, would: what, items: size.items, bytes: size.bytes, goesOn: isOpen },
      text: `${table.name}: ${what}: ${size.items} items as last counted, ${cost}. Nothing was done: add --yes.`,
    };
  }
  const target = values.new
    ? writeAlias(await beginShadow(upkeep.http, table.index, table.name, await mappingOf(table, call)))
    : index;
  const fresh = (segment: number) => freshFill(target, segment, segments, Date.now());
  const begun: Fill[] =
    isOpen && !values.new && !values.again ? parts : Array.from({ length: segments }, (_, segment) => fresh(segment));
  if (begun !== parts) await upkeep.fills.begin(begun);
  for (const { done, segment } of begun) {
    if (!done) await upkeep.continuations.send({ table: table.name, index: target, segment });
  }
  if (values.detach) {
    return { json: fillProgress(begun), text: `${target} is being filled. How far: mainstay search status` };
  }
  const end = await watched(() => upkeep.fills.parts(target), size.items, progress);
  return { json: end, text: filledText(end), exitCode: isFilled(end) ? 0 : 1 };
};

/** Looks until every part is read. Whoever stops looking stops nothing: the function goes on by its messages. */
const watched = async (
  look: () => Promise<Fill[]>,
  items: number,
  progress: (line: string) => void,
): Promise<FillProgress | undefined> => {
  for (;;) {
    const now = fillProgress(await look());
    if (now === undefined || isFilled(now)) return now;
    const quietSeconds = Math.round((Date.now() - (now.quietSinceMs ?? Date.now())) / 1_000);
    progress(
      `${bar(now.items, Math.max(items, now.items + 1))}  ${now.items} items, ${now.written} written` +
        `${quietSeconds > 120 ? `; the slowest part has not moved for ${quietSeconds} s: see the log of upkeep` : ''}`,
    );
    await sleep(LOOK_EVERY_MS);
  }
};

const filledText = (end: FillProgress | undefined): string =>
  end === undefined
    ? 'its cursors are gone: begin it again'
    : `${end.index}: filled: ${end.items} items read, ${end.written} written, ${end.stubbed} of them stubs. ` +
      'Next: mainstay search drift';

/** `mainstay search backfill`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'backfill',
    summary: 'fill an index from its table beside the stream; --new builds the next one',
    example: 'mainstay search backfill --index documents --new --yes',
    options: {
      ...indexOption,
      new: { type: 'boolean', description: 'make the next index, empty, and fill that: searches stay where they are' },
      again: { type: 'boolean', description: 'begin from the first item, where one is half way' },
      segments: { type: 'string', description: 'parts that are read at once, 1 to 64 (default: 4)' },
      detach: { type: 'boolean', description: 'do not wait for the end' },
      ...yesOption('do it; without it only what it would do is said'),
    },
    run: backfill,
  },
];
