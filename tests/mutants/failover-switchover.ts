import type { Mutant } from './mutant.ts';

// Failover, the planned change: what must be so before it begins, its steps, and the way back.

const wing = 'functions/failover';
const core = `${wing}/core`;
const alone = `${core}/switchover.test.ts`;

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const doubts: [id: string, removes: string, find: string][] = [
  ['observe', 'that a pair which is watched only is not switched over', "policy.mode === 'observe' ?"],
  [
    'group',
    'that the leader can be shut out',
    'policy.fencedSecurityGroups[record.leader.region] === undefined\n      ?',
  ],
  ['identity', 'that the leader is known by its identity', 'record.leader.resourceId === undefined ?'],
];

const beginning = mutants(
  'core/switchover.ts',
  [alone],
  [
    ...doubts.map(([id, removes, find]) => ({
      id: `switchover-${id}`,
      removes,
      find,
      replace: find.endsWith('\n      ?') ? 'false\n      ?' : 'false ?',
    })),
    {
      id: 'switchover-well',
      removes: 'that the leader is well',
      find: "diagnosis === 'healthy' ?",
      replace: 'true ?',
    },
    {
      id: 'switchover-receiving',
      removes: 'that the replica must hear from its source',
      find: '...hearingDoubts(situation),',
      replace: '',
    },
    {
      id: 'switchover-write',
      removes: 'that the guard sees a write accepted',
      find: "reportOf(evidence.guard)?.write.kind === 'wrote' ?",
      replace: 'true ?',
    },
    {
      id: 'switchover-position',
      removes: 'that the log of the leader has a position to wait for',
      find: 'return write?.kind !== ',
      replace: 'return true || write?.kind !== ',
    },
    {
      id: 'switchover-gates',
      removes: 'the gates about the other side, at the beginning',
      find: '    ...neededGates(situation, gates),\n',
      replace: '',
    },
    ...(['G5', 'G8', 'G9'] as const).map((gate) => ({
      id: `switchover-${gate.toLowerCase()}`,
      removes: `${gate} among what a planned change needs`,
      find: "['G5', 'G8', 'G9']",
      replace: JSON.stringify(['G5', 'G8', 'G9'].filter((one) => one !== gate)),
    })),
    {
      id: 'switchover-asked-lately',
      removes: 'that an old order to switch over is forgotten',
      find: ' && nowMs - record.switchover.atMs <= ASKED_FOR_MS;',
      replace: ';',
    },
  ],
);

const course = mutants(
  'core/switchover.ts',
  [alone],
  [
    {
      id: 'switchover-vetoed',
      removes: 'that a person calls it off',
      find: 'record.vetoed !== undefined ||\n',
      replace: '',
    },
    {
      id: 'switchover-ends',
      removes: 'the time after which the writers are let in again',
      find: '  nowMs - (record.passed.quiescing ?? record.phaseSinceMs) > SWITCHOVER_MS ||\n',
      replace: '',
    },
    {
      id: 'switchover-time-in-all',
      removes: 'that its time counts from the first of its phases',
      find: '(record.passed.quiescing ?? record.phaseSinceMs)',
      replace: 'record.phaseSinceMs',
    },
    {
      id: 'switchover-trouble',
      removes: 'that it is called off when the leader is in trouble',
      find: "(record.phase !== 'closing' && isFailing(diagnosis));",
      replace: 'false;',
    },
    {
      id: 'switchover-shut-is-no-trouble',
      removes: 'that a leader behind the shut door is not taken for a lost one',
      find: "(record.phase !== 'closing' && isFailing(diagnosis));",
      replace: 'isFailing(diagnosis);',
    },
    {
      id: 'quiesce-once',
      removes: 'that what was carried out is not ordered again',
      find: '(asked.doneAtMs === undefined && nowMs',
      replace: '(nowMs',
    },
    {
      id: 'quiesce-moment',
      removes: 'the moment that sessions need to end',
      find: ' && nowMs - asked.atMs > QUIESCE_AGAIN_MS);',
      replace: ');',
    },
    {
      id: 'quiesce-epoch',
      removes: 'that an order of an earlier epoch counts for nothing',
      find: '/quiesce` ? quiesce : undefined;',
      replace: '/quiesce` || true ? quiesce : undefined;',
    },
    {
      id: 'switchover-last-session',
      removes: 'that the log is read after the order was carried out',
      find: 'if (doneAtMs === undefined || evidence.takenAtMs < doneAtMs) return undefined;',
      replace: 'if (doneAtMs !== undefined && evidence.takenAtMs < doneAtMs) return undefined;',
    },
    {
      id: 'switchover-last-position',
      removes: 'that the log is read by a look that began after the last session had ended',
      find: 'if (doneAtMs === undefined || evidence.takenAtMs < doneAtMs) return undefined;',
      replace: 'if (doneAtMs === undefined) return undefined;',
    },
    {
      id: 'switchover-drained',
      removes: 'that the replica must have replayed up to the last position',
      find: 'return hasLast && hasReceived',
      replace: 'return hasReceived',
    },
    {
      id: 'switchover-drained-received',
      removes: 'that the replica must have replayed all that it received',
      find: 'return hasLast && hasReceived',
      replace: 'return hasLast',
    },
    {
      id: 'switchover-drained-unknown',
      removes: 'that an unknown position is no drained replica',
      find: 'quiesced?.lsn) ?? false;',
      replace: 'quiesced?.lsn) ?? true;',
    },
    {
      id: 'switchover-received-unknown',
      removes: 'that a replica which does not say what it received has not applied it',
      find: 'receivedLsn) ?? false;',
      replace: 'receivedLsn) ?? true;',
    },
    {
      id: 'switchover-drained-gates',
      removes: 'the gates about the other side, at the point of no return',
      find: ' && neededGates(situation, gates).length === 0;',
      replace: ';',
    },
    {
      id: 'switchover-closed',
      removes: 'that the door is shut',
      find: 'return doubt === undefined && nowMs',
      replace: 'return nowMs',
    },
    {
      id: 'switchover-closed-twice',
      removes: 'that two looks find the door shut',
      find: ' && nowMs - (record.fence?.quietSinceMs ?? nowMs) >= QUIET_MS;',
      replace: ';',
    },
    {
      id: 'emptied-here',
      removes: 'that a running engine counts as emptied in a planned change alone',
      find: "record.phase === 'closing' && ordered",
      replace: 'ordered',
    },
    {
      id: 'emptied-done',
      removes: 'that its sessions were ended',
      find: 'ordered(record)?.doneAtMs !== undefined;',
      replace: 'true;',
    },
  ],
);

const leased = [
  ...mutants(
    'core/switchover.ts',
    [alone, 'tests/failover/leased-switchover.test.ts'],
    [
      {
        id: 'switchover-lease-promise',
        removes: 'that the guard of a leased pair promises to close',
        find: '    leaseDoubt(lease),\n    unchangedMs',
        replace: '    unchangedMs',
      },
      {
        id: 'switchover-lease-opening',
        removes: 'that its guard opens no door when it begins',
        find: '    openingDoubt(lease, policy, nowMs),\n  ]',
        replace: '  ]',
      },
      {
        id: 'switchover-lease-renewed',
        removes: 'that the lease is renewed when it begins',
        find: 'unchangedMs < leaseSilentMs(leaseSeconds(lease, policy))\n',
        replace: 'true\n',
      },
      {
        id: 'switchover-lease-table',
        removes: 'that a leased pair has a table',
        find: 'if (!isLeased(policy)) return [',
        replace: 'if (!isLeased(policy)) return []; if (false) return [',
      },
      {
        id: 'switchover-lease-seen',
        removes: 'that the lease is seen when it begins',
        find: 'if (lease === undefined || reportOf(evidence.lease)?.lease === undefined) {',
        replace: 'if (lease === undefined) {',
      },
      {
        id: 'switchover-lease-kept',
        removes: "that the lease is this leader's",
        find: 'if (!isKeptFor(lease, record.leader, policy))',
        replace: 'if (false)',
      },
      {
        id: 'lease-taken-behind-a-door',
        removes: 'that the lease is taken only behind a door that is shut',
        find: 'if (isOurs(lease, record) || closedDoubt(situation) !== undefined) return false;',
        replace: 'if (isOurs(lease, record)) return false;',
      },
      {
        id: 'lease-taken-in-calm',
        removes: 'that the lease is taken only when no run of its guard opens the door',
        find: 'return openingDoubt(lease, policy, nowMs) === undefined;',
        replace: 'return true;',
      },
      {
        id: 'lease-gone-seen',
        removes: 'that the lease is ours in this very look',
        find: "policy.fence !== 'lease' || (reportOf(evidence.lease) !== undefined && isOurs(lease, record));",
        replace: "policy.fence !== 'lease' || isOurs(lease, record);",
      },
      {
        id: 'lease-gone',
        removes: 'that the lease is ours before the promotion',
        find: "policy.fence !== 'lease' || (reportOf(evidence.lease) !== undefined && isOurs(lease, record));",
        replace: "policy.fence !== 'lease' || reportOf(evidence.lease) !== undefined;",
      },
    ],
  ),
  ...mutants(
    'core/lease.ts',
    [`${core}/lease.test.ts`],
    [
      {
        id: 'lease-openings-begin',
        removes: 'that an order to open the door is counted',
        find: '(reopen || before?.reopen ? 1 : 0)',
        replace: '(before?.reopen ? 1 : 0)',
      },
      {
        id: 'lease-openings-end',
        removes: 'that the end of an order to open the door is counted',
        find: '(reopen || before?.reopen ? 1 : 0)',
        replace: '(reopen ? 1 : 0)',
      },
      {
        id: 'lease-calm-anew',
        removes: 'that an order to open which no look found starts the wait anew',
        find: '(before?.openings === openings ? before?.calmSinceMs : undefined)',
        replace: 'before?.calmSinceMs',
      },
      {
        id: 'lease-calm-order',
        removes: 'that a door is in doubt while an order to open it stands',
        find: 'const calm = openings !== undefined && !reopen;',
        replace: 'const calm = openings !== undefined;',
      },
      {
        id: 'lease-calm-release',
        removes: 'that a guard of an earlier release is not trusted to be calm',
        find: 'if (seen.openings === undefined)\n',
        replace: 'if (false)\n',
      },
      {
        id: 'lease-calm-wait',
        removes: 'the time that a slow call to open takes',
        find: ' * 1000 + CLOSING_MS;',
        replace: ' * 1000;',
      },
    ],
  ),
  ...mutants(
    'core/conditions.ts',
    [`${core}/in-isolation.test.ts`],
    [
      {
        id: 'unseen-not-seen',
        removes: 'that only a leader which nobody sees is left to the incident unopened',
        find: 's.primary === undefined && isFailing(s.diagnosis) &&',
        replace: 'isFailing(s.diagnosis) &&',
      },
      {
        id: 'unseen-wait',
        removes: 'the half minute in which its door is tried',
        find: '&& s.nowMs - s.record.phaseSinceMs > LOGINS_WAIT_MS,',
        replace: ',',
      },
    ],
  ),
  ...mutants(
    'core/advance.ts',
    [alone],
    [
      {
        id: 'switchover-return-is-late',
        removes: 'that a guard may close the door still when it gets its lease back',
        find: '[quiesce, fence, given]',
        replace: '[quiesce, fence]',
      },
      {
        id: 'switchover-no-plan-in-an-incident',
        removes: 'that an incident ends what was planned',
        find: "    case 'confirming':\n      // Its leader is in trouble: nobody's plan any more.\n      return { ...next, switchover: undefined };\n",
        replace: '',
      },
      {
        id: 'switchover-outlives-a-blip',
        removes: 'that a single look without a write does not undo an order',
        find: "record.phase === 'suspect' ? record.switchover : undefined",
        replace: 'undefined',
      },
    ],
  ),
  ...mutants(
    'core/phases.ts',
    [alone],
    [
      {
        id: 'switchover-hides-no-incident',
        removes: 'that an incident comes before an order to switch over',
        find: "{ from: 'healthy', when: 'nobody-sees-a-write', to: 'suspect', comment: 'a first look without an accepted write' },\n  {\n    from: 'healthy',\n    when: 'switchover-is-asked',",
        replace: "{\n    from: 'healthy',\n    when: 'switchover-is-asked',",
      },
    ],
  ),
];

const written = [
  ...mutants(
    'core/conditions.ts',
    [alone],
    [
      {
        id: 'switchover-closed-and-drained',
        removes: 'that the replica is still drained when the door is shut',
        find: 'isClosed(s) && isDrained(s, gates)',
        replace: 'isClosed(s)',
      },
      {
        id: 'switchover-shut-and-drained',
        removes: 'that the door is shut when the replica is drained',
        find: 'isClosed(s) && isDrained(s, gates)',
        replace: 'isDrained(s, gates)',
      },
      {
        id: 'logins-not-forgotten',
        removes: 'that a healthy leader whose logins were closed is opened again',
        find: ' || (s.record.quiesced !== undefined && !isFailing(s.diagnosis))',
        replace: '',
      },
      {
        id: 'logins-not-shown',
        removes: 'that an abort ends with the logins, which RDS cannot show',
        find: '(s.record.quiesced === undefined ||',
        replace: '(true ||',
      },
      {
        id: 'logins-wait',
        removes: 'the time that a leader is given to come back for its logins',
        find: ' && s.nowMs - s.record.phaseSinceMs > LOGINS_WAIT_MS)',
        replace: ')',
      },
    ],
  ),
  ...mutants(
    'core/advance.ts',
    [alone],
    [
      {
        id: 'switchover-epoch',
        removes: 'the epoch of its own',
        find: '        epoch: record.epoch + 1,\n        lossSeconds: 0,',
        replace: '        lossSeconds: 0,',
      },
      {
        id: 'switchover-carries-nothing',
        removes: 'that what a person accepted earlier does not go with it',
        find: '        approved: undefined,\n        forced: undefined,\n        acked: undefined,\n',
        replace: '',
      },
      {
        id: 'quiesce-noted-first',
        removes: 'that closing the logins is noted before it is ordered',
        find: "if (step === 'quiesce') return { ...next, quiesced: {} };",
        replace: "if (step === 'quiesce') return next;",
      },
      {
        id: 'switchover-position-noted',
        removes: 'the memory of where the log stood',
        find: '{ ...next, quiesced: { lsn: lastPosition(situation) } }',
        replace: 'next',
      },
      {
        id: 'switchover-off-is-off',
        removes: 'that what was called off is not begun again',
        find: "case 'aborting':\n      return { ...next, switchover: undefined };",
        replace: "case 'aborting':\n      return next;",
      },
      {
        id: 'switchover-old-logins',
        removes: 'that nobody opens the old one after the promotion',
        find: '        quiesced: undefined,\n',
        replace: '',
      },
      {
        id: 'logins-late-order',
        removes: 'that logins are opened until no late order can close them again',
        find: ' && nowMs - lastClosedMs > LATE_ORDER_MS;',
        replace: ';',
      },
      {
        id: 'logins-late-fence',
        removes: 'that a fence closes logins as well',
        find: 'Math.max(...[quiesce, fence, given]',
        replace: 'Math.max(...[quiesce, given]',
      },
      {
        id: 'logins-opened-for-certain',
        removes: 'that a failed order to open is given again',
        find: "step === 'unfence' && error === undefined && nowMs",
        replace: "step === 'unfence' && nowMs",
      },
    ],
  ),
  ...mutants(
    'run/guard.ts',
    ['tests/failover/guard.test.ts'],
    [
      {
        id: 'quiesce-empty',
        removes: 'that a planned change goes on only with no session left',
        find: 'if (sessions.report !== 0) throw',
        replace: 'if (false) throw',
      },
      {
        id: 'quiesce-ended',
        removes: 'that sessions which could not be ended are not taken for ended',
        find: "if (sessions?.kind !== 'ok')\n",
        replace: "if (sessions?.kind !== 'ok') return;\n  if (false)\n",
      },
      {
        id: 'planned-fence-empty',
        removes: 'that the planned fence looks once more for sessions, before the group',
        find: 'if (order.planned) requireEmpty(sessions);',
        replace: '',
      },
      {
        id: 'logins-told',
        removes: 'that logins which are not open yet are told',
        find: "if (order.logins && opened.kind !== 'ok')",
        replace: 'if (false)',
      },
      {
        id: 'planned-groups-left',
        removes: 'that a door which a planned change never shut is left as it is',
        find: 'if (isShut || !order.logins) await',
        replace: 'await',
      },
    ],
  ),
];

/** The planned change. */
export const planned = [...beginning, ...course, ...leased, ...written];
