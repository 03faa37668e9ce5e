import { type CommandCall, UsageError } from './command.ts';

/** An option's text. One without a value would be left out, and the answer be about something else. */
export const textOf = (call: CommandCall, name: string): string | undefined => {
  const value = call.values[name];
  if (typeof value === 'string' && value !== '') return value;
  if (value === undefined || value === false) return undefined;
  throw new UsageError(`--${name} needs a value`);
};

/** Refuses words behind a verb that takes none: "total acme" is not a total of acme. */
export const nothingMore = ({ positionals }: CommandCall): void => {
  if (positionals.length > 0) throw new UsageError(`unexpected "${positionals.join(' ')}": expected options only`);
};

/** The one word behind a verb. */
export const only = ({ positionals: [first, ...more] }: CommandCall, what: string): string => {
  if (first === undefined || more.length > 0) throw new UsageError(`expected ${what}`);
  return first;
};

/** `NAME=VALUE` as a query has it. */
export const attributeOf = (pair: string): { attribute: string; value: string } => {
  const [attribute = '', ...rest] = pair.split('=');
  if (attribute === '' || rest.join('=') === '') throw new UsageError(`${pair}: expected NAME=VALUE`);
  return { attribute, value: rest.join('=') };
};
