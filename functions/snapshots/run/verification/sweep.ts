import { mayRemove, type SeenDatabase, THROW_AWAY } from '../../core/verification/throw-away.ts';
import type { Book, Verification } from '../../core/verification/verification.ts';
import { changeBook, loadBook } from './book.ts';
import type { VerificationPorts } from './ports.ts';
import { strayNotice } from './report.ts';

/**
 * Looks for databases with our throw-away tag that no open verification claims. One that a verification which is over knows by
 * its resource id is taken up again; all others are strays: reported, never deleted.
 */
export const sweep = async (ports: VerificationPorts, stack: string): Promise<SeenDatabase[]> => {
  const tagged = (await ports.throwAways.tagged()).filter(
    ({ tags, status }) => tags[THROW_AWAY.stack] === stack && status !== 'deleting',
  );
  // Read after the list, so that what was opened meanwhile is known.
  const { open, told } = await loadBook(ports.verifications);
  const strays: SeenDatabase[] = [];
  for (const seen of tagged) {
    if (open.some((record) => claims(record, seen))) continue;
    const known = await knownByOneThatIsOver(ports, seen, stack);
    if (known === undefined) strays.push(seen);
    else await changeBook(ports.verifications, (book) => reopened(book, known, ports.clock.nowMs()));
  }
  await tellOnce(ports, stack, strays, told);
  return strays;
};

/** By name while its resource id is not known yet, by both when it is: what replaced it under its name is a stray. */
const claims = ({ throwAways }: Verification, seen: SeenDatabase): boolean =>
  throwAways.some(
    ({ kind, id, resourceId }) =>
      kind === seen.kind && id === seen.id && (resourceId === undefined || resourceId === seen.resourceId),
  );

const knownByOneThatIsOver = async (
  { verifications, throwAways }: VerificationPorts,
  seen: SeenDatabase,
  stack: string,
): Promise<Verification | undefined> => {
  const record = await verifications.archived(seen.tags[THROW_AWAY.record] ?? '');
  const entry = record?.throwAways.find(({ kind, id }) => kind === seen.kind && id === seen.id);
  if (record === undefined || entry === undefined || !mayRemove(seen, record, entry, stack).may) return undefined;
  // A list may lag behind a deletion: only what is there now is taken up.
  const now = await throwAways.find(seen.kind, seen.id);
  return now !== undefined && mayRemove(now, record, entry, stack).may ? record : undefined;
};

const reopened = (book: Book, record: Verification, nowMs: number): Book | undefined =>
  book.open.some(({ name }) => name === record.name)
    ? undefined
    : {
        ...book,
        open: [
          ...book.open,
          {
            ...record,
            phase: 'removing',
            phaseSinceMs: nowMs,
            attempts: 0,
            keptSinceMs: undefined,
            left: undefined,
            throwAways: record.throwAways.map((entry) => ({ ...entry, removedMs: undefined })),
          },
        ],
      };

const tellOnce = async (
  { verifications, reports }: VerificationPorts,
  stack: string,
  strays: readonly SeenDatabase[],
  told: readonly string[],
): Promise<void> => {
  const ids = strays.map(({ resourceId }) => resourceId).sort();
  if (ids.join() === told.join()) return;
  const news = strays.filter(({ resourceId }) => !told.includes(resourceId));
  // A notice that fails is tried again at the next tick, for nobody is written down as told.
  if (news.length > 0) {
    try {
      await reports.publish(strayNotice(stack, news));
    } catch {
      return;
    }
  }
  await changeBook(verifications, (book) => ({ ...book, told: ids }));
};
