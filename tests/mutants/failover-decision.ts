import type { Mutant } from './mutant.ts';

// Failover, what decides: gates, conditions, streaks, the bound. Texts are kept short, so that a neighbour's change does not make
// them stale.

const core = 'functions/failover/core';
const decide = `${core}/decide.test.ts`;
const alone = `${core}/in-isolation.test.ts`;
const worlds = 'tests/failover/worlds.test.ts';
const taken = 'tests/failover/mutants.test.ts';

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${core}/${file}`, tests }));

const gates = mutants(
  'gates.ts',
  [alone, decide],
  [
    { id: 'g1-mode', removes: 'G1: the mode observe', find: "policy.mode === 'observe'", replace: 'false' },
    {
      id: 'g1-cooldown',
      removes: 'G1: the cooldown',
      find: '(record.cooldownUntilMs ?? 0) > nowMs && ',
      replace: 'false && ',
    },
    {
      id: 'g2-agree',
      removes: 'G2: the second vantage point',
      find: 'if (!agree) return',
      replace: 'if (false) return',
    },
    {
      id: 'g2-window',
      removes: 'G2: the confirm window',
      find: 'agreedMs < policy.confirmSeconds * 1000',
      replace: 'false',
    },
    {
      id: 'g3-replica-unasked',
      removes: 'G3: a replica that could not be asked',
      find: 'if (reportOf(evidence.replica) === undefined) return',
      replace: 'if (false) return',
    },
    {
      id: 'g3-receiving',
      removes: 'G3: a replica that still hears',
      find: 'return mayReceive ?',
      replace: 'return false ?',
    },
    {
      id: 'g4-self-heal',
      removes: 'G4: the time that RDS has to heal it itself',
      find: 'if (failingMs >= policy.selfHealSeconds * 1000) return undefined;',
      replace: 'return undefined;',
    },
    {
      id: 'g4-operator',
      removes: 'G4: a leader that somebody stopped',
      find: "case 'operator':",
      replace: "case 'operator': return undefined; case 'operator' as never:",
    },
    {
      id: 'g4-maintenance',
      removes: 'G4: maintenance',
      find: "case 'maintenance':",
      replace: "case 'maintenance': return undefined; case 'maintenance' as never:",
    },
    {
      id: 'g4-storage-full',
      removes: 'G4: a full disk',
      find: "case 'storage-full':",
      replace: "case 'storage-full': return undefined; case 'storage-full' as never:",
    },
    {
      id: 'g4-unknown-status',
      removes: 'G4: a status that nobody knows',
      find: "case 'unknown-status':",
      replace: "case 'unknown-status': return undefined; case 'unknown-status' as never:",
    },
    {
      id: 'g4-answers',
      removes: 'G4: a server that answers and refuses',
      find: "case 'answers':",
      replace: "case 'answers': return undefined; case 'answers' as never:",
    },
    {
      id: 'g5-another-instance',
      removes: 'G5: the resource id of the replica',
      find: 'candidate.resourceId !== record.candidate.resourceId',
      replace: 'false',
    },
    {
      id: 'g5-no-replica',
      removes: 'G5: a candidate that is no replica',
      find: 'if (candidate.source === undefined)\n    return',
      replace: 'if (false) return',
    },
    {
      id: 'g5-source',
      removes: 'G5: a replica of something else',
      find: 'if (!isInstance(candidate.source, record.leader.instance)) {',
      replace: 'if (false) {',
    },
    {
      id: 'g5-available',
      removes: "G5: the candidate's status",
      find: "return candidate.status === 'available' ?",
      replace: 'return true ?',
    },
    {
      id: 'g6-loss',
      removes: 'G6: the bound on the loss',
      find: 'loss.seconds <= Math.max(policy.maxLossSeconds, accepted)',
      replace: 'true',
    },
    {
      id: 'g7-lease',
      removes: 'G7: the refusal of a lease that cannot be had',
      find: "if (!isLeased(policy)) return 'a lease",
      replace: "if (false) return 'a lease",
    },
    {
      id: 'g7-lease-renewed',
      removes: 'G7: a lease that may still be renewed',
      find: 'return unchangedMs < neededMs',
      replace: 'return false',
    },
    {
      id: 'g7-lease-unseen',
      removes: 'G7: a lease that was never seen',
      find: 'if (lease === undefined) {',
      replace: 'if (lease === undefined) return undefined; if (false) {',
    },
    {
      id: 'g7-guard-silent',
      removes: 'G7: a guard that does not answer',
      find: '} else if (reportOf(evidence.guard) === undefined)',
      replace: '} else if (false)',
    },
    {
      id: 'g7-engine-down',
      removes: 'G7: an engine that may run',
      find: 'return isEngineDown(primary.status)\n',
      replace: 'return true\n',
    },
    {
      id: 'g8-names-unasked',
      removes: 'G8: names that could not be asked for',
      find: "if (seen === undefined) return 'Route 53",
      replace: "if (false) return 'Route 53",
    },
    {
      id: 'g8-another-name',
      removes: 'G8: a name that leads elsewhere',
      find: '!sameHost(seen.value, record.leader.endpoint.host)',
      replace: 'false',
    },
    {
      id: 'g8-later-epoch',
      removes: 'G8: a later epoch in DNS',
      find: 'return epochOf(seen.epochText) > record.epoch',
      replace: 'return false',
    },
    {
      id: 'g9-standby',
      removes: 'G9: a replica that takes writes of its own',
      find: 'replica !== undefined && !replica.inRecovery',
      replace: 'false',
    },
    { id: 'g9-version', removes: 'G9: the engine version', find: 'mine !== its', replace: 'false' },
    { id: 'g10-veto', removes: 'G10: the veto', find: 'record.vetoed ? `vetoed', replace: 'false ? `vetoed' },
    {
      id: 'gates-unasked',
      removes: 'the answer of every gate but the first',
      find: '  gates.flatMap(({ name, whyNot }) => {',
      replace: '  gates.slice(0, 1).flatMap(({ name, whyNot }) => {',
    },
  ],
);

const diagnosis = mutants(
  'diagnose.ts',
  [alone, `${core}/fence.test.ts`, `${core}/situation.test.ts`],
  [
    {
      id: 'diagnose-relayed-write',
      removes: 'a write that only the witness was told of',
      find: "if (relayed?.write.kind === 'wrote') return relayed;",
      replace: '',
    },
    {
      id: 'diagnose-link-down',
      removes: 'the difference between a cut link and a dead leader',
      find: "if (guard?.write.kind === 'wrote') {",
      replace: "if (guard?.write.kind === 'wrote' && isReceiving(evidence, receivingWithinMs)) {",
    },
    {
      id: 'diagnose-link-may-hear',
      removes: 'that a link is cut only where silence proves it',
      find: '!mayReceive(evidence, LINK_SILENT_MS)',
      replace: '!isReceiving(evidence, LINK_SILENT_MS)',
    },
    {
      id: 'may-hear-is-no-proof',
      removes: 'that what may be heard is no proof of life',
      find: '(report.lastMessageAgeMs ?? Number.POSITIVE_INFINITY) <= withinMs',
      replace: '(report.mayHearAgeMs ?? report.lastMessageAgeMs ?? Number.POSITIVE_INFINITY) <= withinMs',
    },
    {
      id: 'may-hear-is-no-silence',
      removes: 'that what may be heard is no proof of death',
      find: 'mayHearAgeMs <= withinMs',
      replace: 'mayHearAgeMs < 0',
    },
    {
      id: 'diagnose-one-region-silent',
      removes: 'the second region that must find a region silent',
      find: "return witness && evidence.guard.kind === 'no-answer' && witness.guard.kind === 'no-answer'",
      replace: "return evidence.guard.kind === 'no-answer'",
    },
    {
      id: 'diagnose-answered',
      removes: 'the difference between a server that refuses and none',
      find: "if (guard?.write.kind === 'answered') return 'answers';",
      replace: '',
    },
    {
      id: 'diagnose-available-is-down',
      removes: 'the doubt about an engine that RDS calls available',
      find: "['rebooting', 'starting', 'recovering', 'stopped'].includes(status)",
      replace: "['available', 'rebooting', 'starting', 'recovering', 'stopped'].includes(status)",
    },
    {
      id: 'diagnose-unknown-is-up',
      removes: 'that a word which is not known says nothing of an engine',
      find: "includes(MEANING[status] ?? '') &&",
      replace: "includes(MEANING[status] ?? 'self-healing') &&",
    },
    {
      id: 'diagnose-modifying-is-down',
      removes: 'the doubt about an engine that RDS calls modifying',
      find: "['rebooting', 'starting', 'recovering', 'stopped'].includes(status)",
      replace: "['modifying', 'rebooting', 'starting', 'recovering', 'stopped'].includes(status)",
    },
  ],
);

const windows = [
  ...mutants(
    'streak.ts',
    [`${core}/situation.test.ts`],
    [
      {
        id: 'streak-gap',
        removes: 'the gap between two looks that breaks a streak',
        find: 'streak !== undefined && atMs - streak.seenMs <= LOOK_GAP_MS',
        replace: 'streak !== undefined',
      },
      {
        id: 'streak-seen',
        removes: 'that a streak counts its gap from its last look',
        find: '{ sinceMs: before.sinceMs, seenMs: fromMs }',
        replace: 'before',
      },
      {
        id: 'streak-anew',
        removes: 'that a streak begins with the answer, not with the question',
        find: '{ sinceMs: toMs, seenMs: fromMs }',
        replace: '{ sinceMs: fromMs, seenMs: fromMs }',
      },
    ],
  ),
  ...mutants(
    'situation.ts',
    [alone, `${core}/situation.test.ts`],
    [
      {
        id: 'situation-fed',
        removes: 'that a replica which received more means a leader that was back',
        find: 'const before = fed ? undefined : record;',
        replace: 'const before = record;',
      },
      {
        id: 'situation-guard-silent',
        removes: 'that a silent guard says nothing of a loss for long',
        find: 'return isUnbroken(before, takenAtMs) ? before : undefined;',
        replace: 'return before;',
      },
      {
        id: 'situation-answers-lost',
        removes: 'that a server which answers is not lost',
        find: "return word.write.kind === 'unreachable' ? carriedOn",
        replace: "return word.write.kind !== 'wrote' ? carriedOn",
      },
      {
        id: 'situation-one-is-enough',
        removes: 'that two must agree',
        find: 'against.length >= 2',
        replace: 'against.length >= 1',
      },
      {
        id: 'situation-region-silent-to-one',
        removes: 'that two regions must find a region silent',
        find: "witness?.guard.kind === 'no-answer' && evidence.guard.kind === 'no-answer';",
        replace: "evidence.guard.kind === 'no-answer';",
      },
      {
        id: 'situation-loss-since',
        removes: 'that the bound counts from the guard’s own first failure',
        find: '(lost ?? failing)?.sinceMs;',
        replace: 'failing?.sinceMs;',
      },
    ],
  ),
  ...mutants(
    'loss.ts',
    [`${core}/loss.test.ts`],
    [
      { id: 'loss-skew', removes: 'what two clocks may differ', find: ' + CLOCK_SKEW_MS', replace: '' },
      {
        id: 'loss-unknown',
        removes: 'that an unknown loss is infinite',
        find: 'return { seconds: Number.POSITIVE_INFINITY, bytes };',
        replace: 'return { seconds: 0, bytes };',
      },
      {
        id: 'loss-unsettled',
        removes: 'that a heartbeat bounds nothing while received log is still applied',
        find: 'if (replica?.unsettled !== undefined)',
        replace: 'if (false)',
      },
    ],
  ),
  ...mutants(
    'replica-status.ts',
    [`${core}/replica-status.test.ts`],
    [
      {
        id: 'status-applying',
        removes: 'that what is received and not applied is waited for',
        find: "undefined : 'applying'",
        replace: 'undefined : undefined',
      },
      {
        id: 'status-applier-stopped',
        removes: 'that a stopped applier drains nothing',
        find: "!== 'Yes') return undefined;",
        replace: "=== 'never') return undefined;",
      },
      {
        id: 'status-order',
        removes: 'that appliers side by side must keep the order of the source',
        find: '!standing.keepsOrder ||',
        replace: 'false ||',
      },
      {
        id: 'status-domains',
        removes: 'that MariaDB keeps the order within one domain only',
        find: 'domainsIn(standing.applied) > 1',
        replace: 'false',
      },
      {
        id: 'status-writable',
        removes: 'that a replica which takes writes is no standby',
        find: 'inRecovery: standing.isReadOnly',
        replace: 'inRecovery: row !== undefined',
      },
      {
        id: 'status-marks',
        removes: 'that a counted heartbeat is a message',
        find: "text(row, 'Slave_IO_Running'), heartbeats,",
        replace: "text(row, 'Slave_IO_Running'),",
      },
      {
        id: 'status-unknown-word',
        removes: 'that an unknown word of the receiver is no silence',
        find: '    default:\n      throw',
        replace: '    default:\n      return {}; throw',
      },
      {
        id: 'status-sources',
        removes: 'that one of several sources cannot be waited for',
        find: 'if (another !== undefined)',
        replace: 'if (false)',
      },
    ],
  ),
  ...mutants(
    'position.ts',
    [`${core}/position.test.ts`],
    [
      {
        id: 'position-two-histories',
        removes: 'that two servers under one number of a domain are two histories',
        find: 'last.sequence === sequence && last.server === server',
        replace: 'last.sequence === sequence',
      },
      {
        id: 'position-gap',
        removes: 'that a gap in a set of GTIDs is missing',
        find: 'from <= first && last <= to',
        replace: 'last <= to',
      },
    ],
  ),
];

const phases = [
  ...mutants(
    'conditions.ts',
    [alone, decide, worlds, taken],
    [
      {
        id: 'newer-record',
        removes: 'the respect for a record of a newer release',
        find: 'record.schemaVersion > SCHEMA_VERSION',
        replace: 'false',
      },
      {
        id: 'old-evidence',
        removes: 'the age that evidence may have',
        find: 'nowMs - evidence.takenAtMs > MAX_EVIDENCE_AGE_MS',
        replace: 'false',
      },
      { id: 'pause', removes: 'the pause', find: 'record.paused !== undefined', replace: 'false' },
      {
        id: 'approval-needed',
        removes: 'the approval that mode approve waits for',
        find: "policy.mode === 'approve' &&",
        replace: 'false &&',
      },
      {
        id: 'approval-epoch',
        removes: 'the epoch that an approval is about',
        find: 'approved?.epoch === epoch ||',
        replace: 'approved !== undefined ||',
      },
      {
        id: 'forced-epoch',
        removes: 'the epoch that a force is about, where approval is asked',
        find: ' || forced?.epoch === epoch',
        replace: ' || forced !== undefined',
      },
      {
        id: 'called-off-veto',
        removes: 'that a veto ends the fencing',
        find: 's.record.vetoed !== undefined ||',
        replace: '',
      },
      {
        id: 'called-off-recovered',
        removes: 'that a leader which takes writes again ends the fencing',
        find: '!isFailing(s.diagnosis) ||',
        replace: '',
      },
      {
        id: 'called-off-receiving',
        removes: 'that a replica which hears again ends the fencing',
        find: 's.mayReceive ||',
        replace: '',
      },
      {
        id: 'called-off-available',
        removes: 'that a leader which RDS calls available again ends the fencing',
        find: "(fenceNeeded(s) !== 'none' && s.primary?.status === 'available')",
        replace: 'false',
      },
      {
        id: 'fence-of-this-epoch',
        removes: 'that a fence is ordered anew for its epoch',
        find: "if (fence?.epoch !== epoch || intents.fence?.id !== intentId(s, 'fence')) return true;",
        replace: 'if (fence === undefined || intents.fence === undefined) return true;',
      },
      {
        id: 'fence-again',
        removes: 'that a fence which is not to be seen is ordered again',
        find: 'return s.primary !== undefined && isOpen(s) && s.nowMs - intents.fence.atMs > ORDER_AGAIN_AFTER_MS;',
        replace: 'return false;',
      },
      {
        id: 'fence-waived-needs-a-try',
        removes: 'the one attempt to fence that fence none makes',
        find: "fenceNeeded(s) === 'none' && s.record.intents.fence?.id === intentId(s, 'fence')",
        replace: "fenceNeeded(s) === 'none'",
      },
      {
        id: 'fence-waived-only-where-waived',
        removes: 'that only fence none goes on without proof',
        find: "fenceNeeded(s) === 'none' && s.record",
        replace: 's.record',
      },
      {
        id: 'fence-proven',
        removes: 'the proof of the fence',
        find: 'fenceDoubt(s) === undefined',
        replace: 'true',
      },
      {
        id: 'door-is-open',
        removes: 'the look at the door before an aborted incident ends',
        find: '    s.primary !== undefined &&\n    isOpen(s) &&\n    (s.record.quiesced',
        replace: '    (s.record.quiesced',
      },
      {
        id: 'leader-is-fenced',
        removes: 'that a leader which a late order fenced is opened again',
        find: '((s.record.fence !== undefined && !isOpen(s)) ||',
        replace: '(false ||',
      },
      {
        id: 'promoted-source',
        removes: 'that a promotion has ended only when the source is gone',
        find: 'candidate.source === undefined &&',
        replace: '',
      },
      {
        id: 'promoted-available',
        removes: 'that a promotion has ended only when RDS says available',
        find: "candidate.status === 'available' &&\n    reportOf",
        replace: 'reportOf',
      },
      {
        id: 'promoted-recovery',
        removes: 'that a promotion has ended only when the server left recovery',
        find: 'reportOf(evidence.replica)?.inRecovery === false,\n',
        replace: 'true,\n',
      },
      {
        id: 'promote-once',
        removes: 'that a promotion which was asked for is not asked for again at once',
        find: 'return s.nowMs - asked.atMs > PROMOTE_AGAIN_AFTER_MS;',
        replace: 'return true;',
      },
      {
        id: 'promote-available',
        removes: 'that only an available replica is promoted',
        find: "s.candidate.source === undefined || s.candidate.status !== 'available'",
        replace: 's.candidate.source === undefined',
      },
      {
        id: 'promote-again',
        removes: 'that a promotion of which nothing is to be seen is asked for again',
        find: 'return s.nowMs - asked.atMs > PROMOTE_AGAIN_AFTER_MS;',
        replace: 'return false;',
      },
      {
        id: 'epoch-written',
        removes: 'our epoch, written and read back, before DNS moves',
        find: 'replica.heartbeat?.epoch === record.epoch',
        replace: 'replica !== undefined',
      },
      {
        id: 'name-answered',
        removes: 'the answer of the name servers before the end',
        find: 'sameHost(reportOf(s.evidence.names)?.answered, s.record.leader.endpoint?.host)',
        replace: 'true',
      },
      {
        id: 'announce-once',
        removes: 'that the new leader is announced once',
        find: 's.record.intents.announce.doneAtMs === undefined',
        replace: 'true',
      },
      {
        id: 'old-primary-loose',
        removes: 'the fence on the return of the old primary',
        find: "(s) => dueOld(s, 'fence-old') !== undefined,",
        replace: '() => false,',
      },
    ],
  ),
  ...mutants(
    'phases.ts',
    [alone, decide, worlds],
    [
      {
        id: 'last-look',
        removes: 'the gates at the last look before the promotion',
        find: `    from: 'fencing',
    when: 'a-gate-is-closed',`,
        replace: `    from: 'fencing',
    when: 'record-is-newer',`,
      },
      {
        id: 'fencing-skipped',
        removes: 'the fencing: an incident goes straight to the promotion',
        find: `    to: 'fencing',
    comment: 'all gates open in one snapshot: the epoch goes up',`,
        replace: `    to: 'promoting',
    comment: 'all gates open in one snapshot: the epoch goes up',`,
      },
      {
        id: 'approval-reasked',
        removes: 'that what was asked about must still be so when it is approved',
        find: `    from: 'awaiting-approval',
    when: 'a-gate-is-closed',`,
        replace: `    from: 'awaiting-approval',
    when: 'record-is-newer',`,
      },
    ],
  ),
];

/** What decides. */
export const decision = [...gates, ...diagnosis, ...windows, ...phases];
