const BEYOND_ASCII = /[\u0080-\uffff]/;

/** How many bytes a text takes in UTF-8; a lone surrogate becomes U+FFFD, three bytes. */
export const utf8Bytes = (text: string): number => {
  // Most texts are ASCII, and finding that out is quicker than counting.
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
};

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
