/** What a line of PostgreSQL's log says before its text; what the server's prefix does not print is left out. */
export interface PrefixFields {
  /** Epoch milliseconds; only where the line names UTC or GMT, as RDS does. */
  atMs?: number;
  user?: string;
  database?: string;
  application?: string;
  remote?: string;
  pid?: string;
  session?: string;
  sqlState?: string;
  command?: string;
}

/** Thrown for a prefix that lines can't be told apart with: said when the config is read. */
export class PrefixError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PrefixError';
  }
}

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:[A-Za-z]{1,6}|[+-]\d\d(?::?\d\d)?)`;
const WORD = '[^ ]*?';

/** Escapes of log_line_prefix (docs: postgresql.org, runtime-config-logging) as [group, pattern]. */
const ESCAPES: Readonly<Record<string, readonly [name: string | undefined, pattern: string]>> = {
  a: ['application', '.*?'],
  u: ['user', '.*?'],
  d: ['database', '.*?'],
  r: ['remote', String.raw`(?:\[local\]|[^ ]*?\(\d+\)|[^ ]*?)`],
  h: ['remote', WORD],
  b: [undefined, '.*?'],
  p: ['pid', String.raw`\d+`],
  P: [undefined, String.raw`\d*`],
  t: ['time', TIME],
  m: ['time', TIME],
  n: ['epoch', String.raw`\d+(?:\.\d+)?`],
  i: ['command', '.*?'],
  e: ['sqlState', '[0-9A-Z]{5}'],
  c: ['session', String.raw`[0-9a-f]+\.[0-9a-f]+`],
  l: [undefined, String.raw`\d+`],
  s: [undefined, TIME],
  v: [undefined, WORD],
  x: [undefined, String.raw`\d+`],
  Q: [undefined, String.raw`-?\d+`],
  L: [undefined, WORD],
};

/** A line taken apart; undefined when it does not begin with the prefix: it belongs to the line before. */
export type PrefixReader = (line: string) => { fields: PrefixFields; rest: string } | undefined;

/** Makes a reader of a log_line_prefix. Throws PrefixError for an escape that PostgreSQL has not. */
export const prefixReader = (prefix: string): PrefixReader => {
  let pattern = '';
  let optional = 0;
  const named = new Set<string>();
  for (let at = 0; at < prefix.length; at++) {
    if (prefix[at] !== '%') {
      pattern += escaped(prefix[at] as string);
      continue;
    }
    // A number between: padding, to the right by default, to the left when negative.
    const padding = /^-?\d+/.exec(prefix.slice(at + 1))?.[0] ?? '';
    at += padding.length + 1;
    const letter = prefix[at] ?? '';
    if (letter === '%') pattern += '%';
    else if (letter === 'q') {
      // What follows is printed by sessions and not by the server's own processes.
      pattern += '(?:';
      optional++;
    } else {
      const found = ESCAPES[letter];
      if (found === undefined) throw new PrefixError(`log_line_prefix has no escape %${letter}`);
      const [name, inner] = found;
      const group = name === undefined || named.has(name) ? `(?:${inner})` : `(?<${name}>${inner})`;
      if (name !== undefined) named.add(name);
      pattern += padding === '' ? group : ` *${group} *`;
    }
  }
  if (!named.has('time') && !named.has('epoch') && !named.has('pid') && !named.has('session')) {
    throw new PrefixError(
      'log_line_prefix needs %t, %m, %n, %p or %c: without one no line can be told from the text of another',
    );
  }
  const whole = new RegExp(`^${pattern}${')?'.repeat(optional)}(?=[A-Z])`);
  return (line) => {
    const match = whole.exec(line);
    return match === null ? undefined : { fields: fieldsOf(match.groups ?? {}), rest: line.slice(match[0].length) };
  };
};

const escaped = (character: string): string => character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const fieldsOf = ({ time, epoch, ...texts }: Record<string, string | undefined>): PrefixFields => {
  const atMs = epoch === undefined ? timeOf(time) : Math.round(Number(epoch) * 1_000);
  const said = Object.entries(texts).filter(([, text]) => text !== undefined && text !== '' && text !== '[unknown]');
  return { ...(atMs !== undefined && { atMs }), ...Object.fromEntries(said) };
};

/** Only what names its zone as UTC: the offsets of others change with the season, and a wrong time is worse than none. */
const timeOf = (text: string | undefined): number | undefined => {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? (?:UTC|GMT)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1_000);
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const ofEra = (y - era * 400) * 365 + Math.floor((y - era * 400) / 4) - Math.floor((y - era * 400) / 100) + dayOfYear;
  return (((era * 146_097 + ofEra - 719_468) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + ms;
};
