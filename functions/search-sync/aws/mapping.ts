import { guardedField, NO_MAPPING, type OwnMapping } from '../core/own-mapping.ts';

/** Written into every index of ours: another's is never touched. */
export const OWNER = 'mainstay';
/** Raised with every change that an existing index can't take on: such an index is built anew. */
export const LAYOUT = 2;

const unread = { type: 'keyword', index: false, doc_values: false } as const;

/**
 * How documents are mapped. Root fields are text, numbers or flags (core/placement.ts sees to it), so no document can
 * break the type that another one gave a field: numbers that are not are ignored in their field, not refused. Every
 * text and number is also in `_text`, which a search without a field name asks.
 */
export const documentIndex = (table: string, own: OwnMapping = NO_MAPPING) => ({
  settings: {
    index: {
      number_of_shards: 1,
      ...own.settings,
      // A delete leaves a tombstone with its version this long; a write that comes later than that would bring the
      // document back. The default of 60 s is shorter than a Lambda's retries.
      gc_deletes: '10m',
      'mapping.total_fields.limit': 2_000,
    },
  },
  mappings: {
    _meta: indexMeta(table, own),
    dynamic: true,
    date_detection: false,
    numeric_detection: false,
    dynamic_templates: [
      { text: { match_mapping_type: 'string', mapping: textField } },
      { whole: { match_mapping_type: 'long', mapping: numberField } },
      { fraction: { match_mapping_type: 'double', mapping: numberField } },
      { flag: { match_mapping_type: 'boolean', mapping: { type: 'keyword', ignore_above: 1_024, copy_to: '_text' } } },
    ],
    properties: {
      ...ownFields(own),
      _text: { type: 'text' },
      _maps: { type: 'flat_object' },
      _stored: { type: 'object', enabled: false },
      _sync: {
        dynamic: false,
        properties: {
          k: { type: 'object', enabled: false },
          // The id once more, to sort by: one place for every hit, so that a page never skips a tie.
          i: { type: 'keyword', index: false },
          s: unread,
          g: unread,
          t: { type: 'long' },
          h: unread,
          b: { type: 'short' },
          h1: { type: 'integer' },
          h2: { type: 'integer' },
          st: { type: 'keyword' },
          why: { type: 'text' },
          src: { type: 'keyword' },
        },
      },
    },
  },
});

/** What is written into an index about itself. */
export const indexMeta = (table: string, own: OwnMapping) => ({ owner: OWNER, layout: LAYOUT, table, own });

/** The fields of a mapping file, by their names in the index. */
export const ownFields = ({ properties }: OwnMapping) =>
  Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, guardedField(field)]));

const textField = {
  type: 'text',
  copy_to: '_text',
  fields: { keyword: { type: 'keyword', ignore_above: 1_024 } },
} as const;

/** A double for searching; the exact digits stay in the document, which is never rewritten. */
const numberField = { type: 'double', ignore_malformed: true, copy_to: '_text' } as const;

/** The template of a log group's day indexes. */
export const logTemplate = (indexPrefix: string) => ({
  index_patterns: [`${indexPrefix}-*`],
  priority: 200,
  _meta: { owner: OWNER, layout: LAYOUT },
  template: {
    settings: { index: { number_of_shards: 1 } },
    mappings: {
      _meta: { owner: OWNER, layout: LAYOUT },
      dynamic: false,
      properties: {
        '@timestamp': { type: 'date', format: 'epoch_millis' },
        message: { type: 'text' },
        logGroup: { type: 'keyword' },
        logStream: { type: 'keyword' },
        // PostgreSQL's (core/postgres-log.ts).
        loggedAt: { type: 'date', format: 'epoch_millis' },
        severity: { type: 'keyword' },
        durationMs: { type: 'double' },
        statement: { type: 'text' },
        parameters: { type: 'text' },
        detail: { type: 'text' },
        hint: { type: 'text' },
        context: { type: 'text' },
        user: { type: 'keyword', ignore_above: 256 },
        database: { type: 'keyword', ignore_above: 256 },
        application: { type: 'keyword', ignore_above: 256 },
        remote: { type: 'keyword', ignore_above: 256 },
        pid: { type: 'keyword' },
        session: { type: 'keyword' },
        sqlState: { type: 'keyword' },
        command: { type: 'keyword', ignore_above: 256 },
        events: { type: 'integer' },
      },
    },
  },
});
