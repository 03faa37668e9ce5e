import { errorText } from '../../../shared/aws/errors.ts';
import { type Decision, decide } from '../core/decide.ts';
import type { Digest } from '../core/digest.ts';
import { nextRow } from '../core/next-row.ts';
import type { Truth } from '../core/row.ts';
import { type IndexRules, needsHead } from '../core/rules.ts';
import type { Tally } from '../core/sentence.ts';
import { type Settlement, settle } from '../core/settle.ts';
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

/** Decides each object, asks S3 where the table can't tell, and gives what is to be written. The row was read before S3 is asked. */
export const judge = async (seen: readonly Seen[], deps: Judging, tally: Tally): Promise<Pending[]> => {
  const pending: Pending[] = [];
  const doubtful: Seen[] = [];
  for (const one of seen) {
    const decision = decideOne(one, deps);
    if (decision.kind === 'arbitrate') doubtful.push(one);
    else write(one, decision, undefined, deps, tally, pending);
  }
  await inParallel(doubtful, LOOKS_AT_ONCE, async (one) => {
    try {
      const truth = await deps.objects.look(one.work.fact);
      tally.heads += 1;
      write(one, settle(one.row, one.work.fact, truth), truth, deps, tally, pending);
    } catch (error) {
      failWork(tally, one.work, `S3 gave no clear answer about ${one.work.fact.key}: ${errorText(error)}`);
    }
  });
  return pending;
};

const decideOne = ({ work, row }: Seen, { rules, now }: Judging): Decision =>
  work.contradicting
    ? { kind: 'arbitrate', because: 'contradicting-facts' }
    : decide(row, work.fact, { nowMs: now(), needsHead: needsHead(rules, work.fact.bucket) });

const write = (
  { work, row }: Seen,
  decision: Exclude<Decision, { kind: 'arbitrate' }> | Settlement,
  truth: Truth | undefined,
  { rules, digest, now }: Judging,
  tally: Tally,
  pending: Pending[],
): void => {
  const after =
    decision.kind === 'drop' ? undefined : nextRow(row, work.fact, decision, truth, { rules, digest, nowMs: now() });
  if (after === undefined) tally.dropped += 1;
  else {
    const kind =
      after.state === 'tombstone'
        ? 'removed'
        : decision.because === 'confirms-truth' || decision.because === 'truth-agrees'
          ? 'confirmed'
          : 'set';
    pending.push({ work, before: row, after, kind });
  }
};
