import { type Book, closeIn, SCHEMA_VERSION, type Verification } from '../../core/verification/verification.ts';
import type { Verifications } from './ports.ts';

/** How often a change is tried again when others write the book at the same time. */
const MOST_TRIES = 8;

/** Thrown for a book that a newer release wrote: nothing is read into it, and nothing is done. */
export class NewerBookError extends Error {
  constructor(version: number) {
    super(`the book of verifications has shape ${version}, and this release knows ${SCHEMA_VERSION}: hands off`);
    this.name = 'NewerBookError';
  }
}

/** The book, of a shape that this release knows. */
export const loadBook = async (verifications: Verifications): Promise<Book> => {
  const book = await verifications.load();
  if (book.schemaVersion > SCHEMA_VERSION) throw new NewerBookError(book.schemaVersion);
  return book;
};

/** Changes the book by compare-and-swap; `change` is asked again on the newest book when somebody was faster, and may decline with undefined. */
export const changeBook = async (
  verifications: Verifications,
  change: (book: Book) => Book | undefined,
): Promise<Book | undefined> => {
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const book = await loadBook(verifications);
    const next = change(book);
    if (next === undefined) return undefined;
    const saved = { ...next, revision: book.revision + 1 };
    if ((await verifications.save(saved, book.revision)) === 'saved') return saved;
  }
  return undefined;
};

/**
 * Writes one verification, if it is still as it was read: its own revision is the condition. One that is over is kept by name
 * first and leaves the book then, so that at no moment nobody knows of it. Undefined when somebody else has moved it.
 */
export const writeRecord = async (
  verifications: Verifications,
  before: Verification,
  after: Verification,
  nowMs: number,
): Promise<Verification | undefined> => {
  const next = { ...after, revision: before.revision + 1 };
  if (next.phase === 'over') await verifications.archive(next);
  const saved = await changeBook(verifications, (book) => {
    const index = book.open.findIndex(({ name }) => name === before.name);
    if (book.open[index]?.revision !== before.revision) return undefined;
    return next.phase === 'over' ? closeIn(book, next, nowMs) : { ...book, open: book.open.with(index, next) };
  });
  return saved && next;
};
