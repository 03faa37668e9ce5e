import { openSearchCensus } from '../../functions/search-sync/aws/opensearch-census.ts';
import { tableSize } from '../../functions/search-sync/aws/table-size.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { type DriftReport, isEqualNow, scanUnits } from '../../functions/search-sync/core/drift.ts';
import { plainItem } from '../../functions/search-sync/core/plain.ts';
import { driftSentence } from '../../functions/search-sync/core/sentences.ts';
import { checkDrift } from '../../functions/search-sync/run/drift.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { table as textTable } from '../table.ts';
import { HOURS_MS, indexOption, numberAsked, patience, tableAsked, yesOption } from './asking.ts';

const drift = async ({ config, region, values, progress }: CommandCall): Promise<CommandResult> => {
  if (values.repair && !values.yes) throw new UsageError('--repair writes to the index: add --yes');
  const table = tableAsked(config, values.index);
  const upkeep = openUpkeep(config, region);
  const ports = { ...upkeep.portsOf(table, patience(HOURS_MS)), census: openSearchCensus(upkeep.http) };
  const size = await tableSize(upkeep.dynamo, table.name);
  progress(
    `${table.name}: ${size.items} items as last counted: reading them costs about ${scanUnits(size.bytes, false)} read units, ` +
      'and the same again where something differs',
  );
  const written = await ports.generations.of(table.index);
  const reports: DriftReport[] = [];
  for (const index of [written.serving, written.shadow]) {
    if (index === undefined) continue;
    const options = {
      repair: values.repair === true,
      segments: numberAsked('segments', values.segments, 4, 1, 64),
      settleMs: 5_000,
      progress,
    };
    reports.push(await checkDrift(ports, { ...targetOf(table), index }, options));
  }
  const isClean = reports.every(isEqualNow);
  return {
    json: reports.map((report) => ({ ...report, examples: examplesOf(report) })),
    text: reports.map(driftText).join('\n\n'),
    exitCode: isClean ? 0 : 1,
  };
};

/** The first keys that differ, as plain values. */
export const examplesOf = ({ examples }: DriftReport) =>
  examples.map(({ difference, keys }) => ({ difference, keys: plainItem(keys) }));

/** The sentence, and the first keys that differ. */
export const driftText = (report: DriftReport): string => {
  const rows = examplesOf(report).map(({ difference, keys }) => [difference, JSON.stringify(keys)]);
  return [driftSentence(report), ...(rows.length > 0 ? [textTable(['differs', 'key'], rows)] : [])].join('\n');
};

/** `mainstay search drift`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'drift',
    summary: 'compare a table with its indexes, and say what it costs; --repair brings them together',
    example: 'mainstay search drift --index documents --repair --yes',
    options: {
      ...indexOption,
      segments: { type: 'string', description: 'parts of the table that are read at once, 1 to 64 (default: 4)' },
      repair: { type: 'boolean', description: 'repair what differs, from the table' },
      ...yesOption('with --repair: write'),
    },
    run: drift,
  },
];
