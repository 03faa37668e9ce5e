import type { Phase, Reason, Result } from './verification.ts';

/** What one row does when it is the first that applies. */
export type Step = 'restore' | 'add-member' | 'adopt' | 'rename' | 'secure' | 'check' | 'tag' | 'remove';

export type Condition =
  | 'unseen'
  | 'overdue'
  | 'overdue-and-restoring'
  | 'refused'
  | 'refused-and-no-login'
  | 'vanished'
  | 'not-ours'
  | 'ended-badly'
  | 'unrecorded'
  | 'name-is-taken'
  | 'tried-too-often'
  | 'not-there-and-due'
  | 'ready'
  | 'ready-and-alone'
  | 'ready-and-due'
  | 'ready-and-no-login'
  | 'check-is-due'
  | 'password-lost'
  | 'inconclusive'
  | 'tagged'
  | 'due'
  | 'all-gone'
  | 'kept-for-good'
  | 'kept'
  | 'going'
  | 'otherwise';

export interface Row {
  from: readonly Phase[];
  when: Condition;
  to: Phase | 'same';
  step?: Step;
  ends?: { result: Result; reason: Reason };
  comment: string;
}

const STANDING: readonly Phase[] = ['restoring', 'adding', 'securing', 'checking'];
const MAKING: readonly Phase[] = ['restoring', 'adding'];

/** The whole behaviour, first match per phase wins; every phase ends in `otherwise`, so every situation has an outcome. */
export const PHASES: readonly Row[] = [
  {
    from: ['chosen', ...STANDING, 'removing'],
    when: 'unseen',
    to: 'same',
    comment: 'no answer is no evidence: look again',
  },

  {
    from: ['chosen'],
    when: 'overdue',
    to: 'over',
    ends: { result: 'inconclusive', reason: 'never-started' },
    comment: 'nothing was asked for, so nothing is left',
  },
  { from: ['chosen'], when: 'name-is-taken', to: 'same', step: 'rename', comment: 'never over an existing one' },
  { from: ['chosen'], when: 'otherwise', to: 'restoring', step: 'restore', comment: 'its id is written down first' },

  {
    from: MAKING,
    when: 'unrecorded',
    to: 'same',
    step: 'adopt',
    comment: 'made before a crash: both tags are ours, so its resource id is written down',
  },
  {
    from: ['restoring'],
    when: 'name-is-taken',
    to: 'chosen',
    step: 'rename',
    comment: 'somebody was faster with this name',
  },
  {
    from: STANDING,
    when: 'not-ours',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'taken-over' },
    comment: 'replaced under its name, or its tags were taken off: not ours any more',
  },
  {
    from: STANDING,
    when: 'vanished',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'vanished' },
    comment: 'somebody removed it',
  },
  {
    from: STANDING,
    when: 'ended-badly',
    to: 'recording',
    ends: { result: 'failed', reason: 'restore-failed' },
    comment: 'RDS gave up on the restore: this snapshot does not restore',
  },
  {
    from: ['checking'],
    when: 'ready-and-no-login',
    to: 'recording',
    ends: { result: 'ok', reason: 'available' },
    comment: 'nothing logs in to this engine: reaching available is the check',
  },
  {
    from: ['securing'],
    when: 'refused-and-no-login',
    to: 'recording',
    ends: { result: 'ok', reason: 'available' },
    comment: 'it reached available, and nobody logs in: the password matters to nobody here',
  },
  {
    from: STANDING,
    when: 'refused',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'refused' },
    comment: 'a quota, a permission, a subnet group: it says nothing about the snapshot',
  },
  {
    from: MAKING,
    when: 'overdue-and-restoring',
    to: 'recording',
    ends: { result: 'failed', reason: 'overdue' },
    comment: 'RDS is still at it after maxMinutes: nobody could wait for this snapshot',
  },
  {
    from: STANDING,
    when: 'overdue',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'overdue' },
    comment: 'time and money are up, and nobody saw how it went: an outage, perhaps',
  },
  {
    from: ['checking'],
    when: 'tried-too-often',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'unreachable' },
    comment: 'it is available, and no check came through: a network or a login, not the snapshot',
  },
  {
    from: [...MAKING, 'securing'],
    when: 'tried-too-often',
    to: 'recording',
    ends: { result: 'inconclusive', reason: 'no-answer' },
    comment: 'RDS does not say what became of what was asked',
  },

  {
    from: ['restoring'],
    when: 'not-there-and-due',
    to: 'same',
    step: 'restore',
    comment: 'asked again under the same id: twice is once',
  },
  {
    from: ['restoring'],
    when: 'ready-and-alone',
    to: 'adding',
    step: 'add-member',
    comment: 'an Aurora cluster answers nobody without an instance',
  },
  { from: ['restoring'], when: 'ready', to: 'securing', comment: 'it restores' },
  {
    from: ['adding'],
    when: 'not-there-and-due',
    to: 'same',
    step: 'add-member',
    comment: 'asked again under the same id',
  },
  { from: ['adding'], when: 'ready', to: 'securing', comment: 'the cluster and its instance are available' },
  { from: MAKING, when: 'otherwise', to: 'same', comment: 'RDS is at it: minutes, for a large one hours' },

  {
    from: ['securing'],
    when: 'ready-and-due',
    to: 'same',
    step: 'secure',
    comment: 'a master password that only this run knows; deletion protection off',
  },
  { from: ['securing'], when: 'otherwise', to: 'same', comment: 'busy, which passes' },

  {
    from: ['checking'],
    when: 'password-lost',
    to: 'securing',
    comment: 'a run that ended took the password with it: set another',
  },
  { from: ['checking'], when: 'check-is-due', to: 'same', step: 'check', comment: 'from inside the isolated network' },
  { from: ['checking'], when: 'otherwise', to: 'same', comment: 'the new password is not there yet' },

  {
    from: ['recording'],
    when: 'inconclusive',
    to: 'removing',
    comment: 'nothing was learnt, so nothing is said on the snapshot',
  },
  {
    from: ['recording'],
    when: 'tagged',
    to: 'removing',
    comment: 'the snapshot says when it was tried, and how it went',
  },
  {
    from: ['recording'],
    when: 'refused',
    to: 'removing',
    comment: 'the snapshot is gone, or takes no tag: the record remembers',
  },
  { from: ['recording'], when: 'tried-too-often', to: 'removing', comment: 'a tag is not worth what a database costs' },
  { from: ['recording'], when: 'due', to: 'same', step: 'tag', comment: 'verified-at and the result' },
  { from: ['recording'], when: 'otherwise', to: 'same', comment: 'a moment between two tries' },

  { from: ['removing'], when: 'all-gone', to: 'over', comment: 'nothing of it is left' },
  {
    from: ['removing'],
    when: 'unrecorded',
    to: 'same',
    step: 'adopt',
    comment: 'what a crash left: recorded first, removed after',
  },
  {
    from: ['removing'],
    when: 'kept-for-good',
    to: 'over',
    comment: 'not ours beyond doubt: left standing, and people are told',
  },
  { from: ['removing'], when: 'kept', to: 'same', comment: 'a doubt about whose it is: nothing is removed on it' },
  { from: ['removing'], when: 'going', to: 'same', comment: 'RDS is deleting it' },
  { from: ['removing'], when: 'due', to: 'same', step: 'remove', comment: 'the instance first, then its cluster' },
  { from: ['removing'], when: 'otherwise', to: 'same', comment: 'a moment between two tries' },

  { from: ['over'], when: 'otherwise', to: 'same', comment: 'nothing more' },
];
