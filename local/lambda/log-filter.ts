// Filter patterns of unstructured log lines (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html).
// Not modelled: JSON patterns `{…}`, space-delimited patterns `[…]`, regular expressions `%…%`; they are refused when loaded.

/** Compiles a filter pattern; throws one sentence when it can not be kept. */
export const compileLogFilter = (pattern: string): ((message: string) => boolean) => {
  const text = pattern.trim();
  if (/^[{[%]/.test(text)) throw new Error(`The log filter ${text} is of a kind that is not modelled here.`);
  const terms = [...text.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign = '', quoted, bare]) => ({
    sign,
    term: quoted ?? bare ?? '',
  }));
  const optional = terms.filter(({ sign }) => sign === '?');
  const excluded = terms.filter(({ sign }) => sign === '-');
  const required = terms.filter(({ sign }) => sign === '');
  return (message) => {
    const has = ({ term }: { term: string }) => message.includes(term);
    if (excluded.some(has) || !required.every(has)) return false;
    // Optional terms beside required ones are ignored, as AWS does.
    return optional.length === 0 || required.length > 0 || optional.some(has);
  };
};
