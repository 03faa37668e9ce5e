import { errorText } from '../../../shared/aws/errors.ts';
import { KINDS, type Kind, type Snapshot } from '../core/inventory.ts';
import { snapshotName } from '../core/names.ts';
import type { Act } from '../core/outcome.ts';
import { isOwn } from '../core/ownership.ts';
import type { Create, Plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import { groupOf, slotOf, tagsFor } from '../core/tags.ts';
import type { CreateAnswer, Snapshots } from './ports.ts';

export interface Deadline {
  remainingMs(): number;
}

/** How long before the end of its time a run stops starting things, to have the last word. */
const LAST_WORDS_MS = 15_000;
const MOST_ATTEMPTS = 3;

/**
 * Does what the plan says: creations first, unless the quota needs the room. One after the other within a kind, so that
 * the first "quota full" is also the last. Deletions happen only when expiry is armed.
 */
export const carryOut = async (
  plan: Plan,
  snapshots: Snapshots,
  settings: Settings,
  deadline: Deadline,
): Promise<Act[]> => {
  const create = () => eachKind((kind) => createAll(kind, plan, snapshots, settings, deadline));
  const remove = () => eachKind((kind) => deleteAll(kind, plan, snapshots, deadline));
  const steps = plan.deletesFirst ? [remove, create] : [create, remove];
  const acts: Act[] = [];
  for (const step of steps) acts.push(...(await step()));
  return acts;
};

const eachKind = async (work: (kind: Kind) => Promise<Act[]>): Promise<Act[]> =>
  (await Promise.all(KINDS.map(work))).flat();

const createAll = async (
  kind: Kind,
  plan: Plan,
  snapshots: Snapshots,
  settings: Settings,
  deadline: Deadline,
): Promise<Act[]> => {
  const acts: Act[] = [];
  let full: string | undefined;
  for (const create of plan.creates.filter(({ database }) => database.kind === kind)) {
    if (full !== undefined) acts.push({ kind: 'not-created', create, because: 'quota', detail: full });
    else if (deadline.remainingMs() < LAST_WORDS_MS)
      acts.push({ kind: 'not-created', create, because: 'out-of-time', detail: '' });
    else {
      const act = await createOne(create, snapshots, settings);
      if (act.kind === 'not-created' && act.because === 'quota') full = act.detail;
      acts.push(act);
    }
  }
  return acts;
};

/** Asks for one snapshot. A name that is taken, and no answer at all, are settled by looking. */
const createOne = async (create: Create, snapshots: Snapshots, settings: Settings): Promise<Act> => {
  const { database, slotMs } = create;
  let { name, tags } = create;
  for (let attempt = create.attempt; attempt < create.attempt + MOST_ATTEMPTS; attempt++) {
    const answer = await snapshots.create({ kind: database.kind, databaseId: database.id, name, tags });
    if (answer.kind === 'created') return { kind: 'created', create, name, how: 'new' };
    if (answer.kind !== 'already-exists' && answer.kind !== 'unknown') return notCreated(create, answer);
    const found = await look(snapshots, database.kind, name);
    if (found instanceof Error) return { kind: 'not-created', create, because: 'no-evidence', detail: found.message };
    if (found !== undefined && isOursOfThisSlot(found, create, settings))
      return { kind: 'created', create, name, how: 'found' };
    if (answer.kind === 'unknown')
      return { kind: 'not-created', create, because: 'no-evidence', detail: answer.detail };
    name = snapshotName(settings.prefix, database.id, database.resourceId, slotMs, attempt + 1);
    tags = tagsFor(database, name, slotMs, settings.stack);
  }
  return { kind: 'not-created', create, because: 'name-taken', detail: name };
};

const notCreated = (
  create: Create,
  answer: Exclude<CreateAnswer, { kind: 'created' | 'already-exists' | 'unknown' }>,
): Act => {
  switch (answer.kind) {
    case 'quota-full':
      return { kind: 'not-created', create, because: 'quota', detail: answer.detail };
    case 'wrong-state':
      return { kind: 'not-created', create, because: 'deferred', detail: answer.detail };
    case 'gone':
      return { kind: 'not-created', create, because: 'gone', detail: '' };
    case 'refused':
      return { kind: 'not-created', create, because: 'refused', detail: answer.detail };
  }
};

const look = async (snapshots: Snapshots, kind: Kind, name: string): Promise<Snapshot | undefined | Error> => {
  try {
    return await snapshots.find(kind, name);
  } catch (error) {
    return new Error(errorText(error));
  }
};

const isOursOfThisSlot = (found: Snapshot, { database, slotMs }: Create, { stack }: Settings): boolean =>
  isOwn(found, stack) && groupOf(found) === database.resourceId && slotOf(found) === slotMs;

const deleteAll = async (kind: Kind, plan: Plan, snapshots: Snapshots, deadline: Deadline): Promise<Act[]> => {
  const acts: Act[] = [];
  let forbidden: string | undefined;
  for (const snapshot of plan.deletes.filter((one) => one.kind === kind)) {
    const not = (because: Extract<Act, { kind: 'not-deleted' }>['because'], detail = '') =>
      acts.push({ kind: 'not-deleted', snapshot, because, detail });
    if (plan.expiry !== 'armed') not('not-armed');
    // Said once by RDS, it holds for all: no thousand calls that fail.
    else if (forbidden !== undefined) not('refused', forbidden);
    else if (deadline.remainingMs() < LAST_WORDS_MS) not('out-of-time');
    else {
      const answer = await snapshots.delete(kind, snapshot.id);
      if (answer.kind === 'deleted') acts.push({ kind: 'deleted', snapshot, how: 'now' });
      else if (answer.kind === 'already-gone') acts.push({ kind: 'deleted', snapshot, how: 'already-gone' });
      else if (answer.kind === 'wrong-state') not('state', answer.detail);
      else if (answer.kind === 'unknown') not('no-evidence', answer.detail);
      else {
        if (answer.kind === 'forbidden') forbidden = answer.detail;
        not('refused', answer.detail);
      }
    }
  }
  return acts;
};
