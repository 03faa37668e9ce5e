import { S3Client } from '@aws-sdk/client-s3';
import { s3LetterBox } from '../../functions/search-sync/aws/s3-letter-box.ts';
import { openUpkeep } from '../../functions/search-sync/aws/upkeep-wiring.ts';
import { deadLetterBucket, targetOf } from '../../functions/search-sync/aws/wiring.ts';
import { replaySentence } from '../../functions/search-sync/core/sentences.ts';
import { replayLetters } from '../../functions/search-sync/run/replay.ts';
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
        `${many} dead letters. They would be repaired from the table, and removed where that succeeds: add --yes.`,
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
  let count = 0;
  const ends = await replayLetters(box, tables, {
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
    summary: 'repair what the dead letters are about, from the table, and remove those that are settled',
    example: 'mainstay search replay --yes',
    options: yesOption('do it; without it the letters are listed'),
    run: replay,
  },
];
