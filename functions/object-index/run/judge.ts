import { errorText } from '../../../shared/aws/errors.ts';
import type { Digest } from '../core/digest.ts';
import { identityText } from '../core/fact.ts';
import { asCurrent, type KeyStep, keyStep } from '../core/key-step.ts';
import type { LiveRow, Truth } from '../core/row.ts';
import { type IndexRules, isReadAsNow, needsHead } from '../core/rules.ts';
import type { Tally } from '../core/sentence.ts';
import type { Objects } from './ports.ts';
import { failWork, inParallel, type Pending, type Seen } from './work.ts';

export interface Judging {
  objects: Objects;
  rules: IndexRules;
  digest: Digest;
  now: () => number;
}

/** How many objects S3 is asked about at a time. */
const LOOKS_AT_ONCE = 16;

/** Decides each object, asks S3 where the table can't tell, and gives what is to be written. The rows were read before S3 is asked. */
export const judge = async (seen: readonly Seen[], deps: Judging, tally: Tally): Promise<Pending[]> => {
  const pending: Pending[] = [];
  const doubtful: Seen[] = [];
  const take = ({ work, rows }: Seen, step: Exclude<KeyStep, { kind: 'ask' }>) => {
    if (step.kind === 'drop') tally.dropped += 1;
    else pending.push({ work, rows, changes: step.changes, kind: kindOf(step) });
  };
  for (const one of seen) {
    const step = stepOf(one, new Map(), deps);
    if (step.kind === 'ask') doubtful.push(one);
    else take(one, step);
  }
  await inParallel(doubtful, LOOKS_AT_ONCE, async (one) => {
    try {
      const truths = new Map<string | undefined, Truth>();
      let step = stepOf(one, truths, deps);
      while (step.kind === 'ask') {
        for (const slot of step.slots) {
          // The current object's answer is its version's answer as well.
          truths.set(slot, asCurrent(truths, slot) ?? (await deps.objects.look({ ...one.work.object, slot })));
          tally.heads += 1;
        }
        step = stepOf(one, truths, deps);
      }
      take(one, step);
    } catch (error) {
      failWork(tally, one.work, `S3 gave no clear answer about ${identityText(one.work.object)}: ${errorText(error)}`);
    }
  });
  return pending;
};

/** The next step of one object, as far as the table and these answers of S3 tell. */
export const stepOf = (
  { work, rows }: Seen,
  truths: ReadonlyMap<string | undefined, Truth>,
  deps: Omit<Judging, 'objects'>,
): KeyStep => {
  const { rules, digest, now } = deps;
  const nowMs = now();
  const deciding = {
    nowMs,
    needsHead: needsHead(rules, work.object.bucket),
    isReadAsNow: (row: LiveRow) => isReadAsNow(rules, row),
  };
  return keyStep(work, rows, truths, deciding, { rules, digest, nowMs });
};

const kindOf = ({ changes, because }: Extract<KeyStep, { kind: 'write' }>): Pending['kind'] => {
  if (changes[0]?.after.state === 'tombstone') return 'removed';
  return because === 'confirms-truth' || because === 'truth-agrees' ? 'confirmed' : 'set';
};
