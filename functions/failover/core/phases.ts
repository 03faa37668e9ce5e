import type { Phase } from './record.ts';

/** What is done to one that led before. */
export type OldStep = 'fence-old' | 'salvage' | 'stop';

/** What one row does when it is the first that applies. */
export type Step =
  | 'fence'
  | 'unfence'
  | 'quiesce'
  | OldStep
  | 'rebuild'
  | 'take-lease'
  | 'return-lease'
  | 'hand-lease'
  | 'promote'
  | 'open'
  | 'swap-names'
  | 'announce'
  | 'second-channel'
  | 'swap-readers';

export type HoldReason =
  | 'newer-record'
  | 'old-evidence'
  | 'paused'
  | 'link-down'
  | 'unconfirmed'
  | 'gates-closed'
  | 'awaiting-approval'
  | 'fence-unproven'
  | 'candidate-not-ready'
  | 'switchover-not-ready'
  | 'names-conflict'
  | 'names-unseen'
  | 'readers-conflict'
  | 'leader-down'
  | 'standby-not-ready';

export type Condition =
  | 'record-is-newer'
  | 'evidence-is-old'
  | 'paused'
  | 'leader-is-fenced-by-us'
  | 'nobody-sees-a-write'
  | 'link-is-down'
  | 'recovered'
  | 'two-agree'
  | 'not-two-agree'
  | 'a-gate-is-closed'
  | 'approval-is-needed'
  | 'approved'
  | 'called-off'
  | 'fence-not-ordered'
  | 'fence-waived'
  | 'lease-not-taken'
  | 'lease-run-out'
  | 'lease-is-ours'
  | 'lease-owed'
  | 'lease-to-take'
  | 'fence-proven'
  | 'door-is-open'
  | 'leader-is-unseen'
  | 'switchover-is-ready'
  | 'switchover-is-asked'
  | 'switchover-is-off'
  | 'quiesce-owed'
  | 'writers-are-gone'
  | 'drained'
  | 'closed-and-drained'
  | 'candidate-is-promoted'
  | 'promotion-not-asked'
  | 'candidate-is-not-ready'
  | 'writable-in-our-epoch'
  | 'names-conflict'
  | 'names-are-ours'
  | 'names-unknown'
  | 'name-leads-to-it'
  | 'announcement-owed'
  | 'second-channel-owed'
  | 'readers-are-stale'
  | 'readers-conflict'
  | 'old-primary-is-loose'
  | 'salvage-owed'
  | 'stop-owed'
  | 'rebuild-owed'
  | 'standby-follows'
  | 'standby-is-stuck'
  | 'leader-is-down'
  | 'otherwise';

export interface Row {
  from: Phase | '*';
  when: Condition;
  to: Phase | 'same';
  step?: Step;
  /** Set where people are told: something would be done, and must not. */
  hold?: HoldReason;
  comment: string;
}

/** The whole behaviour, first match per phase wins; every phase ends in `otherwise`, so every situation has an outcome. */
export const PHASES: readonly Row[] = [
  {
    from: '*',
    when: 'record-is-newer',
    to: 'same',
    hold: 'newer-record',
    comment: 'a newer release wrote this record: hands off',
  },
  {
    from: '*',
    when: 'evidence-is-old',
    to: 'same',
    hold: 'old-evidence',
    comment: 'a snapshot over 20 s old decides nothing',
  },
  { from: '*', when: 'paused', to: 'same', hold: 'paused', comment: 'a person said pause: look, do nothing' },

  {
    from: 'healthy',
    when: 'leader-is-fenced-by-us',
    to: 'aborting',
    comment: 'a fence outlived its incident: open the door again',
  },
  {
    from: 'healthy',
    when: 'lease-is-ours',
    to: 'aborting',
    comment: 'a lease outlived its incident: give it back',
  },
  {
    from: 'healthy',
    when: 'switchover-is-ready',
    to: 'quiescing',
    comment: 'a person asked for the other one to lead, and nothing speaks against it: the epoch goes up',
  },
  { from: 'healthy', when: 'nobody-sees-a-write', to: 'suspect', comment: 'a first look without an accepted write' },
  {
    from: 'healthy',
    when: 'switchover-is-asked',
    to: 'same',
    hold: 'switchover-not-ready',
    comment: 'asked to switch over, and something speaks against it',
  },
  {
    from: 'healthy',
    when: 'old-primary-is-loose',
    to: 'same',
    step: 'fence-old',
    comment: 'one that led before was opened again: close it',
  },
  {
    from: 'healthy',
    when: 'salvage-owed',
    to: 'same',
    step: 'salvage',
    comment: 'one that led before came back late: its snapshot first',
  },
  {
    from: 'healthy',
    when: 'stop-owed',
    to: 'same',
    step: 'stop',
    comment: 'RDS starts a stopped instance after seven days: stop it again',
  },
  {
    from: 'healthy',
    when: 'second-channel-owed',
    to: 'same',
    step: 'second-channel',
    comment: 'what could not be written after the failover is tried on',
  },
  {
    from: 'healthy',
    when: 'link-is-down',
    to: 'same',
    hold: 'link-down',
    comment: 'the leader works, replication is cut: the loss bound grows, nothing else',
  },
  { from: 'healthy', when: 'otherwise', to: 'same', comment: 'the leader takes writes and the replica follows' },

  {
    from: 'quiescing',
    when: 'switchover-is-off',
    to: 'aborting',
    comment: 'called off, overdue, or the leader is in trouble: open the logins again',
  },
  {
    from: 'quiescing',
    when: 'writers-are-gone',
    to: 'draining',
    comment: 'no login, no session: where the log stands now is all that there is',
  },
  {
    from: 'quiescing',
    when: 'quiesce-owed',
    to: 'same',
    step: 'quiesce',
    comment: 'application logins closed, their sessions ended',
  },
  { from: 'quiescing', when: 'otherwise', to: 'same', comment: 'the writers are leaving' },
  {
    from: 'draining',
    when: 'switchover-is-off',
    to: 'aborting',
    comment: 'called off, overdue, or the leader is in trouble: open the logins again',
  },
  { from: 'draining', when: 'drained', to: 'closing', comment: 'the replica has replayed everything' },
  { from: 'draining', when: 'otherwise', to: 'same', comment: 'the replica replays what is left' },
  {
    from: 'closing',
    when: 'switchover-is-off',
    to: 'aborting',
    comment: 'called off or overdue: still possible',
  },
  {
    from: 'closing',
    when: 'fence-not-ordered',
    to: 'same',
    step: 'fence',
    comment: 'the empty security group, once more with no session left',
  },
  {
    from: 'closing',
    when: 'lease-to-take',
    to: 'same',
    step: 'take-lease',
    comment: 'the door is shut: its guard must not open it again after a lapse',
  },
  {
    from: 'closing',
    when: 'closed-and-drained',
    to: 'promoting',
    comment: 'the point of no return, with nothing lost',
  },
  {
    from: 'closing',
    when: 'otherwise',
    to: 'same',
    comment: 'the empty security group becomes active, and a lease is let go of',
  },

  {
    from: 'suspect',
    when: 'leader-is-fenced-by-us',
    to: 'aborting',
    comment: 'a late order fenced it: open the door again',
  },
  { from: 'suspect', when: 'lease-is-ours', to: 'aborting', comment: 'taken too late: give it back' },
  { from: 'suspect', when: 'recovered', to: 'healthy', comment: 'a blip' },
  {
    from: 'suspect',
    when: 'two-agree',
    to: 'confirming',
    comment: 'two vantage points agree, and the replica hears nothing',
  },
  {
    from: 'suspect',
    when: 'otherwise',
    to: 'same',
    hold: 'unconfirmed',
    comment: 'one vantage point alone proves nothing',
  },

  {
    from: 'confirming',
    when: 'leader-is-fenced-by-us',
    to: 'aborting',
    comment: 'back, behind a fence of a change that was called off: open the door again',
  },
  { from: 'confirming', when: 'recovered', to: 'healthy', comment: 'RDS healed it: no epoch was used' },
  { from: 'confirming', when: 'not-two-agree', to: 'suspect', comment: 'agreement was lost: the window starts again' },
  { from: 'confirming', when: 'a-gate-is-closed', to: 'same', hold: 'gates-closed', comment: 'a gate says why not' },
  {
    from: 'confirming',
    when: 'approval-is-needed',
    to: 'awaiting-approval',
    comment: 'mode approve: a person decides',
  },
  {
    from: 'confirming',
    when: 'otherwise',
    to: 'fencing',
    comment: 'all gates open in one snapshot: the epoch goes up',
  },

  { from: 'awaiting-approval', when: 'recovered', to: 'healthy', comment: 'RDS healed it while people thought' },
  {
    from: 'awaiting-approval',
    when: 'a-gate-is-closed',
    to: 'confirming',
    comment: 'what was asked about is no longer so',
  },
  { from: 'awaiting-approval', when: 'approved', to: 'fencing', comment: 'a person approved this epoch' },
  {
    from: 'awaiting-approval',
    when: 'otherwise',
    to: 'same',
    hold: 'awaiting-approval',
    comment: 'waiting for a person',
  },

  {
    from: 'fencing',
    when: 'called-off',
    to: 'aborting',
    comment: 'the leader came back, or a person aborted: still possible',
  },
  {
    from: 'fencing',
    when: 'lease-not-taken',
    to: 'same',
    step: 'take-lease',
    comment: 'before the fence is ordered, or the guard would open the door again',
  },
  {
    from: 'fencing',
    when: 'fence-not-ordered',
    to: 'same',
    step: 'fence',
    comment: 'sessions ended where SQL is possible, then the empty security group',
  },
  {
    from: 'fencing',
    when: 'a-gate-is-closed',
    to: 'same',
    hold: 'gates-closed',
    comment: 'the last look: every gate must still be open',
  },
  {
    from: 'fencing',
    when: 'fence-waived',
    to: 'promoting',
    comment: 'fence none: its exposure was accepted, in the config or by who forced it',
  },
  {
    from: 'fencing',
    when: 'lease-run-out',
    to: 'promoting',
    comment: 'the silent region could not renew for so long that its guard has closed the door',
  },
  { from: 'fencing', when: 'fence-proven', to: 'promoting', comment: 'the point of no return' },
  { from: 'fencing', when: 'otherwise', to: 'same', hold: 'fence-unproven', comment: 'no promotion without proof' },

  {
    from: 'aborting',
    when: 'lease-is-ours',
    to: 'same',
    step: 'return-lease',
    comment: 'first the lease: its guard opens the door that it closed',
  },
  { from: 'aborting', when: 'door-is-open', to: 'healthy', comment: 'the leader has its security groups back' },
  {
    from: 'aborting',
    when: 'leader-is-unseen',
    to: 'healthy',
    comment: 'nobody can open it or see it: an incident of its own, and opened on its return',
  },
  {
    from: 'aborting',
    when: 'otherwise',
    to: 'same',
    step: 'unfence',
    comment: 'give the leader its security groups and logins back',
  },

  {
    from: 'promoting',
    when: 'candidate-is-promoted',
    to: 'verifying',
    comment: 'source cleared, available, out of recovery',
  },
  {
    from: 'promoting',
    when: 'promotion-not-asked',
    to: 'same',
    step: 'promote',
    comment: 'asked once; again only when nothing is to be seen of it',
  },
  {
    from: 'promoting',
    when: 'candidate-is-not-ready',
    to: 'same',
    hold: 'candidate-not-ready',
    comment: 'RDS promotes only an available replica',
  },
  { from: 'promoting', when: 'otherwise', to: 'same', comment: 'RDS is promoting: minutes, sometimes hours' },

  {
    from: 'verifying',
    when: 'writable-in-our-epoch',
    to: 'switching-names',
    comment: 'our epoch was written and read back: it leads now',
  },
  { from: 'verifying', when: 'otherwise', to: 'same', step: 'open', comment: 'logins opened, our epoch written' },

  {
    from: 'switching-names',
    when: 'names-are-ours',
    to: 'verifying-names',
    comment: 'Route 53 holds the new value and our epoch',
  },
  {
    from: 'switching-names',
    when: 'names-conflict',
    to: 'same',
    hold: 'names-conflict',
    comment: 'somebody else moved the name: never overwritten',
  },
  {
    from: 'switching-names',
    when: 'names-unknown',
    to: 'same',
    hold: 'names-unseen',
    comment: 'Route 53 does not answer: the database waits, promoted',
  },
  {
    from: 'switching-names',
    when: 'otherwise',
    to: 'same',
    step: 'swap-names',
    comment:
      'one atomic batch: DELETE exact old, CREATE new, the epoch beside it; or the health check that chooses the other record',
  },

  {
    from: 'verifying-names',
    when: 'name-leads-to-it',
    to: 'degraded',
    comment: "every authoritative server, or the VPC's resolver, answers the new leader",
  },
  { from: 'verifying-names', when: 'names-conflict', to: 'switching-names', comment: 'moved away again: look closer' },
  { from: 'verifying-names', when: 'otherwise', to: 'same', comment: 'accepted, not yet answered everywhere' },

  {
    from: 'degraded',
    when: 'old-primary-is-loose',
    to: 'same',
    step: 'fence-old',
    comment: 'first act on return: fence the old primary',
  },
  { from: 'degraded', when: 'announcement-owed', to: 'same', step: 'announce', comment: 'LeaderChanged, once' },
  {
    from: 'degraded',
    when: 'salvage-owed',
    to: 'same',
    step: 'salvage',
    comment: 'a snapshot of the old primary, for the rows that nobody else has',
  },
  {
    from: 'degraded',
    when: 'stop-owed',
    to: 'same',
    step: 'stop',
    comment: 'the old primary is stopped, and again when RDS starts it after seven days',
  },
  {
    from: 'degraded',
    when: 'second-channel-owed',
    to: 'same',
    step: 'second-channel',
    comment: "the host in the secrets, in both regions: tried once a minute, in nobody's way",
  },
  {
    from: 'degraded',
    when: 'rebuild-owed',
    to: 'same',
    step: 'rebuild',
    comment: "a replica of the new leader in the old one's region, once a person has acknowledged",
  },
  {
    from: 'degraded',
    when: 'readers-are-stale',
    to: 'same',
    step: 'swap-readers',
    comment: 'a batch of their own: the promoted one, or its replica once there is one',
  },
  {
    from: 'degraded',
    when: 'lease-owed',
    to: 'same',
    step: 'hand-lease',
    comment: "the last thing before the pair is armed again: the new leader's guard keeps the lease from now on",
  },
  {
    from: 'degraded',
    when: 'standby-follows',
    to: 'healthy',
    comment: 'a standby follows the new leader: the roles are swapped, and the pair is armed again',
  },
  {
    from: 'degraded',
    when: 'leader-is-down',
    to: 'same',
    hold: 'leader-down',
    comment: 'the leader takes no writes, and no standby follows it: that is for people',
  },
  {
    from: 'degraded',
    when: 'readers-conflict',
    to: 'same',
    hold: 'readers-conflict',
    comment: "somebody else changed the readers' name: never overwritten",
  },
  {
    from: 'degraded',
    when: 'standby-is-stuck',
    to: 'same',
    hold: 'standby-not-ready',
    comment: 'what is to follow the new leader does not, and will not by itself',
  },
  {
    from: 'degraded',
    when: 'otherwise',
    to: 'same',
    comment: 'a leader without a standby: no further failover until one follows',
  },
];
