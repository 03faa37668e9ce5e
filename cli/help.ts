import type { Command } from './command.ts';

/** Options that every command has. */
export const frameOptions = {
  help: { type: 'boolean', description: 'show this help' },
  json: { type: 'boolean', description: 'print JSON instead of text' },
  stage: { type: 'string', description: 'the deployment: config/<stage>.yml (default: $MAINSTAY_STAGE, else local)' },
  config: { type: 'string', description: 'another config file' },
  region: { type: 'string', description: 'a region of the config (default: where the wing lives)' },
  'endpoint-url': { type: 'string', description: 'an AWS to talk to other than AWS (default: $AWS_ENDPOINT_URL)' },
} as const;

const optionLines = (options: NonNullable<Command['options']>): string =>
  Object.entries(options)
    .map(
      ([name, { type, description }]) => `  ${`--${name}${type === 'string' ? ' X' : ''}`.padEnd(20)} ${description}`,
    )
    .join('\n');

/** Help for one command, with an example that works. */
export const helpFor = (command: Command): string =>
  [
    `mainstay ${command.wing} ${command.verb}${command.usage ? ` ${command.usage}` : ''}`,
    `  ${command.summary}`,
    '',
    'Options',
    ...(command.options ? [optionLines(command.options)] : []),
    optionLines(frameOptions),
    '',
    'Example',
    `  ${command.example}`,
  ].join('\n');

/** The list of commands, of one wing where it is named. */
export const helpForAll = (commands: readonly Command[], wing?: string): string => {
  const shown = commands.some((command) => command.wing === wing)
    ? commands.filter((command) => command.wing === wing)
    : commands;
  return [
    'mainstay <wing> <verb> [options]',
    '',
    ...shown.map((command) => `  ${`${command.wing} ${command.verb}`.padEnd(24)} ${command.summary}`),
    '',
    'mainstay <wing> <verb> --help shows options and an example.',
  ].join('\n');
};
