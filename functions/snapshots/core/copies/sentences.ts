import { formatAge, formatSlot } from '../calendar.ts';
import { beyondConfirmedText, confirmCommand } from '../order-sentences.ts';
import { pauseText } from '../orders.ts';
import { named, plural } from '../words.ts';
import type { CopyPlan, CopyVerdict, CopyWarning } from './copies.ts';
import type { Removal } from './expiry.ts';
import type { CopyAct, CopyOutcome, NotStarted } from './outcome.ts';
import type { CopyReason, CopySkip, CopyWait } from './verdict.ts';

// One decision about a copy, one sentence: the log line, the notice and the command all say this.

const SKIPS: Record<CopySkip, (detail: string) => string> = {
  'switched-off': () => 'its tag switches copies off',
  paused: (who) => `copies are paused ${who}`,
  unseen: (what) => `${what} could not be seen`,
  fresh: () => 'its newest copy is fresh',
  'in-progress': (copy) => `${copy}`,
  'no-good-source': () => 'it has no good snapshot',
  'newest-is-copied': (source) => `${source} is its newest good snapshot, and is copied`,
  'not-copied-by-rds': (engine) => `RDS copies no snapshots of ${engine}`,
  'cannot-be-encrypted': (source) =>
    `${source} is not encrypted, and RDS encrypts no copy of a cluster snapshot: restore the cluster with a key, or allow plain copies with encryptCopies: as-source`,
  'no-option-group': (group) =>
    `its option group ${group} has no counterpart: make one in the recovery region, and name it in snapshots.copies.optionGroups`,
  'key-unusable': (key) => `the key for copies cannot be used (${key})`,
  'failed-in-the-way': (copy) =>
    `a copy that failed has the name ${copy}, and goes only when expiry is armed and nothing holds it`,
  'name-taken': (name) => `the name ${name} is taken in the recovery region, not by a copy of this snapshot`,
};

const COPIES: Record<CopyReason, string> = {
  first: 'it has none yet',
  due: 'its newest copy is due',
  'previous-failed': 'the last try failed half way',
};

const WAITS: Record<CopyWait, string> = {
  'in-flight-limit': 'as many copies as allowed are on their way, and others have waited longer',
  quota: 'the quota of manual snapshots in the recovery region is full',
};

/** What is to become of a database's newest snapshot. */
export const copySentence = (verdict: CopyVerdict): string => {
  const { database, problems, detail } = verdict;
  const name = named(database);
  const first =
    verdict.kind === 'copy'
      ? `${name}: ${verdict.source.id} is copied: ${COPIES[verdict.because]}.`
      : verdict.kind === 'wait'
        ? `${name}: ${verdict.source.id} waits to be copied: ${WAITS[verdict.because]}.`
        : `${name} gets no copy now: ${SKIPS[verdict.because](detail)}.`;
  return [first, ...problems.map((problem) => `${name}: ${problem}.`)].join(' ');
};

const NOT_STARTED: Record<NotStarted, string> = {
  'in-flight-limit': 'RDS has as many copies on their way as it takes; the next run asks again',
  quota: 'the quota of manual snapshots in the recovery region is full: raise it or keep less there',
  'source-gone': 'it is gone',
  'source-state': 'it is not available any more',
  'key-refused':
    'RDS could not use the key for copies (snapshots.copies.kmsKeyId), so no copy that needs it is asked for in this run',
  'key-refused-before': 'it needs the key that was refused',
  'source-key-refused': 'RDS could not use its key',
  forbidden: 'the role may not',
  refused: 'RDS refused',
  'no-evidence': 'there was no answer, and no copy is to be seen',
  'name-taken': "the name is somebody else's in the recovery region",
  'failed-in-the-way': 'a copy that failed has its name',
  'out-of-time': 'the run had no time left; the next one goes on',
};

const NOT_DELETED: Record<Extract<CopyAct, { kind: 'not-deleted' }>['because'], string> = {
  'not-armed': 'expiry is not armed, it only plans',
  paused: 'it was paused meanwhile',
  'orders-unseen': 'nobody could say whether it is paused',
  'confirmation-lost': 'the confirmation that would let it pass was used by another run',
  state: 'its state does not allow it now; the next run tries again',
  refused: 'RDS refused',
  'no-evidence': 'there was no answer',
  'out-of-time': 'the run had no time left',
};

const REMOVALS: Record<Removal['because'], string> = {
  'outside-policy': 'no rule of the copies keeps it',
  'orphan-expired': 'its database has been gone for long enough',
  failed: 'it failed half way',
  quota: 'the quota is short, and the config lets the oldest go that only its policy keeps',
};
const tail = (detail: string): string => (detail === '' ? '' : ` (${detail})`);

/** What the policy, or its failure, means for a copy, before anything is done. */
export const copyRemovalSentence = ({ snapshot, because }: Removal): string =>
  `The copy ${snapshot.id} may be deleted: ${REMOVALS[because]}.`;

/** What became of one step. */
export const copyActSentence = (act: CopyAct): string => {
  switch (act.kind) {
    case 'started':
      return `${named(act.copy.database)}: a copy of ${act.copy.source.id} was ${act.how === 'new' ? 'asked for' : 'there already, and is ours of this snapshot'}.`;
    case 'not-started':
      return `${named(act.copy.database)}: ${act.copy.source.id} was not copied: ${NOT_STARTED[act.because]}${tail(act.detail)}.`;
    case 'deleted':
      return `The copy ${act.removal.snapshot.id} was ${act.how === 'now' ? 'deleted' : 'gone already'}: ${REMOVALS[act.removal.because]}.`;
    case 'not-deleted':
      return `The copy ${act.removal.snapshot.id} ${act.because === 'not-armed' ? 'would be' : 'was not'} deleted: ${NOT_DELETED[act.because]}${tail(act.detail)}.`;
  }
};

/** What a person should look at. */
export const copyWarningSentence = (warning: CopyWarning): string => {
  switch (warning.kind) {
    case 'none-to-copy':
      return `No database is to be copied: of ${plural(warning.seen, 'database')} none is selected.`;
    case 'unseen':
      return `In the ${warning.where} region the ${warning.unseen.what}${warning.unseen.kind ? ` (${warning.unseen.kind}s)` : ''} could not be seen: ${warning.unseen.detail}.`;
    case 'key-unusable':
      return `The key for copies cannot be used (${warning.keyId}): ${plural(warning.waiting, 'database')} ${warning.waiting === 1 ? 'gets' : 'get'} no copy until it is enabled or another one is configured.`;
    case 'late':
      return `${named(warning.database)} has had no new copy since ${formatSlot(warning.newestGoodMs)}, which is longer than planned.`;
    case 'paused':
      return `${warning.pause.part === 'copies' ? 'Copies are' : 'Expiry is'} paused ${pauseText(warning.pause)}.`;
    case 'circuit-breaker':
      return `${beyondConfirmedText(warning.stopped, warning.passed, warning.allowed) ?? `No copy is deleted by the policy: ${plural(warning.stopped, 'deletion')} in one run is more than the ${warning.allowed} allowed`}; look at "mainstay snapshots plan --copies", and if that is meant, let it pass once: ${confirmCommand('copies')}.`;
  }
};

/** The run of copies in one sentence. */
export const copyRunSentence = (
  plan: CopyPlan,
  { result, counts, worstAgeMs, withoutGood }: CopyOutcome,
  dryRun: boolean,
): string => {
  const { databases, started, inProgress, waiting, failed, stuck, deleted, wouldDelete } = counts;
  const some = (count: number, text: string) => (count > 0 ? [`${count} ${text}`] : []);
  const parts = [
    dryRun ? `${plan.databases.filter(({ kind }) => kind === 'copy').length} to start` : `${started} started`,
    ...some(inProgress, 'on their way'),
    ...some(waiting, 'waiting'),
    ...some(failed, 'failed'),
    ...some(stuck, 'that need a person'),
    plan.expiry === 'armed' && !dryRun ? `${deleted} deleted` : `${wouldDelete} could be deleted`,
    ...some(withoutGood, 'without a good copy yet'),
    ...(worstAgeMs === undefined ? [] : [`oldest newest copy ${formatAge(worstAgeMs)}`]),
  ];
  return `${result}: copies of ${plural(databases, 'database')}: ${parts.join(', ')}.`;
};
