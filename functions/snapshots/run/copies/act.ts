import { errorText } from '../../../../shared/aws/errors.ts';
import type { Copy, CopyPlan } from '../../core/copies/copies.ts';
import type { Removal } from '../../core/copies/expiry.ts';
import type { CopyAct, NotStarted } from '../../core/copies/outcome.ts';
import { isCopyOf } from '../../core/copies/verdict.ts';
import type { Kind, Snapshot } from '../../core/inventory.ts';
import type { Settings } from '../../core/policy.ts';
import { type Deadline, LAST_WORDS_MS, useUp } from '../act.ts';
import { watchOrders } from '../orders-watch.ts';
import type { CopyAnswer, CopyPorts } from './ports.ts';

/**
 * Does what a plan of copies says: first what failed goes, for it has the name of the next try; then the copies, unless
 * the quota needs the room; then what the policy lets go. Deletions happen only when the plan is armed.
 */
export const carryOutCopies = async (
  plan: CopyPlan,
  { destination, control }: Pick<CopyPorts, 'destination' | 'control'>,
  settings: Settings,
  deadline: Deadline,
): Promise<CopyAct[]> => {
  const first = plan.removals.filter(({ because }) => because === 'failed' || plan.deletesFirst);
  const last = plan.removals.filter((removal) => !first.includes(removal));
  const remover = openRemover(plan, destination, control, deadline);
  return [
    ...(await remover(first)),
    ...(await startAll(plan, destination, settings, deadline)),
    ...(await remover(last)),
  ];
};

const startAll = async (
  plan: CopyPlan,
  destination: CopyPorts['destination'],
  settings: Settings,
  deadline: Deadline,
): Promise<CopyAct[]> => {
  const acts: CopyAct[] = [];
  const planned = new Set(plan.databases.filter(({ kind }) => kind === 'copy').map(({ database }) => database));
  const left = new Map(plan.free);
  let room = plan.room;
  let stopped: { because: NotStarted; detail: string; isHit: (copy: Copy) => boolean } | undefined;
  for (const copy of plan.queue) {
    const { kind } = copy.source;
    // The next in the queue steps in for one that RDS refused.
    if (room <= 0 || (left.get(kind) ?? Number.POSITIVE_INFINITY) <= 0) continue;
    const not = (because: NotStarted, detail = ''): CopyAct => ({ kind: 'not-started', copy, because, detail });
    if (stopped?.isHit(copy)) {
      if (planned.has(copy.database)) acts.push(not(stopped.because, stopped.detail));
      continue;
    }
    if (deadline.remainingMs() < LAST_WORDS_MS) {
      if (planned.has(copy.database)) acts.push(not('out-of-time'));
      continue;
    }
    const act = await startOne(copy, destination, settings);
    acts.push(act);
    if (act.kind === 'started') {
      room -= 1;
      left.set(kind, (left.get(kind) ?? Number.POSITIVE_INFINITY) - 1);
    }
    stopped ??= stopAfter(act);
  }
  return acts;
};

/** Said once by RDS, some answers hold for the rest: no hundred calls that fail. */
const stopAfter = (act: CopyAct) => {
  if (act.kind !== 'not-started') return undefined;
  const { because, detail, copy } = act;
  switch (because) {
    case 'in-flight-limit':
    case 'forbidden':
      return { because, detail, isHit: () => true };
    case 'quota':
      return { because, detail, isHit: ({ source }: Copy) => source.kind === copy.source.kind };
    case 'key-refused':
      return {
        because: 'key-refused-before' as const,
        detail: '',
        isHit: ({ kmsKeyId }: Copy) => kmsKeyId !== undefined,
      };
    default:
      return undefined;
  }
};

/** Asks for one copy. A name that is taken, and no answer at all, are settled by looking. */
const startOne = async (copy: Copy, destination: CopyPorts['destination'], settings: Settings): Promise<CopyAct> => {
  const { source, name, kmsKeyId, optionGroup, tags } = copy;
  const not = (because: NotStarted, detail = ''): CopyAct => ({ kind: 'not-started', copy, because, detail });
  const answer = await destination.copier.copy({
    kind: source.kind,
    sourceArn: source.arn,
    name,
    kmsKeyId,
    optionGroup,
    tags,
  });
  if (answer.kind === 'copying') return { kind: 'started', copy, how: 'new' };
  if (answer.kind === 'quota-unclear') return not(await whichQuota(destination, source.kind), answer.detail);
  if (answer.kind !== 'already-exists' && answer.kind !== 'unknown') return not(meaning(answer, copy), answer.detail);
  const found = await look(destination, source.kind, name);
  if (found instanceof Error) return not('no-evidence', found.message);
  // What was taken a moment ago may not be seen yet, and may be ours.
  if (found === undefined)
    return not('no-evidence', answer.kind === 'unknown' ? answer.detail : `${name} is taken, and not to be seen`);
  if (!isCopyOf(found, source, settings.stack)) return not('name-taken', name);
  return found.status === 'failed' ? not('failed-in-the-way', name) : { kind: 'started', copy, how: 'found' };
};

const meaning = (
  answer: Exclude<CopyAnswer, { kind: 'copying' | 'already-exists' | 'unknown' | 'quota-unclear' }>,
  copy: Copy,
): NotStarted => {
  switch (answer.kind) {
    case 'in-flight-full':
      return 'in-flight-limit';
    case 'quota-full':
      return 'quota';
    case 'key-refused':
      // RDS does not say which key it means. Only where the source's is known to be usable it is the one for copies.
      return copy.sourceKeyUsable ? 'key-refused' : 'source-key-refused';
    default:
      return answer.kind;
  }
};

/** Which of the two quotas was meant, by the account's own figures; without them: the one that passes by itself was not proven, so a person is told. */
const whichQuota = async (destination: CopyPorts['destination'], kind: Kind): Promise<NotStarted> => {
  try {
    const quota = (await destination.quotas.read()).find((one) => one.kind === kind);
    return quota !== undefined && quota.used < quota.max ? 'in-flight-limit' : 'quota';
  } catch {
    return 'quota';
  }
};

const look = async (
  { snapshots }: CopyPorts['destination'],
  kind: Kind,
  name: string,
): Promise<Snapshot | undefined | Error> => {
  try {
    return await snapshots.find(kind, name);
  } catch (error) {
    return new Error(errorText(error));
  }
};

const openRemover = (
  plan: CopyPlan,
  { snapshots }: CopyPorts['destination'],
  control: CopyPorts['control'],
  deadline: Deadline,
) => {
  let forbidden: string | undefined;
  // Asked for once for the whole run, whatever the answer, and only when there is time for a deletion.
  let asked: Promise<boolean | Error> | undefined;
  // Whoever stops the copies wants what there is to stay.
  const watch = watchOrders(control, ['expiry', 'copies']);
  const one = async (removal: Removal): Promise<CopyAct> => {
    const not = (because: Extract<CopyAct, { kind: 'not-deleted' }>['because'], detail = ''): CopyAct => ({
      kind: 'not-deleted',
      removal,
      because,
      detail,
    });
    if (plan.expiry !== 'armed') return not('not-armed');
    if (forbidden !== undefined) return not('refused', forbidden);
    const leftMs = deadline.remainingMs();
    if (leftMs < LAST_WORDS_MS) return not('out-of-time');
    const stopped = await watch(leftMs);
    if (stopped !== undefined) return not(stopped.because, stopped.detail);
    if (plan.confirmation !== undefined) {
      asked ??= useUp(plan.confirmation, control);
      const used = await asked;
      if (used instanceof Error) return not('no-evidence', used.message);
      if (!used) return not('confirmation-lost');
    }
    const answer = await snapshots.delete(removal.snapshot.kind, removal.snapshot.id);
    switch (answer.kind) {
      case 'deleted':
        return { kind: 'deleted', removal, how: 'now' };
      case 'already-gone':
        return { kind: 'deleted', removal, how: 'already-gone' };
      case 'wrong-state':
        return not('state', answer.detail);
      case 'unknown':
        return not('no-evidence', answer.detail);
      case 'forbidden':
        forbidden = answer.detail;
        return not('refused', answer.detail);
      case 'refused':
        return not('refused', answer.detail);
    }
  };
  return async (removals: readonly Removal[]): Promise<CopyAct[]> => {
    const acts: CopyAct[] = [];
    for (const removal of removals) acts.push(await one(removal));
    return acts;
  };
};
