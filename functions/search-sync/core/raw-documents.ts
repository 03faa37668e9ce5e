/** A document in the answer of a multi-get, with its text exactly as it was written. */
export interface RawDocument {
  version: bigint;
  seqNo: number;
  primaryTerm: number;
  source: string;
}

/** Thrown when the answer is not that of a multi-get. */
export class RawAnswerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RawAnswerError';
  }
}

/**
 * The documents of a `_mget` answer, in its order; undefined for one that is not there. Cut out of the text and not
 * parsed: a reader of JSON would round numbers of 38 digits and versions of 19, and documents are compared letter by
 * letter. Throws RawAnswerError for an answer about anything else, such as a missing index.
 */
export const rawDocuments = (text: string): (RawDocument | undefined)[] => {
  const docs = membersOf(text, skipSpace(text, 0)).get('docs');
  if (docs === undefined || text[docs.from] !== '[') throw new RawAnswerError('the answer has no list of documents');
  return elementsOf(text, docs.from).map((span) => documentIn(text, span));
};

interface Span {
  from: number;
  /** After its last character. */
  to: number;
}

const documentIn = (text: string, span: Span): RawDocument | undefined => {
  const members = membersOf(text, span.from);
  const value = (name: string): string | undefined => {
    const at = members.get(name);
    return at && text.slice(at.from, at.to);
  };
  const source = value('_source');
  if (value('error') !== undefined) throw new RawAnswerError(value('error')?.slice(0, 300) ?? '');
  if (value('found') === 'false') return undefined;
  const version = value('_version');
  if (value('found') !== 'true' || source === undefined || version === undefined || !/^\d+$/.test(version)) {
    throw new RawAnswerError(
      `a document could not be read: ${text.slice(span.from, Math.min(span.to, span.from + 200))}`,
    );
  }
  return {
    version: BigInt(version),
    seqNo: Number(value('_seq_no')),
    primaryTerm: Number(value('_primary_term')),
    source,
  };
};

/** The members of the object that begins at `from`, by name. */
const membersOf = (text: string, from: number): Map<string, Span> => {
  const members = new Map<string, Span>();
  if (text[from] !== '{') throw new RawAnswerError('the answer is not an object');
  let at = skipSpace(text, from + 1);
  while (text[at] !== '}') {
    const nameEnd = endOfValue(text, at);
    const name = text.slice(at + 1, nameEnd - 1);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    members.set(name, { from: start, to: end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== '}') throw new RawAnswerError('the answer breaks off');
  }
  return members;
};

const elementsOf = (text: string, from: number): Span[] => {
  const elements: Span[] = [];
  let at = skipSpace(text, from + 1);
  while (text[at] !== ']') {
    const end = endOfValue(text, at);
    elements.push({ from: at, to: end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== ']') throw new RawAnswerError('the answer breaks off');
  }
  return elements;
};

/** The end of the value that begins at `from`: of a text, of brackets with all that is in them, or of a bare word. */
const endOfValue = (text: string, from: number): number => {
  if (text[from] === '"') return endOfText(text, from);
  if (text[from] !== '{' && text[from] !== '[') {
    const match = /[,\]}\s]/g;
    match.lastIndex = from;
    const end = match.exec(text)?.index ?? -1;
    if (end <= from) throw new RawAnswerError('the answer breaks off');
    return end;
  }
  let depth = 0;
  const marks = /["{}[\]]/g;
  marks.lastIndex = from;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') marks.lastIndex = endOfText(text, mark.index);
    else if (mark[0] === '{' || mark[0] === '[') depth++;
    else if (--depth === 0) return mark.index + 1;
  }
  throw new RawAnswerError('the answer breaks off');
};

const endOfText = (text: string, from: number): number => {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  throw new RawAnswerError('the answer breaks off');
};

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t')) at++;
  return at;
};
