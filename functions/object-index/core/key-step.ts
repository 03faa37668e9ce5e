import { type DecideContext, type Decision, decide, decideVersion } from './decide.ts';
import { NULL_SLOT, type ObjectFact } from './fact.ts';
import { asVersion, type NextRowContext, nextRow } from './next-row.ts';
import type { RowChange } from './pack.ts';
import type { ObjectWork, SlotWork } from './reduce.ts';
import type { ObjectRow, Truth } from './row.ts';
import { type Settlement, settle } from './settle.ts';

/** The rows of one object as they were read. */
export interface KeyRows {
  current: ObjectRow | undefined;
  /** By version id, or NULL_SLOT; only those that were asked for and are there. */
  versions: ReadonlyMap<string, ObjectRow>;
}

/** What one batch changes of one object: its rows, together in one transaction. */
export type KeyStep =
  /** S3 must be asked about these first, and then again: the current object (undefined) or versions. */
  | { kind: 'ask'; slots: (string | undefined)[] }
  | { kind: 'write'; changes: RowChange[]; because: Because }
  | { kind: 'drop'; because: Because };

type Because = Decision['because'] | Settlement['because'] | 'contradicting-facts';

/** S3's answers, by slot. */
export type Truths = ReadonlyMap<string | undefined, Truth>;

/**
 * The next step of one object from what a batch says. The current object's row comes first. Once a key has a version with
 * an id its versions have rows, and the null version's leaves the current row in the same step, so that nothing is counted
 * twice or not at all.
 */
export const keyStep = (
  { object, current, versions }: ObjectWork,
  rows: KeyRows,
  truths: Truths,
  deciding: DecideContext,
  context: NextRowContext,
): KeyStep => {
  const changes: RowChange[] = [];
  const unknown = new Set<string | undefined>();
  let because: Because = 'duplicate';
  const step = (slot: string | undefined, before: ObjectRow | undefined, work: SlotWork): ObjectRow | undefined => {
    // Where S3 was asked about a version, its answer is what counts.
    const judged: Decision =
      slot !== undefined && truths.has(slot)
        ? { kind: 'arbitrate', because: 'refresh' }
        : decideSlot(slot, before, work, deciding);
    // The version that S3 showed as current: its event does not say its class, S3 just did.
    const shown = judged.kind === 'set' ? asCurrent(truths, slot) : undefined;
    const decision: Decision = shown === undefined ? judged : { kind: 'arbitrate', because: 'refresh' };
    const told = work.fact.kind === 'listed' && decision.kind === 'take' ? work.fact.shown : truths.get(slot);
    const truth = shown ?? told;
    if (decision.kind === 'arbitrate' && truth === undefined) {
      unknown.add(slot);
      return before;
    }
    const settled = decision.kind === 'arbitrate' && truth ? settle(before, work.fact, truth) : decision;
    if (slot === undefined || because === 'duplicate') because = settled.because;
    if (settled.kind === 'drop' || settled.kind === 'arbitrate') return before;
    return nextRow({ ...object, slot }, before, work.fact, settled, truth, context) ?? before;
  };

  const head = currentWork(current, versions, rows.current);
  let after = head === undefined ? rows.current : step(undefined, rows.current, head);
  const marked = head?.fact.deleteMarker === true && after !== rows.current;
  const nullRow = rows.versions.get(NULL_SLOT);
  // S3 shows nothing: the null version may still be there, under a delete marker whose event is on its way.
  const hidden = truths.get(undefined)?.kind === 'absent' && !marked && !after?.apart && after?.versionId === undefined;
  const under = hidden ? truths.get(NULL_SLOT) : undefined;
  if (hidden && under === undefined && versions.has(NULL_SLOT)) unknown.add(NULL_SLOT);
  const buried = under !== undefined && under.kind !== 'absent';
  if (buried && after === undefined && head !== undefined) {
    const gone = { kind: 'tombstone-truth', because: 'truth-absent' } as const;
    after = nextRow({ ...object, slot: undefined }, undefined, head.fact, gone, truths.get(undefined), context);
  }
  if (
    after !== undefined &&
    !after.apart &&
    (buried || marked || after.versionId !== undefined || nullRow !== undefined)
  ) {
    after = apart(after, rows.current, context);
  }
  if (after !== undefined && after !== rows.current) changes.push({ before: rows.current, after });

  for (const [slot, work] of versions) {
    if (slot === NULL_SLOT) continue;
    const before = rows.versions.get(slot);
    const next = step(slot, before, work);
    if (next !== undefined && next !== before) changes.push({ before, after: next });
  }

  // What the current row said of the null version, when it stops speaking for it.
  const leaving = rows.current !== undefined && !rows.current.apart && after?.apart === true;
  const left = leaving && rows.current ? asNullVersion(rows.current, context) : undefined;
  if (after?.apart) {
    const said = versions.get(NULL_SLOT);
    const from = nullRow ?? left;
    const next = said === undefined ? from : step(NULL_SLOT, from, said);
    if (next !== undefined && next !== nullRow) {
      changes.push({ before: nullRow, after: { ...next, revision: nullRow ? nullRow.revision + 1 : context.nowMs } });
    }
  }

  if (unknown.size > 0) return { kind: 'ask', slots: [...unknown] };
  return changes.length === 0 ? { kind: 'drop', because } : { kind: 'write', changes, because };
};

/** What S3 showed as current, if it is this version that has an id. */
export const asCurrent = (truths: Truths, slot: string | undefined): Truth | undefined => {
  const current = truths.get(undefined);
  return slot !== undefined && current?.kind === 'present' && current.versionId === slot ? current : undefined;
};

/** True when the null version's own row must be read before a step can be taken. */
export const needsNullRow = ({ versions }: ObjectWork, rows: KeyRows): boolean =>
  rows.current?.apart === true && versions.has(NULL_SLOT) && !rows.versions.has(NULL_SLOT);

// A null version that a list showed, and that is not current, has no place beside a row which speaks for both: what is
// current is asked first.
const currentWork = (
  current: SlotWork | undefined,
  versions: ObjectWork['versions'],
  row: ObjectRow | undefined,
): SlotWork | undefined => {
  const listed = versions.get(NULL_SLOT)?.fact;
  if (current !== undefined || listed?.kind !== 'listed' || row?.apart) return current;
  const refresh: ObjectFact = {
    ...listed,
    kind: 'refresh',
    sizeBytes: undefined,
    etag: undefined,
    deleteMarker: false,
  };
  return { fact: refresh, contradicting: false };
};

const decideSlot = (
  slot: string | undefined,
  row: ObjectRow | undefined,
  { fact, contradicting }: SlotWork,
  deciding: DecideContext,
): Decision => {
  if (slot !== undefined && slot !== NULL_SLOT) return decideVersion(row, fact, deciding);
  if (slot === undefined && fact.kind === 'listed' && fact.deleteMarker) {
    // What is current is gone. S3 is asked, unless that is known and the markers have rows.
    return row?.state === 'tombstone' && row.apart
      ? { kind: 'drop', because: 'list-agrees' }
      : { kind: 'arbitrate', because: 'list-differs' };
  }
  return contradicting ? { kind: 'arbitrate', because: 'contradicting-facts' } : decide(row, fact, deciding);
};

// The tombstone of a key whose versions have rows stays as long as they: it says where the null version is to be written.
const apart = (after: ObjectRow, before: ObjectRow | undefined, { nowMs }: NextRowContext): ObjectRow => {
  const revision = after === before ? after.revision + 1 : (before?.revision ?? nowMs - 1) + 1;
  return after.state === 'live'
    ? { ...after, revision, apart: true }
    : { ...after, revision, apart: true, expiresAtSeconds: undefined };
};

const asNullVersion = (row: ObjectRow, context: NextRowContext): ObjectRow => {
  const own = { slot: NULL_SLOT, apart: false, revision: context.nowMs } as const;
  if (row.state === 'tombstone') return { ...row, ...own };
  return asVersion({ ...row, ...own }, context);
};
