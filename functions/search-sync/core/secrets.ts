/** Replaces the secrets in a text. */
export type Mask = (text: string) => string;

const HIDDEN = '***';

/** Always masked: the group `secret` of each, else the whole match. */
const KNOWN: readonly RegExp[] = [
  // CREATE ROLE … PASSWORD 'x', ALTER USER … ENCRYPTED PASSWORD E'x', CREATE USER MAPPING … (password 'x'); '' inside is a quote.
  /\bpassword\s*(?:=|:|\s)\s*(?:e|u&)?'(?<secret>(?:[^']|'')*)'/gi,
  /\bidentified\s+by\s+'(?<secret>(?:[^']|'')*)'/gi,
  // $$x$$ and $tag$x$tag$ quote as well.
  /\bpassword\s*(?:=|\s)\s*(?<quote>\$\w*\$)(?<secret>[\s\S]*?)\k<quote>/gi,
  // Connection strings: host=x password=y, postgres://user:secret@host.
  /\b(?:password|passwd|pwd|sslpassword)\s*=\s*(?<secret>[^\s'"&;)]+)/gi,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?<secret>[^\s/@]+)@/gi,
  // pgcrypto's keys are the last argument, or the one before the options.
  /\bpgp_sym_(?:en|de)crypt(?:_bytea)?\s*\((?:[^()']|'(?:[^']|'')*')*?,\s*'(?<secret>(?:[^']|'')*)'/gi,
  /\b(?:api[_-]?key|secret[_-]?key|access[_-]?token|client[_-]?secret|secret_access_key)\b['"]?\s*(?:=|:|=>|,)\s*['"]?(?<secret>[^\s'",;)]+)/gi,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /\bbearer\s+(?<secret>[\w.~+/-]{8,}=*)/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** A mask of the known patterns and of the config's own; those are checked when the config is read. */
export const maskOf = (patterns: readonly string[]): Mask => {
  const all = [...KNOWN, ...patterns.map((pattern) => new RegExp(pattern, 'gi'))];
  return (text) => all.reduce((masked, pattern) => masked.replace(pattern, hidden), text);
};

const hidden = (match: string, ...rest: unknown[]): string => {
  const groups = rest.at(-1) as Record<string, string | undefined> | string;
  const secret = typeof groups === 'object' ? groups.secret : undefined;
  if (secret === undefined) return HIDDEN;
  // The last place: before it stands what names the secret, which may be the same word.
  const at = match.lastIndexOf(secret);
  return secret === '' ? match : match.slice(0, at) + HIDDEN + match.slice(at + secret.length);
};
