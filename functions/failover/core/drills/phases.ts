import type { DrillPhase, DrillReason, DrillResult } from './drill.ts';

/** What one row does when it is the first that applies. */
export type DrillStep =
  | 'choose'
  | 'adopt-leader'
  | 'adopt-replica'
  | 'make-group'
  | 'restore'
  | 'replicate'
  | 'name'
  | 'enrol'
  | 'take-out'
  | 'reboot'
  | 'measure'
  | 'remove-name'
  | 'remove-replica'
  | 'remove-leader'
  | 'remove-group'
  | 'keep-receipt';

export type DrillCondition =
  | 'unseen'
  | 'called-off'
  | 'pair-in-trouble'
  | 'overdue'
  | 'not-ours'
  | 'vanished'
  | 'tried-too-often'
  | 'snapshot-found'
  | 'leader-is-new'
  | 'replica-is-new'
  | 'group-is-due'
  | 'leader-is-due'
  | 'leader-is-ready'
  | 'replica-is-due'
  | 'replica-is-ready'
  | 'name-is-due'
  | 'record-is-due'
  | 'named-and-enrolled'
  | 'pair-is-watched'
  | 'still-in-its-network'
  | 'out-of-its-network'
  | 'rebooted'
  | 'came-back'
  | 'failed-over'
  | 'name-stands'
  | 'replica-stands'
  | 'leader-stands'
  | 'group-stands'
  | 'kept-for-good'
  | 'all-gone'
  | 'otherwise';

export interface DrillRow {
  from: readonly DrillPhase[];
  when: DrillCondition;
  to: DrillPhase | 'same';
  step?: DrillStep;
  ends?: { result: DrillResult; reason: DrillReason };
  comment: string;
}

/** Something of ours stands, or may. */
const STANDING: readonly DrillPhase[] = ['restoring', 'replicating', 'naming', 'settling', 'breaking', 'failing-over'];
/** Nothing was broken yet. */
const BEFORE: readonly DrillPhase[] = ['asked', 'restoring', 'replicating', 'naming', 'settling'];

/** The whole behaviour, first match per phase wins; every phase ends in `otherwise`, so every situation has an outcome. */
export const DRILL_PHASES: readonly DrillRow[] = [
  {
    from: [...BEFORE, 'breaking', 'failing-over', 'removing'],
    when: 'unseen',
    to: 'same',
    comment: 'no answer is no evidence: look again',
  },
  {
    from: [...BEFORE, 'breaking', 'failing-over'],
    when: 'called-off',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'called-off' },
    comment: 'a person said stop: what was made goes',
  },
  {
    from: [...BEFORE, 'breaking', 'failing-over'],
    when: 'pair-in-trouble',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'pair-in-trouble' },
    comment: 'the pair itself is no longer healthy: no rehearsal beside an incident',
  },
  {
    from: [...BEFORE, 'breaking', 'failing-over'],
    when: 'overdue',
    to: 'removing',
    ends: { result: 'failed', reason: 'overdue' },
    comment: 'time and money are up; the record says where it stood',
  },
  {
    from: ['asked'],
    when: 'snapshot-found',
    to: 'restoring',
    step: 'choose',
    comment: 'the newest snapshot of the leader, own or automated',
  },
  {
    from: ['asked'],
    when: 'otherwise',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'no-snapshot' },
    comment: 'nothing to restore from',
  },

  {
    from: STANDING,
    when: 'leader-is-new',
    to: 'same',
    step: 'adopt-leader',
    comment: 'both tags are ours: its resource id is written down before anything else',
  },
  { from: STANDING, when: 'replica-is-new', to: 'same', step: 'adopt-replica', comment: 'the same of the replica' },
  {
    from: STANDING,
    when: 'not-ours',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'taken-over' },
    comment: 'somebody else stands under a name of ours',
  },
  {
    from: STANDING,
    when: 'vanished',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'vanished' },
    comment: 'somebody removed what was made',
  },
  {
    from: STANDING,
    when: 'tried-too-often',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'refused' },
    comment: 'AWS does not make what is needed',
  },

  {
    from: ['restoring'],
    when: 'group-is-due',
    to: 'same',
    step: 'make-group',
    comment: 'early: RDS wants minutes between making a group and using it',
  },
  {
    from: ['restoring'],
    when: 'leader-is-due',
    to: 'same',
    step: 'restore',
    comment: 'its name is written down first',
  },
  { from: ['restoring'], when: 'leader-is-ready', to: 'replicating', comment: 'a primary that keeps backups' },
  { from: ['restoring'], when: 'otherwise', to: 'same', comment: 'RDS is at it: minutes, for a large one hours' },

  {
    from: ['replicating'],
    when: 'replica-is-due',
    to: 'same',
    step: 'replicate',
    comment: 'across the regions, like the replica of the pair',
  },
  { from: ['replicating'], when: 'replica-is-ready', to: 'naming', comment: 'the throw-away pair stands' },
  { from: ['replicating'], when: 'otherwise', to: 'same', comment: 'RDS is at it' },

  { from: ['naming'], when: 'name-is-due', to: 'same', step: 'name', comment: 'a name of its own beside the writer' },
  {
    from: ['naming'],
    when: 'record-is-due',
    to: 'same',
    step: 'enrol',
    comment: 'a record of its own, from which the ordinary reconciler goes on',
  },
  { from: ['naming'], when: 'named-and-enrolled', to: 'settling', comment: 'the reconciler watches it' },
  { from: ['naming'], when: 'otherwise', to: 'same', comment: 'Route 53 or the table is slow' },

  {
    from: ['settling'],
    when: 'pair-is-watched',
    to: 'breaking',
    comment: 'writes are taken, the replica follows, identities are learned',
  },
  { from: ['settling'], when: 'otherwise', to: 'same', comment: 'the reconciler looks' },

  {
    from: ['breaking'],
    when: 'still-in-its-network',
    to: 'same',
    step: 'take-out',
    comment: 'the empty security group, and parameters with which no engine starts',
  },
  {
    from: ['breaking'],
    when: 'rebooted',
    to: 'failing-over',
    comment: 'no way in, no engine: what a lost host looks like',
  },
  {
    from: ['breaking'],
    when: 'out-of-its-network',
    to: 'same',
    step: 'reboot',
    comment: 'sessions end with the engine',
  },
  { from: ['breaking'], when: 'otherwise', to: 'same', comment: 'RDS applies the groups' },

  {
    from: ['failing-over'],
    when: 'failed-over',
    to: 'removing',
    step: 'measure',
    ends: { result: 'ok', reason: 'failed-over' },
    comment: 'every name server leads to the promoted one, which was written to in its epoch',
  },
  {
    from: ['failing-over'],
    when: 'came-back',
    to: 'removing',
    ends: { result: 'inconclusive', reason: 'no-fault' },
    comment: 'it came up in spite of its parameters: nothing was rehearsed',
  },
  { from: ['failing-over'], when: 'otherwise', to: 'same', comment: 'the reconciler is at it' },

  { from: ['removing'], when: 'leader-is-new', to: 'same', step: 'adopt-leader', comment: 'made before a crash' },
  { from: ['removing'], when: 'replica-is-new', to: 'same', step: 'adopt-replica', comment: 'made before a crash' },
  {
    from: ['removing'],
    when: 'kept-for-good',
    to: 'over',
    step: 'keep-receipt',
    comment: 'not ours beyond doubt, for half an hour: people look',
  },
  { from: ['removing'], when: 'name-stands', to: 'same', step: 'remove-name', comment: 'exactly what was seen' },
  { from: ['removing'], when: 'replica-stands', to: 'same', step: 'remove-replica', comment: 'before its source' },
  { from: ['removing'], when: 'leader-stands', to: 'same', step: 'remove-leader', comment: 'then the primary' },
  {
    from: ['removing'],
    when: 'group-stands',
    to: 'same',
    step: 'remove-group',
    comment: 'RDS refuses it while an instance has it',
  },
  {
    from: ['removing'],
    when: 'all-gone',
    to: 'over',
    step: 'keep-receipt',
    comment: 'the receipt, then an empty seat',
  },
  { from: ['removing'], when: 'otherwise', to: 'same', comment: 'RDS is at it' },

  {
    from: ['over'],
    when: 'otherwise',
    to: 'same',
    step: 'keep-receipt',
    comment: 'the receipt is written twice as once',
  },
];
