import { S3Client } from '@aws-sdk/client-s3';
import { openSearchDayIndexes } from '../../functions/search-sync/aws/day-indexes.ts';
import { openDeadLetters } from '../../functions/search-sync/aws/dead-letter-wiring.ts';
import { ensureLogTemplate } from '../../functions/search-sync/aws/ensure-index.ts';
import { s3LetterBox } from '../../functions/search-sync/aws/s3-letter-box.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { deadLetterBucket, targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { replaySentence } from '../../functions/search-sync/core/sentences.ts';
import { replayLetters } from '../../functions/search-sync/run/replay.ts';
import { replayLogs } from '../../functions/search-sync/run/replay-logs.ts';
import { clientConfig, isLocalEndpoint } from '../../shared/aws/client-config.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { table as textTable } from '../table.ts';
import { HOURS_MS, patience, yesOption } from './asking.ts';

const SHOWN = 50;

const replay = async ({ config, region, values, progress }: CommandCall): Promise<CommandResult> => {
  const upkeep = openUpkeep(config, region);
  const s3 = new S3Client({ ...clientConfig(region), forcePathStyle: isLocalEndpoint() });
  const box = s3LetterBox(s3, deadLetterBucket(config), config.account);
  if (!values.yes) {
    const { names, next } = await box.list();
    const many = `${names.length}${next === undefined ? '' : ' or more'}`;
    const shown = names.slice(0, SHOWN);
    return {
      json: { letters: names, more: next !== undefined },
      text: [
        `${many} dead letters. Items would be repaired from their table and logs put back from the letter, and a letter removed where that succeeds: add --yes.`,
        ...shown,
      ].join('\n'),
    };
  }
  const tables = new Map(
    config.search.tables.map((table) => [
      table.name,
      { ports: upkeep.portsOf(table, patience(HOURS_MS)), target: targetOf(table) },
    ]),
  );
  const { logs } = config.search;
  for (const { indexPrefix } of logs) await ensureLogTemplate(upkeep.http, indexPrefix);
  const logPorts = {
    index: upkeep.index,
    days: openSearchDayIndexes(upkeep.http),
    deadLetters: openDeadLetters(config, region),
    patience: patience(HOURS_MS),
    hash: upkeep.hash,
  };
  let count = 0;
  const ends = await replayLetters(box, tables, replayLogs(logPorts, logs), {
    remove: true,
    progress: (one) => progress(`${++count}: ${one.kind}: ${one.name}`),
  });
  const left = ends.flatMap((one) => (one.kind === 'settled' ? [] : [[one.kind, one.name, one.reason]]));
  return {
    json: ends,
    text: [
      replaySentence(ends),
      ...(left.length > 0 ? [textTable(['letter is', 'name', 'why'], left.slice(0, SHOWN))] : []),
    ].join('\n'),
    exitCode: ends.some(({ kind }) => kind === 'failed') ? 1 : 0,
  };
};

/** `mainstay search replay`. */
export const commands: Command[] = [
  {
    wing: 'search',
    verb: 'replay',
    summary: 'repair what the dead letters are about, put logs back, and remove the letters that are settled',
    example: 'mainstay search replay --yes',
    options: yesOption('do it; without it the letters are listed'),
    run: replay,
  },
];
