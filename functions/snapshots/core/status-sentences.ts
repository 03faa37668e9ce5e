import { formatAge, formatInstant } from './calendar.ts';
import type { Snapshot } from './inventory.ts';
import type { Verdict } from './verification/tags.ts';

// What tables say of ages and of restores that were tried.

/** How long ago something was, or that it never was. */
export const ageText = (ms: number | undefined, nowMs: number): string =>
  ms === undefined ? 'none yet' : formatAge(nowMs - ms);

// The tags say that it failed, not how: it may have restored, and its check may not hold.
const RESULTS = { ok: 'restores', failed: 'FAILED' } as const;

/** The newest verdict on a database's snapshots, for a cell. */
export const verdictText = (verdict: Verdict | undefined, nowMs: number): string =>
  verdict === undefined ? 'not tried' : `${RESULTS[verdict.result]}, ${formatAge(nowMs - verdict.atMs)} ago`;

/** What became of the restore of one snapshot. */
export const verdictSentence = ({ id }: Pick<Snapshot, 'id'>, { result, atMs }: Verdict): string =>
  result === 'ok'
    ? `${id} restored to a throw-away database at ${formatInstant(atMs)}.`
    : `${id} FAILED its verification at ${formatInstant(atMs)}: "mainstay snapshots verify" says how.`;

/** That only the snapshots themselves could be asked for what was tried. */
export const bookUnseenSentence = (detail: string): string =>
  `What was tried lately could not be read (${detail}): "verified" goes by the tags on snapshots that are still there.`;
