import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Config, ConfigSchema, type RegionRole } from './schema.ts';

export interface ConfigProblem {
  path: string;
  value: string;
  expected: string;
}

/** Every problem of a config file at once, each with where, what it was and what was expected. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(source: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, value, expected }) => `  ${path}: ${value} — ${expected}`);
    super(`${source} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Checks a parsed config file; throws ConfigError with every problem, or gives a frozen Config. */
export const parseConfig = (input: unknown, source = 'the config'): Config => {
  const result = v.safeParse(ConfigSchema, input);
  if (!result.success) throw new ConfigError(source, result.issues.map(problemOf));
  return Object.freeze(result.output);
};

/** Which role a region plays in this deployment, or undefined when it plays none. */
export const roleOf = (config: Config, region: string): RegionRole | undefined =>
  (Object.entries(config.regions) as [RegionRole, string][]).find(([, name]) => name === region)?.[0];

let deployed: Config | undefined;

/** The config that was packaged beside the bundles (dist/config.json), read once. */
export const deployedConfig = (): Config => {
  deployed ??= parseConfig(
    JSON.parse(readFileSync(new URL('../config.json', import.meta.url), 'utf8')),
    'dist/config.json',
  );
  return deployed;
};

const problemOf = (issue: v.BaseIssue<unknown>): ConfigProblem => ({
  path: v.getDotPath(issue) ?? '(the whole file)',
  value: issue.input === undefined ? 'missing' : JSON.stringify(issue.input),
  expected: issue.message.startsWith('expected')
    ? issue.message
    : // valibot expects `never` where a key has no setting.
      `expected ${issue.expected === null || issue.expected === 'never' ? 'nothing: unknown setting' : issue.expected}`,
});
