#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { errorText } from '../shared/aws/errors.ts';
import { readConfigFile } from '../shared/config/file.ts';
import { ConfigError } from '../shared/config/load.ts';
import { pinnedRole, WrongPlaceError } from '../shared/lambda/pinned.ts';
import { caller } from './caller.ts';
import { type Command, UsageError } from './command.ts';
import { commands } from './commands.ts';
import { frameOptions, helpFor, helpForAll } from './help.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: optionsOf(process.argv.slice(2)),
});
const [wing, verb, ...rest] = positionals;
const command = commands.find((one) => one.wing === wing && one.verb === verb);

if (command === undefined) {
  const asked = values.help === true || wing === undefined;
  process[asked ? 'stdout' : 'stderr'].write(
    `${asked ? '' : `mainstay: no command "${positionals.join(' ')}"\n\n`}${helpForAll(commands, wing)}\n`,
  );
  process.exitCode = asked ? 0 : 2;
} else if (values.help === true) {
  process.stdout.write(`${helpFor(command)}\n`);
} else {
  process.exitCode = await run(command);
}

async function run(chosen: Command): Promise<number> {
  try {
    const unknown = Object.keys(values).filter((key) => !(key in frameOptions) && !(key in (chosen.options ?? {})));
    if (unknown.length > 0) throw new UsageError(`unknown option --${unknown.join(', --')}`);
    if (typeof values['endpoint-url'] === 'string') process.env.AWS_ENDPOINT_URL = values['endpoint-url'];
    const config = await readConfigFile(
      String(values.stage ?? process.env.MAINSTAY_STAGE ?? 'local'),
      values.config as string | undefined,
    );
    const region = String(values.region ?? config.regions[chosen.wing === 'failover' ? 'recovery' : 'primary']);
    const { account } = await caller(region);
    pinnedRole(config, account, region);
    const call = { config, account: config.account, region, positionals: rest, values };
    const progress = values.json ? () => {} : (line: string) => void process.stderr.write(`${line}\n`);
    const result = await chosen.run({ ...call, progress });
    process.stdout.write(values.json ? `${JSON.stringify(result.json, bigintAsText, 2)}\n` : `${result.text}\n`);
    return result.exitCode ?? 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`mainstay ${chosen.wing} ${chosen.verb}: ${error.message}\n\n${helpFor(chosen)}\n`);
      return 2;
    }
    const text = error instanceof ConfigError || error instanceof WrongPlaceError ? error.message : errorText(error);
    process.stderr.write(`mainstay ${chosen.wing} ${chosen.verb}: ${text}\n`);
    return 1;
  }
}

function optionsOf(argv: readonly string[]) {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const chosen = commands.find((one) => one.wing === first && one.verb === second);
  return { ...frameOptions, ...chosen?.options };
}

function bigintAsText(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
