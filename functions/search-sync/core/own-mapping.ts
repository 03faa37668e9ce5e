import { rootFieldName } from './field-name.ts';
import type { Projection } from './projection.ts';

/** What a mapping file of the config may say: how some attributes are mapped, and the analysis that they use. */
export interface OwnMapping {
  /** By attribute of the index, in OpenSearch's words. */
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  settings: Readonly<Record<string, unknown>>;
}

export const NO_MAPPING: OwnMapping = { properties: {}, settings: {} };

/** Thrown with everything that is wrong with a mapping file. */
export class MappingError extends Error {
  constructor(file: string, problems: readonly string[]) {
    super(`${file}: ${problems.join('; ')}`);
    this.name = 'MappingError';
  }
}

/** Types that refuse a value they can't take, unless they are told to leave it out. */
const MALFORMABLE = new Set([
  'double',
  'float',
  'half_float',
  'scaled_float',
  'long',
  'integer',
  'short',
  'byte',
  'unsigned_long',
  'date',
  'date_nanos',
  'ip',
]);
const TEXTS = new Set(['text', 'keyword', 'wildcard', 'search_as_you_type', 'match_only_text']);
const SETTINGS = new Set([
  'analysis',
  'number_of_shards',
  'number_of_replicas',
  'refresh_interval',
  'codec',
  'similarity',
]);

/**
 * Checks a mapping file against what the table's config says. Throws MappingError with all problems at once: a field that is
 * not indexed, a type that could refuse a document, a name that is ours.
 */
export const readOwnMapping = (text: string, file: string, projection: Projection | undefined): OwnMapping => {
  const problems: string[] = [];
  let body: { properties?: unknown; settings?: unknown };
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new MappingError(file, [`expected JSON: ${(error as Error).message}`]);
  }
  if (!isObject(body)) throw new MappingError(file, ['expected { properties, settings? }']);
  for (const name of Object.keys(body)) {
    if (name !== 'properties' && name !== 'settings') problems.push(`${name}: expected only properties and settings`);
  }
  const { properties = {}, settings = {} } = body;
  if (!isObject(properties)) problems.push('properties: expected an object');
  else for (const [name, field] of Object.entries(properties)) problems.push(...fieldProblems(name, field, projection));
  if (!isObject(settings)) problems.push('settings: expected an object');
  else {
    for (const name of Object.keys(settings)) {
      if (!SETTINGS.has(name)) problems.push(`settings.${name}: expected one of ${[...SETTINGS].join(', ')}`);
    }
  }
  if (problems.length > 0) throw new MappingError(file, problems);
  return { properties: properties as OwnMapping['properties'], settings: settings as OwnMapping['settings'] };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldProblems = (name: string, field: unknown, projection: Projection | undefined): string[] => {
  const problems: string[] = [];
  if (rootFieldName(name) !== name || name === '') {
    problems.push(`properties.${name}: expected an attribute's name without "_" at its beginning, dots and "~"`);
  }
  if (!isIndexed(name, projection)) problems.push(`properties.${name}: the config's project does not index it`);
  const type = isObject(field) ? field.type : undefined;
  if (typeof type !== 'string' || !(MALFORMABLE.has(type) || TEXTS.has(type))) {
    problems.push(
      `properties.${name}.type: expected one of ${[...TEXTS, ...MALFORMABLE].join(', ')}: others refuse a document whose value they can't take`,
    );
  }
  if (isObject(field) && field.properties !== undefined) {
    problems.push(`properties.${name}.properties: maps are in _maps, whatever their shape`);
  }
  return problems;
};

/** True when some attribute can come into the index under this name. */
const isIndexed = (name: string, projection: Projection | undefined): boolean => {
  const { include, exclude, rename = {} } = projection ?? {};
  const from =
    Object.entries(rename).find(([, to]) => to === name)?.[0] ?? (Object.hasOwn(rename, name) ? undefined : name);
  return from !== undefined && (include === undefined || include.includes(from)) && !exclude?.includes(from);
};

/** A field as it goes to OpenSearch: no value of it may refuse a document, and a search without a field name asks it. */
export const guardedField = (field: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  copy_to: '_text',
  ...field,
  ...(MALFORMABLE.has(String(field.type)) && { ignore_malformed: true }),
  ...(field.type === 'keyword' && field.ignore_above === undefined && { ignore_above: 1_024 }),
  // Exact values and facets ask for this.
  ...(field.type === 'text' && {
    fields: { keyword: { type: 'keyword', ignore_above: 1_024 }, ...(field.fields as object | undefined) },
  }),
});

/** What an index is, as its `_meta` says, and the fields that it has by now. */
export interface PresentMapping {
  layout: number;
  own: OwnMapping;
  fields: readonly string[];
}

export type MappingPlan =
  | { kind: 'same' }
  /** Fields that no document has yet: they can be added to the index as it is. */
  | { kind: 'extend'; fields: string[] }
  /** Only a new index can have it. */
  | { kind: 'rebuild'; reasons: string[] };

/** What has to be done so that an index is as the config wants it. A field's type and the analysis are for ever. */
export const planMapping = (present: PresentMapping, layout: number, wanted: OwnMapping): MappingPlan => {
  const reasons: string[] = [];
  if (present.layout !== layout) reasons.push(`its layout is ${present.layout}, and this version writes ${layout}`);
  const names = new Set([...Object.keys(present.own.settings), ...Object.keys(wanted.settings)]);
  for (const name of names) {
    if (!same(present.own.settings[name], wanted.settings[name])) reasons.push(`settings.${name} differs`);
  }
  const fields: string[] = [];
  for (const [name, field] of Object.entries(wanted.properties)) {
    const before = present.own.properties[name];
    if (before === undefined && !present.fields.includes(name)) fields.push(name);
    else if (before === undefined) reasons.push(`${name} is there already, mapped by its first values`);
    else if (!same(before, field)) reasons.push(`${name}: ${canonical(before)} → ${canonical(field)}`);
  }
  for (const name of Object.keys(present.own.properties)) {
    if (wanted.properties[name] === undefined) reasons.push(`${name} has a mapping of its own no more`);
  }
  if (reasons.length > 0) return { kind: 'rebuild', reasons };
  return fields.length > 0 ? { kind: 'extend', fields } : { kind: 'same' };
};

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? 'nothing';

/** One sentence about the plan of one index. */
export const mappingSentence = (alias: string, index: string, plan: MappingPlan): string => {
  switch (plan.kind) {
    case 'same':
      return `${alias} → ${index}: there already, and as the config wants it`;
    case 'extend':
      return `${alias} → ${index}: takes on ${plan.fields.join(', ')}`;
    case 'rebuild':
      return (
        `${alias} → ${index}: needs a new index: ${plan.reasons.join('; ')}. It goes on as it is; to change over: ` +
        '"mainstay search backfill --new --yes", then "mainstay search cutover --yes"'
      );
  }
};
