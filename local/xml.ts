// XML as AWS's Query and REST-XML protocols write it: elements in order, no attributes but the root's namespace.

/** What an element may hold. An undefined member leaves no element, as on AWS. */
export type XmlValue =
  | string
  | number
  | boolean
  | Date
  | undefined
  | XmlList
  | Written
  | { readonly [name: string]: XmlValue };

/** What an element holds, written already: what is listed again and again need not be written each time. */
export class Written {
  readonly text: string;

  constructor(content: XmlValue) {
    this.text = inner(content);
  }
}

/** Repeated elements: `member` is their name. With no items the list's own element is still written, empty. */
export type XmlList = { readonly member: string; readonly items: readonly XmlValue[] };

/** A list whose items are elements named `member`. */
export const list = (member: string, items: readonly XmlValue[]): XmlList => ({ member, items });

/** One document: the root element with its namespace. */
export const document = (root: string, namespace: string, content: XmlValue): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${escapeText(namespace)}">${inner(content)}</${root}>`;

const element = (name: string, value: XmlValue): string =>
  value === undefined ? '' : `<${name}>${inner(value)}</${name}>`;

const inner = (value: XmlValue): string => {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return escapeText(String(value));
  if (value instanceof Written) return value.text;
  if (isList(value)) return value.items.map((item) => element(value.member, item)).join('');
  let text = '';
  for (const name of Object.keys(value)) text += element(name, value[name]);
  return text;
};

const isList = (value: object): value is XmlList => 'member' in value && 'items' in value;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

// XML 1.0 has no way to write most control characters: they become the replacement character, never a broken document.
const escapeText = (text: string): string => (hasSpecial.test(text) ? escapeSpecial(text) : text);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that XML 1.0 cannot hold
const hasSpecial = /[&<>"'\u0000-\u001f]/;

const escapeSpecial = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => entities[character]!)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that XML 1.0 cannot hold
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
    .replace(/\r/g, '&#xD;');
