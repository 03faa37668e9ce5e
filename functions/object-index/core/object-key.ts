/** Thrown by `decodeKey`; caught by the parser, which fails that one message. */
export class MalformedKeyError extends Error {
  constructor(key: string) {
    super(`the key ${JSON.stringify(key.slice(0, 80))} is not form-encoded text`);
    this.name = 'MalformedKeyError';
  }
}

/**
 * An object key as S3 notifications carry it (form-encoded, `+` for a space: notification-content-structure), decoded
 * exactly once. Throws MalformedKeyError when a `%` does not begin an encoded UTF-8 character.
 */
export const decodeKey = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new MalformedKeyError(encoded);
  }
};
