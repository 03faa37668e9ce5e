import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, YAMLParseError } from 'yaml';
import { ConfigError, parseConfig } from './load.ts';
import type { Config } from './schema.ts';

/** Where a stage's config lies: an explicit path, MAINSTAY_CONFIG, or config/<stage>.yml. */
export const configPath = (stage: string, path = process.env.MAINSTAY_CONFIG): string =>
  path ?? fileURLToPath(new URL(`../../config/${stage}.yml`, import.meta.url));

/** Reads and checks a config file. For commands and the build: a function reads dist/config.json and has no YAML parser. */
export const readConfigFile = async (stage: string, path?: string): Promise<Config> => {
  const file = configPath(stage, path);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(file, [
      {
        path: '(the whole file)',
        value: error.code ?? 'unreadable',
        expected: `expected a config file for stage ${stage}`,
      },
    ]);
  });
  try {
    return parseConfig(parse(text), file);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigError(file, [
      { path: `line ${error.linePos?.[0]?.line ?? '?'}`, value: error.code, expected: 'expected YAML' },
    ]);
  }
};
