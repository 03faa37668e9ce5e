import { formatAge, formatInstant } from './calendar.ts';
import type { Snapshot } from './inventory.ts';
import type { Verdict } from './verification/tags.ts';

// What tables say of ages and of restores that were tried.

/** How long ago something was, or that it never was. */
export const ageText = (ms: number | undefined, nowMs: number): string =>
  ms === undefined ? 'none yet' : formatAge(nowMs - ms);

const RESULTS = { ok: 'restores', failed: 'FAILED to restore' } as const;

/** The newest verdict on a database's snapshots, for a cell. */
export const verdictText = (verdict: Verdict | undefined, nowMs: number): string =>
  verdict === undefined ? 'not tried' : `${RESULTS[verdict.result]}, ${formatAge(nowMs - verdict.atMs)} ago`;

/** What became of the restore of one snapshot. */
export const verdictSentence = ({ id }: Snapshot, { result, atMs }: Verdict): string =>
  `${id} ${result === 'ok' ? 'restored to a throw-away database' : RESULTS.failed} at ${formatInstant(atMs)}.`;

/** That only the snapshots themselves could be asked for what was tried. */
export const bookUnseenSentence = (detail: string): string =>
  `What was tried lately could not be read (${detail}): "verified" goes by the tags on snapshots that are still there.`;
