import { describe, expect, test } from '@jest/globals';
import { diskError, EngineError } from './engine-error.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('a disk that refuses', () => {
  test.each([
    ['ENOSPC', 'The disk that holds /some/where is full: free some space there, or set TMPDIR'],
    ['EDQUOT', 'The disk quota for /some/where is used up: free some space there, or set TMPDIR'],
    ['EACCES', '/some/where can not be written: make it writable, or set TMPDIR'],
    ['EROFS', '/some/where can not be written: make it writable, or set TMPDIR'],
  ])('%s is said in one sentence with what to do', (code, sentence) => {
    const said = diskError(failure(code), '/some/where', 'TMPDIR');
    expect(said).toBeInstanceOf(EngineError);
    expect((said as Error).message.startsWith(sentence)).toBe(true);
  });

  test('an error that is not about the disk stays what it was', () => {
    const other = failure('EPIPE');
    expect(diskError(other, '/some/where', 'TMPDIR')).toBe(other);
    expect(diskError('text', '/some/where', 'TMPDIR')).toBe('text');
  });
});
