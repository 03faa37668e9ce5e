import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NO_MAPPING, type OwnMapping, readOwnMapping } from '../../functions/search-sync/core/own-mapping.ts';
import { configPath } from '../../shared/config/file.ts';
import type { SearchTableConfig } from '../../shared/config/schema.ts';
import { type CommandCall, UsageError } from '../command.ts';

/** The mapping file of a table, read and checked against its config. It lies beside the config that the command reads. */
export const mappingOf = async (
  { mapping, project }: SearchTableConfig,
  { values }: Pick<CommandCall, 'values'>,
): Promise<OwnMapping> => {
  if (mapping === undefined) return NO_MAPPING;
  const stage = String(values.stage ?? process.env.MAINSTAY_STAGE ?? 'local');
  const file = join(dirname(configPath(stage, values.config as string | undefined)), mapping);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file}: the config names it as a mapping, and it can't be read`);
  });
  return readOwnMapping(text, file, project);
};
