// Names as Route 53 keeps them. Developer Guide, DomainNameFormat: case is ignored, the trailing dot is implied, and any
// character other than a-z 0-9 - _ . is kept as an octal escape.

/** `Ledger.Example.com` → `ledger.example.com.`; `*.example.com` → `\052.example.com.`; throws nothing. */
export const normaliseName = (name: string): string => {
  const dotted = name.endsWith('.') ? name : `${name}.`;
  return dotted.replace(/\\([0-7]{3})|(.)/gsu, (_, octal: string | undefined, raw: string | undefined) =>
    keep(octal === undefined ? raw! : String.fromCharCode(Number.parseInt(octal, 8)), octal !== undefined),
  );
};

const keep = (character: string, wasEscaped: boolean): string => {
  const lower = character.toLowerCase();
  if (/[a-z0-9_-]/.test(lower) || (lower === '.' && !wasEscaped)) return lower;
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
};

/**
 * The order of ListResourceRecordSets: by name with its labels reversed, where the dots count (`com.example.` before
 * `com.example.a.`), then by type, then by set identifier (API reference, ListResourceRecordSets).
 */
export const compareSets = (
  a: { name: string; type: string; setIdentifier?: string | undefined },
  b: { name: string; type: string; setIdentifier?: string | undefined },
): number =>
  compareNames(a.name, b.name) || compare(a.type, b.type) || compare(a.setIdentifier ?? '', b.setIdentifier ?? '');

/** Compares two normalised names in reversed-label order. */
export const compareNames = (a: string, b: string): number => compare(reversed(a), reversed(b));

const reversed = (name: string): string => `${name.replace(/\.$/, '').split('.').reverse().join('.')}.`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
