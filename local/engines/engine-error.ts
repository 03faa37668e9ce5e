// What goes wrong around engines is said in one sentence that ends with what to do.

/** An engine could not be fetched, started or kept; `message` is one sentence with what to do about it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

/** Turns a failure to write below `path` into one sentence; any other error is returned as it is. */
export const diskError = (error: unknown, path: string, variable: string): unknown => {
  const sentence = diskSentence(codeOf(error), path, variable);
  return sentence ? new EngineError(sentence, { cause: error }) : error;
};

const diskSentence = (code: string | undefined, path: string, variable: string): string | undefined => {
  switch (code) {
    case 'ENOSPC':
      return `The disk that holds ${path} is full: free some space there, or set ${variable} to a directory on another disk.`;
    case 'EDQUOT':
      return `The disk quota for ${path} is used up: free some space there, or set ${variable} to another directory.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} can not be written: make it writable, or set ${variable} to a directory that is.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} is not a directory: remove it, or set ${variable} to another directory.`;
    default:
      return undefined;
  }
};
