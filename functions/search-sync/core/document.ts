import { type AttributeValue, ConversionError, type Item } from './attribute-value.ts';
import { documentId, type Hash, type KeySchema, keyText } from './document-id.ts';
import { nestedFieldName, rootFieldName } from './field-name.ts';
import { type Placement, placementOf } from './placement.ts';
import { type Projection, projected } from './projection.ts';
import { sortedNames, stringText, valueText } from './value-text.ts';

/** What makes documents of one table's items. */
export interface DocumentShape {
  keys: KeySchema;
  project?: Projection | undefined;
}

/** Who wrote a document, kept in its `_sync` block. A document that no stream record wrote has no sequence number. */
export interface Origin {
  source: 'stream' | 'repair';
  sequence: string;
  /** The stream's label: sequence numbers of two streams are not comparable. */
  stream: string;
  seconds: number;
}

/** The item's own part of a document, without braces: canonical, so that equal items are equal texts. */
export const contentOf = (item: Item, { project }: DocumentShape): string => {
  const parts: Record<Placement, string> = { field: '', map: '', stored: '' };
  const add = (target: string, name: string) => {
    const value = item[name] as AttributeValue;
    const place = placementOf(target, value);
    const label = place === 'field' ? rootLabel(target) : `${stringText(nestedFieldName(target))}:`;
    parts[place] += (parts[place] === '' ? '' : ',') + label + valueText(value);
  };
  if (project === undefined) for (const name of sortedNames(item)) add(name, name);
  else addProjected(item, project, add);
  let content = parts.field;
  if (parts.map !== '') content += `${content === '' ? '' : ','}"_maps":{${parts.map}}`;
  if (parts.stored !== '') content += `${content === '' ? '' : ','}"_stored":{${parts.stored}}`;
  return content;
};

const addProjected = (item: Item, project: Projection, add: (target: string, name: string) => void) => {
  const taken = new Set<string>();
  for (const [target, name] of projected(item, project)) {
    if (taken.has(target)) throw new ConversionError(`two attributes are both projected to the field ${target}`);
    taken.add(target);
    add(target, name);
  }
};

/** `"field":` of the attributes met so far. Items of a table are alike; small, and only a memory. */
const labels = new Map<string, string>();
const MOST_LABELS = 1_000;

const rootLabel = (attribute: string): string => {
  const known = labels.get(attribute);
  if (known !== undefined) return known;
  const label = `${stringText(rootFieldName(attribute))}:`;
  if (labels.size >= MOST_LABELS) labels.clear();
  labels.set(attribute, label);
  return label;
};

/** A whole document on one line: the content and the `_sync` block that says which change it is. */
export const documentText = (content: string, keys: Item, shape: DocumentShape, origin: Origin, hash: Hash): string =>
  joined(content, syncBlock(keys, shape, origin, hash(content), hash, '"st":"ok"'));

/** What stands for an item that OpenSearch refused: findable, with the reason, and no stale content stays searchable. */
export const stubText = (
  content: string | undefined,
  keys: Item,
  shape: DocumentShape,
  origin: Origin,
  reason: string,
  hash: Hash,
): string => {
  const state = `"st":"stub","why":${stringText(reason.slice(0, 1_000))}`;
  return joined('', syncBlock(keys, shape, origin, content === undefined ? '' : hash(content), hash, state));
};

const joined = (content: string, sync: string): string =>
  content === '' ? `{"_sync":${sync}}` : `{${content},"_sync":${sync}}`;

const syncBlock = (
  keys: Item,
  shape: DocumentShape,
  origin: Origin,
  digest: string,
  hash: Hash,
  state: string,
): string => {
  const { id, bucket, h1, h2 } = printOf(documentId(keys, shape.keys, hash), digest, hash);
  return (
    `{"k":${keyText(keys, shape.keys)},"i":${stringText(id)},"s":"${origin.sequence.padStart(40, '0')}",` +
    `"g":${stringText(origin.stream)},"t":${origin.seconds},"h":"${digest.slice(0, 32)}","b":${bucket},` +
    `"h1":${h1},"h2":${h2},${state},"src":"${origin.source}"}`
  );
};

/** What a document adds to the count of its bucket, and how two copies of it are told apart. */
export interface Fingerprint {
  id: string;
  /** 0 to 4095, by the id. */
  bucket: number;
  /** 32 digits of the content's hash; '' where no document can be made of the item. */
  digest: string;
  /** 24 bits each: their sums over a bucket stay exact in a double, which is how drift is counted. */
  h1: number;
  h2: number;
}

export const BUCKETS = 4_096;

const printOf = (id: string, digest: string, hash: Hash): Fingerprint => {
  const part = (from: number) => Number.parseInt(digest.slice(from, from + 6) || '0', 16);
  return {
    id,
    bucket: Number.parseInt(hash(id).slice(0, 3), 16),
    digest: digest.slice(0, 32),
    h1: part(0),
    h2: part(6),
  };
};

/** The fingerprint that this item's document carries, or the stub that stands for it. */
export const fingerprintOf = (item: Item, shape: DocumentShape, hash: Hash): Fingerprint => {
  const id = documentId(item, shape.keys, hash);
  try {
    return printOf(id, hash(contentOf(item, shape)), hash);
  } catch (error) {
    if (error instanceof ConversionError) return printOf(id, '', hash);
    throw error;
  }
};

/** What a stored document says of itself. Undefined: it is not one of ours. */
export interface StoredDocument {
  content: string;
  state: 'ok' | 'stub';
  digest: string;
}

const SYNC = '"_sync":';

/** Reads a stored document's text back into content and state; undefined when it has no `_sync` block at its end. */
export const readStored = (source: string): StoredDocument | undefined => {
  // Inside a JSON string the quote before the colon would be escaped, so the last occurrence is the block itself.
  const at = source.lastIndexOf(SYNC);
  if (at < 0) return undefined;
  try {
    const sync = JSON.parse(source.slice(at + SYNC.length, -1)) as { st?: unknown; h?: unknown };
    if ((sync.st !== 'ok' && sync.st !== 'stub') || typeof sync.h !== 'string') return undefined;
    return { content: source.slice(1, at).replace(/,$/, ''), state: sync.st, digest: sync.h };
  } catch {
    return undefined;
  }
};

/** True when the stored document is what this item would be written as, or the stub that stands for exactly this item. */
export const standsFor = (stored: StoredDocument, content: string, hash: Hash): boolean =>
  stored.state === 'ok' ? stored.content === content : stored.digest === hash(content).slice(0, 32);
