import type { Drill, DrillReason, Receipt } from './drill.ts';
import type { DrillRow } from './phases.ts';

const REASONS: Readonly<Record<DrillReason, string>> = {
  'failed-over': 'it failed over',
  overdue: 'it was not over in time',
  'no-snapshot': 'there is no snapshot of the leader to restore',
  refused: 'AWS did not make what it needs',
  'taken-over': 'somebody else stands under a name of its own',
  vanished: 'what it made came to nothing, or was removed',
  'no-fault': 'its primary came up in spite of the fault',
  'called-off': 'it was called off',
  'pair-in-trouble': 'the pair itself was no longer healthy',
};

/** Where a drill stands, in one sentence. */
export const drillSentence = ({ pair, phase, lastError }: Drill, row?: DrillRow): string =>
  `Drill of ${pair}: ${phase}${row ? `, ${row.comment}` : ''}.${lastError === undefined ? '' : ` AWS said last: ${lastError}`}`;

/** What a drill has shown, in one sentence. */
export const receiptSentence = ({ pair, result, reason, measured, detail, left }: Receipt): string => {
  const loss =
    measured?.lossRows === 0
      ? "of the guard's writes, the only ones there, none was lost"
      : `at most ${measured?.lossSeconds === undefined ? 'an unknown amount' : `${measured.lossSeconds.toFixed(1)} s`} of commits were lost`;
  const said =
    measured === undefined
      ? `${REASONS[reason]}${detail === undefined ? '' : ` (${detail.replace(/\.$/, '')})`}`
      : `it failed over in ${measured.rtoSeconds} s, of which RDS took ${measured.promoteSeconds} s to promote; ${loss}`;
  const remains = left === undefined ? '' : ` Left standing: ${left}`;
  return `The drill of ${pair} ended ${result}: ${said}.${remains}`;
};
