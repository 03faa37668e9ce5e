import { type MappingPlan, NO_MAPPING, type OwnMapping, planMapping } from '../core/own-mapping.ts';
import { shadowAlias, writeAlias } from './generations.ts';
import { documentIndex, indexMeta, LAYOUT, logTemplate, OWNER, ownFields } from './mapping.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

/** Thrown when a name that we need belongs to something else: it is left as it is. */
export class NotOursError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotOursError';
  }
}

export type Prepared =
  | { kind: 'created'; alias: string; index: string }
  | { kind: 'present'; alias: string; index: string; plan: MappingPlan };

/**
 * The index of a table behind its alias: made when the alias is not there, refused when it is not ours; one that is ours
 * takes on the fields that it can, and says when only a new index can have what the config wants. Only ever by command,
 * never by the function that writes: an index that vanished is an incident, not a fresh start.
 */
export const ensureIndex = async (
  http: OpenSearchHttp,
  alias: string,
  table: string,
  own: OwnMapping = NO_MAPPING,
): Promise<Prepared> => {
  const found = await indexBehind(http, alias);
  if (found !== undefined) return present(http, alias, found, table, own);
  const index = `${alias}-v1`;
  const body = JSON.stringify({ ...documentIndex(table, own), aliases: { [alias]: {}, [writeAlias(index)]: {} } });
  const answer = await http.ask('PUT', `/${index}`, { body });
  if (answer.status < 300) return { kind: 'created', alias, index };
  // Two at once: the other one made it.
  if ((await indexBehind(http, alias)) === index) return present(http, alias, index, table, own);
  throw new NotOursError(`refused: the index ${index} can't be made: ${faultOf(answer)}`);
};

const present = async (
  http: OpenSearchHttp,
  alias: string,
  index: string,
  table: string,
  own: OwnMapping,
): Promise<Prepared> => {
  const { meta, fields } = await ourMapping(http, alias, index, table);
  const plan = planMapping({ layout: meta.layout ?? 0, own: meta.own ?? NO_MAPPING, fields }, LAYOUT, own);
  if (plan.kind === 'extend') {
    const body = JSON.stringify({ _meta: indexMeta(table, own), properties: ownFields(own) });
    const answer = await http.ask('PUT', `/${index}/_mapping`, { body });
    if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  }
  return { kind: 'present', alias, index, plan };
};

/** Makes the table's next index, empty, as the shadow of the one that is searched. Throws NotOursError when there is one. */
export const beginShadow = async (
  http: OpenSearchHttp,
  alias: string,
  table: string,
  own: OwnMapping = NO_MAPPING,
): Promise<string> => {
  const serving = await indexBehind(http, alias);
  if (serving !== undefined) await ourMapping(http, alias, serving, table);
  const shadow = await indexBehind(http, shadowAlias(alias));
  if (shadow !== undefined) throw new NotOursError(`refused: ${shadow} is being built for ${alias} already`);
  const present = await http.ask('GET', `/${alias}-v*/_alias`);
  if (present.status >= 300) throw new OpenSearchError(faultOf(present));
  const numbers = Object.keys(JSON.parse(present.text) as object).map((name) =>
    Number(/-v(\d+)$/.exec(name)?.[1] ?? 0),
  );
  const index = `${alias}-v${Math.max(0, ...numbers) + 1}`;
  const aliases = { [shadowAlias(alias)]: {}, [writeAlias(index)]: {} };
  const answer = await http.ask('PUT', `/${index}`, {
    body: JSON.stringify({ ...documentIndex(table, own), aliases }),
  });
  if (answer.status >= 300) throw new NotOursError(`refused: the index ${index} can't be made: ${faultOf(answer)}`);
  return index;
};

/** Indexes of this table that nothing is read from and no batch is written to: shadows that were let go of. */
export const leftovers = async (http: OpenSearchHttp, alias: string, table: string): Promise<string[]> => {
  const answer = await http.ask('GET', `/${alias}-v*`);
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const found = JSON.parse(answer.text) as Record<string, { aliases?: object; mappings?: { _meta?: Meta } }>;
  return Object.entries(found)
    .filter(([index, { aliases = {}, mappings }]) => {
      const isOurs = mappings?._meta?.owner === OWNER && mappings._meta.table === table;
      return isOurs && Object.keys(aliases).every((name) => name === writeAlias(index));
    })
    .map(([index]) => index)
    .sort();
};

/** Deletes an index of this table that nothing is read from or written to any more. Throws NotOursError for any other. */
export const dropIndex = async (http: OpenSearchHttp, index: string, alias: string, table: string): Promise<void> => {
  await ourMapping(http, alias, index, table);
  const answer = await http.ask('GET', `/${index}/_alias`);
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const { aliases = {} } = (JSON.parse(answer.text) as Record<string, { aliases?: object }>)[index] ?? {};
  const others = Object.keys(aliases).filter((name) => name !== writeAlias(index));
  if (others.length > 0) throw new NotOursError(`refused: ${index} still stands behind ${others.join(', ')}`);
  const gone = await http.ask('DELETE', `/${index}`);
  if (gone.status >= 300) throw new OpenSearchError(faultOf(gone));
};

/** The one index that an alias stands for; undefined when there is none. Throws NotOursError when the name is taken otherwise. */
export const indexBehind = async (http: OpenSearchHttp, alias: string): Promise<string | undefined> => {
  const answer = await http.ask('GET', `/_alias/${alias}`);
  if (answer.status === 404) {
    const asIndex = await http.ask('HEAD', `/${alias}`);
    if (asIndex.status === 404) return undefined;
    throw new NotOursError(`refused: ${alias} is an index and not an alias: it belongs to something else`);
  }
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const names = Object.keys(JSON.parse(answer.text) as object);
  if (names.length !== 1) {
    throw new NotOursError(`refused: the alias ${alias} stands for ${names.length} indexes: ${names.join(', ')}`);
  }
  return names[0];
};

/** What an index says of itself, and its fields. Throws NotOursError unless it is of this house and this table. */
const ourMapping = async (http: OpenSearchHttp, alias: string, index: string, table: string) => {
  const answer = await http.ask('GET', `/${index}/_mapping`);
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const { mappings } =
    (JSON.parse(answer.text) as Record<string, { mappings: { _meta?: Meta; properties?: object } }>)[index] ?? {};
  const meta = mappings?._meta;
  if (meta?.owner !== OWNER) throw new NotOursError(`refused: the index ${index} behind ${alias} is not ours`);
  if (meta.table !== table) {
    throw new NotOursError(`refused: the index ${index} holds the table ${meta.table}, not ${table}`);
  }
  return { meta, fields: Object.keys(mappings?.properties ?? {}) };
};

interface Meta {
  owner?: string;
  table?: string;
  layout?: number;
  own?: OwnMapping;
}

/** The template of a log group's day indexes; the same one twice is one. Refuses a template of that name that is not ours. */
export const ensureLogTemplate = async (http: OpenSearchHttp, indexPrefix: string): Promise<void> => {
  const path = `/_index_template/${OWNER}-${indexPrefix}`;
  const present = await http.ask('GET', path);
  if (present.status < 300) {
    const { index_templates: templates } = JSON.parse(present.text) as {
      index_templates: { index_template: { _meta?: Meta } }[];
    };
    const meta = templates[0]?.index_template._meta;
    if (meta?.owner !== OWNER) throw new NotOursError(`refused: the template ${OWNER}-${indexPrefix} is not ours`);
    if (meta.layout === LAYOUT) return;
  }
  const answer = await http.ask('PUT', path, { body: JSON.stringify(logTemplate(indexPrefix)) });
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
};
