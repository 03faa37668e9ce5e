/**
 * The character strings of a TXT value in zone-file text: `"a b" "c\"d"` → ['a b', 'c"d'].
 * Undefined if a string is not enclosed in quotation marks or is longer than 255 bytes (RFC 1035 section 3.3.14; Developer
 * Guide, ResourceRecordTypes, TXT). `\ddd` is a byte in octal, as Route 53 writes it.
 */
export const txtStrings = (value: string): string[] | undefined => {
  const pattern = /\s*"((?:[^"\\]|\\[0-7]{3}|\\.)*)"\s*/gy;
  const strings: string[] = [];
  while (pattern.lastIndex < value.length) {
    const match = pattern.exec(value);
    if (match === null) return undefined;
    const text = match[1]!.replace(/\\([0-7]{3})|\\(.)/g, (_, octal: string | undefined, escaped: string) =>
      octal === undefined ? escaped : String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (Buffer.byteLength(text) > 255) return undefined;
    strings.push(text);
  }
  return strings.length === 0 ? undefined : strings;
};
