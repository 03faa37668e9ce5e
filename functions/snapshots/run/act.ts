import { errorText } from '../../../shared/aws/errors.ts';
import { type Confirmation, KINDS, type Kind, type Snapshot } from '../core/inventory.ts';
import { snapshotName } from '../core/names.ts';
import type { Act } from '../core/outcome.ts';
import { isOwn } from '../core/ownership.ts';
import type { Create, Plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import { isAtEnd } from '../core/states.ts';
import { groupOf, slotOf, tagsFor } from '../core/tags.ts';
import { watchOrders } from './orders-watch.ts';
import type { Control, CreateAnswer, Ports, Snapshots } from './ports.ts';

export interface Deadline {
  remainingMs(): number;
}

/** How long before the end of its time a run stops starting things, to have the last word. */
export const LAST_WORDS_MS = 15_000;
const MOST_ATTEMPTS = 3;

/**
 * Does what the plan says: creations first, unless the quota needs the room. Deletions happen only when expiry is armed.
 * `confirmationIsOurs`: an earlier part of the slot has used up the confirmation that the plan goes by.
 */
export const carryOut = async (
  plan: Plan,
  ports: Pick<Ports, 'snapshots' | 'control'>,
  settings: Settings,
  deadline: Deadline,
  confirmationIsOurs = false,
): Promise<Act[]> => {
  const create = () => createAll(plan.creates, ports.snapshots, settings, deadline);
  const remove = () => deleteAll(plan, ports, deadline, confirmationIsOurs);
  const steps = plan.deletesFirst ? [remove, create] : [create, remove];
  const acts: Act[] = [];
  for (const step of steps) acts.push(...(await step()));
  return acts;
};

/** Asks for these snapshots: one after the other within a kind, so that the first "quota full" is also the last. */
export const createAll = (
  creates: readonly Create[],
  snapshots: Snapshots,
  settings: Settings,
  deadline: Deadline,
): Promise<Act[]> =>
  eachKind(async (kind) => {
    const acts: Act[] = [];
    let full: string | undefined;
    for (const create of creates.filter(({ database }) => database.kind === kind)) {
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
  });

const eachKind = async (work: (kind: Kind) => Promise<Act[]>): Promise<Act[]> =>
  (await Promise.all(KINDS.map(work))).flat();

/** Asks for one snapshot. A name that is taken, and no answer at all, are settled by looking. */
const createOne = async (create: Create, snapshots: Snapshots, settings: Settings): Promise<Act> => {
  const { database, slotMs } = create;
  let { name, tags } = create;
  const unanswered = (of: string, detail: string): Act => ({
    ...{ kind: 'not-created', because: 'no-evidence', detail },
    create: { ...create, name: of },
  });
  // The plan went on to another name, for the first is somebody's by the list. Its tags may lag behind: what stands there is
  // looked at by name before a second one of the slot could come of it.
  for (let earlier = 1; earlier < create.attempt; earlier++) {
    const before = snapshotName(settings.prefix, database.id, database.resourceId, slotMs, earlier);
    const found = await findOurs({ ...create, name: before }, snapshots, settings);
    if (found instanceof Error) return unanswered(before, found.message);
    if (found === 'ours') return { kind: 'created', create, name: before, how: 'found' };
  }
  for (let attempt = create.attempt; attempt < create.attempt + MOST_ATTEMPTS; attempt++) {
    const answer = await snapshots.create({ kind: database.kind, databaseId: database.id, name, tags });
    if (answer.kind === 'created') return { kind: 'created', create, name, how: 'new' };
    if (answer.kind !== 'already-exists' && answer.kind !== 'unknown') return notCreated(create, answer);
    const found = await findOurs({ ...create, name }, snapshots, settings);
    if (found instanceof Error) return unanswered(name, found.message);
    if (found === 'ours') return { kind: 'created', create, name, how: 'found' };
    if (answer.kind === 'unknown') return unanswered(name, answer.detail);
    // What was taken a moment ago may not be seen yet, and may be ours: under another name it would be the slot's second.
    if (found === 'nothing') return unanswered(name, `${name} is taken, and not to be seen`);
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

/** Whether the snapshot of this name is ours of this database and slot, and is or may become good; an error when that cannot be seen. */
export const findOurs = async (
  { database: { kind, resourceId }, name, slotMs }: Create,
  snapshots: Snapshots,
  { stack }: Settings,
): Promise<'ours' | 'not-ours' | 'nothing' | Error> => {
  try {
    const found = await snapshots.find(kind, name);
    if (found === undefined) return 'nothing';
    // The name of one that failed, or is being deleted, is spent, and the next is asked for.
    const isOurs =
      isOwn(found, stack) && !isAtEnd(found.status) && groupOf(found) === resourceId && slotOf(found) === slotMs;
    return isOurs ? 'ours' : 'not-ours';
  } catch (error) {
    return new Error(errorText(error));
  }
};

type Undeleted = Extract<Act, { kind: 'not-deleted' }>['because'];

const deleteAll = async (
  plan: Plan,
  { snapshots, control }: Pick<Ports, 'snapshots' | 'control'>,
  deadline: Deadline,
  confirmationIsOurs: boolean,
): Promise<Act[]> => {
  const none = (because: Undeleted, detail = ''): Act[] =>
    plan.deletes.map((snapshot) => ({ kind: 'not-deleted', snapshot, because, detail }));
  if (plan.deletes.length === 0) return [];
  if (plan.expiry !== 'armed') return none('not-armed');
  const watch = watchOrders(control, ['expiry']);
  // Before the confirmation is used up: it outlives a pause.
  const stopped = await watch();
  if (stopped !== undefined) return none(stopped.because, stopped.detail);
  if (plan.confirmation !== undefined && !confirmationIsOurs) {
    const used = await useUp(plan.confirmation, control);
    if (used instanceof Error) return none('no-evidence', used.message);
    if (!used) return none('confirmation-lost');
  }
  return eachKind((kind) => deleteKind(kind, plan.deletes, snapshots, deadline, watch));
};

/** Before the first deletion: who uses it up may go by it, and nobody else. */
export const useUp = async (
  confirmation: Confirmation,
  control: Pick<Control, 'useConfirmation'>,
): Promise<boolean | Error> => {
  try {
    return await control.useConfirmation(confirmation);
  } catch (error) {
    return new Error(errorText(error));
  }
};

const deleteKind = async (
  kind: Kind,
  deletes: readonly Snapshot[],
  snapshots: Snapshots,
  deadline: Deadline,
  watch: ReturnType<typeof watchOrders>,
): Promise<Act[]> => {
  const acts: Act[] = [];
  let forbidden: string | undefined;
  for (const snapshot of deletes.filter((one) => one.kind === kind)) {
    const not = (because: Undeleted, detail = '') => acts.push({ kind: 'not-deleted', snapshot, because, detail });
    // Said once by RDS, it holds for all: no thousand calls that fail.
    if (forbidden !== undefined) {
      not('refused', forbidden);
      continue;
    }
    const leftMs = deadline.remainingMs();
    const stopped = leftMs < LAST_WORDS_MS ? undefined : await watch(leftMs);
    if (leftMs < LAST_WORDS_MS) not('out-of-time');
    else if (stopped !== undefined) not(stopped.because, stopped.detail);
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
