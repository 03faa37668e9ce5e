import type { LogEvent } from './log-events.ts';
import type { PrefixFields, PrefixReader } from './postgres-prefix.ts';
import type { Mask } from './secrets.ts';
import { stringText } from './value-text.ts';

/** One thing that PostgreSQL said: a line and all that belongs to it. */
export interface PostgresEntry extends PrefixFields {
  /** Of the first line: the document's id. */
  id: string;
  timestampMs: number;
  /** LOG, ERROR, FATAL …; undefined for a text whose first line came in another delivery. */
  severity?: string;
  message: string;
  detail?: string;
  hint?: string;
  context?: string;
  /** The SQL that it is about. */
  statement?: string;
  /** What was bound to the statement. */
  parameters?: string;
  durationMs?: number;
  /** How many events of the log it was put together from. */
  events: number;
}

const SEVERITY = /^(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC): +/;
/** Lines that say more of the one before, by the same process. */
const BELONGS = /^(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|BACKTRACE): +/;
const PLACE: Readonly<Record<string, 'detail' | 'hint' | 'context' | 'statement' | undefined>> = {
  DETAIL: 'detail',
  HINT: 'hint',
  CONTEXT: 'context',
  STATEMENT: 'statement',
  QUERY: 'statement',
};
/** What one document may hold of a text: a statement of a megabyte is still found by its first words. */
const LONGEST_TEXT = 200_000;

/**
 * Puts the lines of one delivery together, in their order: a line without the prefix goes on with the one before, a DETAIL,
 * HINT, CONTEXT or STATEMENT with the one before of the same process. Nothing is kept between deliveries: what comes first
 * in one and belongs to a line of another is an entry of its own, with its process and time, and is found beside it.
 */
export const postgresEntries = (events: readonly LogEvent[], read: PrefixReader, mask: Mask): PostgresEntry[] => {
  const entries: Raw[] = [];
  const latest = new Map<string, Raw>();
  let previous: Raw | undefined;
  for (const event of events) {
    const lines = event.message.replace(/\n+$/, '').split('\n');
    let isFirst = true;
    for (const line of lines) {
      const parsed = read(line);
      const belongs = parsed === undefined ? undefined : BELONGS.exec(parsed.rest)?.[1];
      const severity = parsed === undefined ? undefined : SEVERITY.exec(parsed.rest)?.[1];
      const process = parsed?.fields.session ?? parsed?.fields.pid ?? '';
      if (parsed === undefined || (belongs === undefined && severity === undefined)) {
        // A text that goes on. An event that begins like this, with nothing before it, stands for itself.
        if (previous === undefined) {
          previous = rawOf(event, {}, undefined);
          entries.push(previous);
        }
        // The server puts a tab after each line break of a text (its append_with_tabs), which was not in the text.
        const text = line.replace(/^\t/, '');
        previous.texts[previous.at] = [previous.texts[previous.at], text].filter((one) => one !== undefined).join('\n');
      } else {
        const text = parsed.rest.replace(belongs === undefined ? SEVERITY : BELONGS, '');
        const owner = belongs === undefined ? undefined : latest.get(process);
        if (owner === undefined) {
          previous = rawOf(event, parsed.fields, severity);
          // Two that begin in one event of the log need two ids.
          previous.part = isFirst ? 0 : entries.filter(({ id }) => id === event.id).length;
          entries.push(previous);
          latest.set(process, previous);
        } else previous = owner;
        previous.at = belongs === undefined ? 'message' : (PLACE[belongs] ?? 'context');
        previous.texts[previous.at] = [previous.texts[previous.at], text].filter((one) => one !== undefined).join('\n');
      }
      previous.ids.add(event.id);
      isFirst = false;
    }
  }
  return entries.map((raw) => entryOf(raw, mask));
};

interface Raw {
  id: string;
  part: number;
  timestampMs: number;
  fields: PrefixFields;
  severity: string | undefined;
  /** Where a text that goes on is added. */
  at: 'message' | 'detail' | 'hint' | 'context' | 'statement';
  texts: Partial<Record<'message' | 'detail' | 'hint' | 'context' | 'statement', string>>;
  ids: Set<string>;
}

const rawOf = ({ id, timestampMs }: LogEvent, fields: PrefixFields, severity: string | undefined): Raw => ({
  id,
  part: 0,
  timestampMs,
  fields,
  severity,
  at: 'message',
  texts: {},
  ids: new Set(),
});

const DURATION = /^duration: (\d+(?:\.\d+)?) ms(?:\s+|$)/;
const SAID = /^(?:statement|execute [^:]*|parse [^:]*|bind [^:]*|fastpath function call): /;

const entryOf = ({ id, part, timestampMs, fields, severity, texts, ids }: Raw, mask: Mask): PostgresEntry => {
  const { message = '', ...others } = texts;
  const duration = DURATION.exec(message);
  const after = duration === null ? message : message.slice(duration[0].length);
  const isStatement = SAID.exec(after);
  const statement = isStatement === null ? others.statement : after.slice(isStatement[0].length);
  const { detail, parameters } = detailOf(others.detail);
  const masked = (text: string | undefined) => (text === undefined ? undefined : mask(text).slice(0, LONGEST_TEXT));
  const said: Record<string, string | undefined> = {
    detail: masked(detail),
    hint: masked(others.hint),
    context: masked(others.context),
    statement: masked(statement),
    parameters: masked(parameters),
  };
  return {
    id: part === 0 ? id : `${id}-${part}`,
    timestampMs,
    ...fields,
    ...(severity !== undefined && { severity }),
    // The statement is not said twice.
    message: masked(isStatement === null ? message : message.slice(0, message.length - (statement ?? '').length)) ?? '',
    ...Object.fromEntries(Object.entries(said).filter(([, text]) => text !== undefined)),
    ...(duration !== null && { durationMs: Number(duration[1]) }),
    events: ids.size,
  };
};

/** `parameters: $1 = 'x'` is what was bound, and no detail of an error. */
const detailOf = (detail: string | undefined) => {
  const match = /^(?:Parameters|parameters): ([\s\S]*)$/.exec(detail ?? '');
  return match === null ? { detail, parameters: undefined } : { detail: undefined, parameters: match[1] };
};

/** An entry as a document of its day. */
export const postgresDocument = (logGroup: string, logStream: string, entry: PostgresEntry): string => {
  const { id: _, timestampMs, message, durationMs, events, atMs, ...texts } = entry;
  const parts = [
    `"@timestamp":${timestampMs}`,
    `"message":${stringText(message)}`,
    `"logGroup":${stringText(logGroup)}`,
    `"logStream":${stringText(logStream)}`,
    `"events":${events}`,
    ...(durationMs === undefined ? [] : [`"durationMs":${durationMs}`]),
    ...(atMs === undefined ? [] : [`"loggedAt":${atMs}`]),
    ...Object.entries(texts).map(([name, text]) => `${stringText(name)}:${stringText(String(text))}`),
  ];
  return `{${parts.join(',')}}`;
};
