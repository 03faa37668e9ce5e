import type { Mutant } from './mutant.ts';

// Failover, what acts and what remembers: the fence and its proof, orders, compare-and-swaps, epochs, names, commands.

const wing = 'functions/failover';
const core = `${wing}/core`;
const alone = `${core}/in-isolation.test.ts`;
const worlds = 'tests/failover/worlds.test.ts';
const taken = 'tests/failover/mutants.test.ts';
const decide = `${core}/decide.test.ts`;

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const proof = mutants(
  'core/fence.ts',
  [`${core}/fence.test.ts`],
  [
    {
      id: 'proof-ordered',
      removes: 'that a fence of an older epoch proves nothing',
      find: 'record.fence === undefined || record.fence.epoch !== record.epoch',
      replace: 'record.fence === undefined',
    },
    {
      id: 'proof-guard',
      removes: 'that the guard must have spoken',
      find: "if (guard === undefined) return 'guard-silent';",
      replace: 'if (guard === undefined) return undefined;',
    },
    {
      id: 'proof-rds',
      removes: 'that RDS must have described it',
      find: "if (view === undefined) return 'rds-silent';",
      replace: 'if (view === undefined) return undefined;',
    },
    {
      id: 'proof-resource',
      removes: 'that it must be the very instance',
      find: 'old.resourceId !== undefined && view.resourceId !== old.resourceId',
      replace: 'false',
    },
    {
      id: 'proof-group-alone',
      removes: 'that the empty group must be alone',
      find: 'securityGroups.length === 1 && securityGroups[0]?.id === emptyGroup;',
      replace: 'securityGroups.some(({ id }) => id === emptyGroup);',
    },
    {
      id: 'proof-group',
      removes: 'that it must be the empty group',
      find: ' && securityGroups[0]?.id === emptyGroup;',
      replace: ';',
    },
    {
      id: 'proof-active',
      removes: 'that the empty group must be active',
      find: 'if (!view.securityGroups.every(({ active }) => active))',
      replace: 'if (false)',
    },
    {
      id: 'proof-engine',
      removes: 'that no engine may run, whose sessions would go on',
      find: "if (!isEngineDown(view.status) && !isEmptied(record)) return 'engine-may-run';",
      replace: '',
    },
    {
      id: 'proof-unreachable',
      removes: 'that nothing may answer',
      find: "return guard.write.kind === 'unreachable' ? undefined : 'still-answers';",
      replace: 'return undefined;',
    },
    {
      id: 'proof-quiet',
      removes: 'the second look, 2 s later',
      find: "quietMs(situation) < QUIET_MS ? 'quiet-too-short' : undefined",
      replace: 'undefined',
    },
    {
      id: 'fence-accepted-for-one-epoch',
      removes: 'that a waived fence is waived for one incident',
      find: 'acceptedIn(record).fence ?',
      replace: 'record.forced?.accepts.fence ?',
    },
  ],
);

const guard = mutants(
  'run/guard.ts',
  ['tests/failover/guard.test.ts'],
  [
    {
      id: 'order-lifetime',
      removes: 'the lifetime of an order',
      find: 'if (now() > order.notAfterMs) throw',
      replace: 'if (false) throw',
    },
    {
      id: 'order-addressee',
      removes: 'the resource id that an order is about',
      find: 'order.resourceId !== undefined && order.resourceId !== view.resourceId',
      replace: 'false',
    },
    {
      id: 'order-of-pair',
      removes: 'that only an instance of the pair is touched',
      find: 'if (!isOfPair(policy, target))',
      replace: 'if (false)',
    },
    {
      id: 'order-region',
      removes: 'that a guard touches only its own region',
      find: 'if (target.region !== region)',
      replace: 'if (false)',
    },
    {
      id: 'fence-sql',
      removes: 'the end of logins and sessions, which comes before the group',
      find: 'const sessions = at && (await ask(() => ports.sql.fence(at, policy.applicationRoles)));',
      replace: "const sessions = at && ({ kind: 'not-asked' } as { kind: string; report?: never });",
    },
    {
      id: 'fence-sql-failure',
      removes: 'that the group is changed though SQL is not possible',
      find: 'at && (await ask(() => ports.sql.fence(at, policy.applicationRoles)));',
      replace: "at && ({ kind: 'ok', report: await ports.sql.fence(at, policy.applicationRoles) } as const);",
    },
    {
      id: 'fence-group',
      removes: 'the empty security group',
      find: 'await ports.instances.setSecurityGroups(view.instance, [empty]);',
      replace: '',
    },
    {
      id: 'unfence-groups',
      removes: 'the security groups that an abort gives back',
      find: 'await ports.instances.setSecurityGroups(view.instance, order.securityGroupIds);',
      replace: 'void 0;',
    },
    {
      id: 'unfence-logins',
      removes: 'the logins that an abort gives back',
      find: 'await ports.sql.open(view.endpoint, policy.applicationRoles);',
      replace: '',
    },
    {
      id: 'unfence-nothing',
      removes: 'the refusal to take every group away in the name of an abort',
      find: 'if (order.securityGroupIds.length === 0 && (isShut || !order.logins)) {',
      replace: 'if (false) {',
    },
    {
      id: 'probe-at-the-name',
      removes: 'that the guard probes only where RDS says that the primary is',
      find: "endpoint === undefined || source !== undefined\n      ? { kind: 'answered',",
      replace: "endpoint === undefined || source !== undefined\n      ? { kind: 'unreachable',",
    },
    {
      id: 'probe-unknown-error',
      removes: 'that an unknown error of the probe is no evidence of death',
      find: ".catch((error: unknown) => ({ kind: 'answered', because",
      replace: ".catch((error: unknown) => ({ kind: 'unreachable', because",
    },
  ],
);

const memory = [
  ...mutants(
    'core/advance.ts',
    [`${core}/advance.test.ts`, worlds],
    [
      {
        id: 'fence-notes-logins',
        removes: 'that a fence which is called off opens the logins, too, before the pair is healthy',
        find: '    quiesced: record.quiesced ?? {},\n',
        replace: '',
      },
      {
        id: 'epoch-up',
        removes: 'the epoch that goes up with an incident',
        find: 'epoch: record.epoch + 1,\n        lossSeconds: Number',
        replace: 'epoch: record.epoch,\n        lossSeconds: Number',
      },
      {
        id: 'version-up',
        removes: 'the version that goes up with every write',
        find: 'version: situation.record.version + 1',
        replace: 'version: situation.record.version',
      },
      {
        id: 'learned-when-calm',
        removes: 'that identities are learned only while all is well',
        find: "record.phase === 'healthy' && situation.diagnosis === 'healthy';",
        replace: 'true;',
      },
      {
        id: 'learned-of-a-replica-that-receives',
        removes: 'that a replica is learned only while it receives',
        find: 'calm && situation.mayReceive && candidate?.source ?',
        replace: 'calm && candidate ?',
      },
      {
        id: 'veto-ends-with-return',
        removes: 'that a veto ends when the leader is back',
        find: 'isFailing(situation.diagnosis) ? record.vetoed : undefined',
        replace: 'record.vetoed',
      },
      {
        id: 'veto-outlives',
        removes: 'that a veto outlives the incident that it ended',
        find: 'isFailing(situation.diagnosis) ? record.vetoed : undefined',
        replace: 'undefined',
      },
      {
        id: 'quiet-broken',
        removes: 'that a look which finds the fence open breaks the quiet',
        find: 'quietSinceMs: quiet ? (record.fence.quietSinceMs ?? evidence.takenAtMs) : undefined',
        replace: 'quietSinceMs: record.fence.quietSinceMs ?? evidence.takenAtMs',
      },
      {
        id: 'looks-kept',
        removes: 'that every look of an incident is kept',
        find: "(after.failing !== undefined && (!isForwardOnly(after.phase) || after.phase === 'degraded')) ||",
        replace: '',
      },
      {
        id: 'cooldown-after-abort',
        removes: 'the cooldown after an aborted incident',
        find: "record.phase === 'aborting' ? nowMs + ABORT_COOLDOWN_MS : record.cooldownUntilMs",
        replace: 'record.cooldownUntilMs',
      },
      {
        id: 'cooldown-after-failover',
        removes: 'the cooldown after a failover',
        find: 'cooldownUntilMs: nowMs + situation.policy.cooldownSeconds * 1000',
        replace: 'cooldownUntilMs: record.cooldownUntilMs',
      },
      {
        id: 'leader-changed-once',
        removes: 'that the leader is changed once, whatever the names do',
        find: 'if (isSamePlace(record.leader, record.candidate)) return next;',
        replace: '',
      },
      {
        id: 'groups-remembered',
        removes: 'the memory of the groups before the fence, when it is ordered again',
        find: '[before, fence?.previousSecurityGroupIds ?? [], [...noted]]',
        replace: '[before]',
      },
      {
        id: 'hold-told-once',
        removes: 'that people are told of a hold once',
        find: 'sinceMs: situation.record.hold?.because === decision.reason ? situation.record.hold.sinceMs : nowMs',
        replace: 'sinceMs: nowMs',
      },
    ],
  ),
  ...mutants(
    'run/reconcile.ts',
    ['tests/failover/reconcile.test.ts', taken, worlds],
    [
      {
        id: 'lost-race',
        removes: 'that a worker which lost the compare-and-swap does nothing',
        find: "if ((await records.save(next, record.version)) === 'conflict') return report('lost-the-race', record);",
        replace: 'await records.save(next, record.version);',
      },
      {
        id: 'intent-first',
        removes: 'that the order is written before it is given',
        find: `  if ((await records.save(next, record.version)) === 'conflict') return report('lost-the-race', record);
  await tell(ports, record, decision, next);
  if (decision.kind !== 'act') return report('done', next);

  const { error, receipt } = await act(ports, next, decision);`,
        replace: `  const { error, receipt } =
    decision.kind === 'act' ? await act(ports, next, decision) : ({} as Awaited<ReturnType<typeof act>>);
  if ((await records.save(next, record.version)) === 'conflict') return report('lost-the-race', record);
  await tell(ports, record, decision, next);
  if (decision.kind !== 'act') return report('done', next);
`,
      },
      {
        id: 'told-once',
        removes: 'that a hold is told once',
        find: "const newHold = decision.kind === 'hold' && before.hold?.because !== decision.reason;",
        replace: "const newHold = decision.kind === 'hold';",
      },
    ],
  ),
  ...mutants(
    'run/act.ts',
    [taken, worlds],
    [
      {
        id: 'order-expires',
        removes: 'the time after which an order is worth nothing',
        find: 'notAfterMs: ports.clock.now() + COMMAND_LIFETIME_MS',
        replace: 'notAfterMs: Number.MAX_SAFE_INTEGER',
      },
      {
        id: 'act-failure',
        removes: 'that a failed act is not taken for done',
        find: 'return { error: error instanceof Error ? error.message : String(error) };',
        replace: 'return {};',
      },
    ],
  ),
  ...mutants(
    'run/look.ts',
    ['tests/failover/reconcile.test.ts', worlds],
    [
      {
        id: 'silence-is-no-answer',
        removes: 'that a failure to answer is no evidence',
        find: "return { kind: 'no-answer', because: error instanceof Error ? error.message : String(error) };",
        replace: 'throw error;',
      },
      {
        id: 'evidence-dated-at-its-start',
        removes: 'that evidence is as old as its first question',
        find: '  return { takenAtMs, guard,',
        replace: '  return { takenAtMs: ports.clock.now(), guard,',
      },
    ],
  ),
  ...mutants(
    'aws/record-store.ts',
    ['tests/failover/record-store.test.ts'],
    [
      {
        id: 'store-swap',
        removes: 'the compare-and-swap of the table',
        find: "ConditionExpression: '#version = :expected',",
        replace: "ConditionExpression: '#version = :expected OR #version <> :expected',",
      },
      {
        id: 'store-first',
        removes: 'that the first record is written once',
        find: "? { ConditionExpression: 'attribute_not_exists(pk)' }",
        replace: '? {}',
      },
      {
        id: 'store-history',
        removes: 'that a history entry is written once',
        find: "await put(item, { ConditionExpression: 'attribute_not_exists(pk)' });",
        replace: 'await put(item, {});',
      },
    ],
  ),
];

const naming = mutants(
  'core/names.ts',
  [`${core}/names.test.ts`],
  [
    {
      id: 'names-later-epoch',
      removes: 'that a later epoch in DNS is never overwritten',
      find: 'if (seenEpoch > goal.epoch) {',
      replace: 'if (false) {',
    },
    {
      id: 'names-elsewhere',
      removes: 'that a name which somebody moved is never overwritten',
      find: 'seen.value !== undefined && !sameHost(seen.value, goal.from) && !sameHost(seen.value, goal.target)',
      replace: 'false',
    },
    {
      id: 'names-moved-back',
      removes: 'that a name which was moved after us is not taken back',
      find: '  if (seen.epochText === text) {',
      replace: '  if (false) {',
    },
    {
      id: 'names-exact-delete',
      removes: 'the exact value that the batch deletes: the compare-and-swap of the name',
      find: 'value: seen.value,\n    });',
      replace: 'value: goal.target,\n    });',
    },
    {
      id: 'names-exact-ttl',
      removes: 'the exact TTL that the batch deletes',
      find: 'ttlSeconds: seen.ttlSeconds ?? goal.ttlSeconds',
      replace: 'ttlSeconds: goal.ttlSeconds',
    },
    {
      id: 'names-epoch-batch',
      removes: 'the epoch record in the same batch',
      find: "    { name: epochName(goal.writer), type: 'TXT', ttlSeconds: goal.ttlSeconds, value: text },\n",
      replace: '',
    },
  ],
);

const commands = mutants(
  'core/command.ts',
  [`${core}/command.test.ts`],
  [
    {
      id: 'command-why',
      removes: 'the reason that a command must have',
      find: "if (order.why.trim() === '') return",
      replace: 'if (false) return',
    },
    {
      id: 'command-epoch',
      removes: 'the epoch that a command is about',
      find: 'order.epoch !== undefined && order.epoch !== record.epoch',
      replace: 'false',
    },
    {
      id: 'command-version',
      removes: 'the version that a command raises',
      find: 'version: record.version + 1 }',
      replace: 'version: record.version }',
    },
    {
      id: 'approve-phase',
      removes: 'that an approval needs something that awaits it',
      find: "if (record.phase !== 'awaiting-approval') return",
      replace: 'if (false) return',
    },
    {
      id: 'approve-epoch',
      removes: 'that an approval names its epoch',
      find: 'return order.epoch === undefined\n        ? refuse(`name the epoch that you approve',
      replace: 'return false\n        ? refuse(`name the epoch that you approve',
    },
    {
      id: 'abort-too-late',
      removes: 'that no abort is taken after the point of no return',
      find: '      if (isForwardOnly(record.phase)) {\n        return refuse(',
      replace: '      if (false) {\n        return refuse(',
    },
    {
      id: 'force-phase',
      removes: 'that a force belongs to an incident before the point of no return',
      find: "if (!['suspect', 'confirming', 'awaiting-approval', 'fencing'].includes(record.phase)) {",
      replace: 'if (false) {',
    },
    {
      id: 'force-epoch',
      removes: 'that a force names its epoch',
      find: 'if (epoch === undefined) return refuse(`name the epoch that you force',
      replace: 'if (false) return refuse(`name the epoch that you force',
    },
    {
      id: 'force-accepts',
      removes: 'that a force says what is accepted',
      find: "if (words === '')",
      replace: 'if (false)',
    },
  ],
);

const remembered = mutants(
  'core/record.ts',
  [alone, decide, `${core}/command.test.ts`],
  [
    {
      id: 'accepted-in-its-epoch',
      removes: 'that what was accepted counts for one incident',
      find: 'forced?.epoch === epoch ? forced.accepts : {}',
      replace: 'forced ? forced.accepts : {}',
    },
    {
      id: 'forward-only',
      removes: 'promoting from the phases that only go on',
      find: "['promoting', 'verifying', 'switching-names', 'verifying-names', 'degraded'].includes(phase)",
      replace: "['verifying', 'switching-names', 'verifying-names', 'degraded'].includes(phase)",
    },
  ],
);

const running = [
  ...mutants(
    'run/loop.ts',
    ['tests/failover/worlds.test.ts'],
    [
      {
        id: 'race-lost-backs-off',
        removes: 'that who lost a race waits longer after each further one',
        find: 'AFTER_RACE_MS * 2 ** (racesLost - 1)',
        replace: 'AFTER_RACE_MS',
      },
    ],
  ),
  ...mutants(
    'run/loop.ts',
    ['tests/failover/switchover.test.ts'],
    [
      {
        id: 'asked-is-looked-at',
        removes: 'that a pair of which a switchover is asked is looked at every step',
        find: "(record.phase === 'healthy' && record.switchover === undefined)",
        replace: "record.phase === 'healthy'",
      },
    ],
  ),
  ...mutants(
    'run/loop.ts',
    ['tests/failover/loop.test.ts'],
    [
      {
        id: 'runs-overlap',
        removes: 'that a run goes on until the next one looks',
        find: 'LONGEST_LOOP_MS = 110_000',
        replace: 'LONGEST_LOOP_MS = 58_000',
      },
      {
        id: 'quiet-runs-overlap',
        removes: 'that a run of a quiet pair, too, goes on until the next one looks',
        find: 'last === undefined ||',
        replace: 'last === undefined || isQuiet(last) ||',
      },
      {
        id: 'older-run-yields',
        removes: 'that the older of two runs leaves the pair to the younger',
        find: 'isRelieved || (hinted',
        replace: '(hinted',
      },
      {
        id: 'race-lost-again-soon',
        removes: 'that who lost a race writes what it saw before it leaves the pair to the younger run',
        find: '(!owes && (last.metRunMs ?? 0) > startMs)',
        replace: '(last.metRunMs ?? 0) > startMs',
      },
      {
        id: 'looks-without-record',
        removes: 'that a run looks on while the record is out of reach',
        find: 'seen = await lookOn(ports, policy, seen, { hinted }).catch(() => seen);',
        replace: '',
      },
      {
        id: 'hint-relieves-nobody',
        removes: 'that the run of a hint does not end the run of a tick',
        find: 'runMs: hinted ? undefined : startMs',
        replace: 'runMs: startMs',
      },
    ],
  ),
  ...mutants(
    'core/streak.ts',
    ['functions/failover/core/streak.test.ts'],
    [
      {
        id: 'joined-unbroken',
        removes: 'that two runs saw one loss only where no gap lay between their looks',
        find: 'other.sinceMs < stored.sinceMs && isUnbroken(other, stored.sinceMs)',
        replace: 'other.sinceMs < stored.sinceMs',
      },
    ],
  ),
  ...mutants(
    'run/guard-tick.ts',
    ['tests/failover/guard-tick.test.ts'],
    [
      {
        id: 'tick-rebuilt-leader',
        removes: 'that the guard beats the heart of a rebuilt leader',
        find: 'found === undefined ? own',
        replace: 'true ? own',
      },
    ],
  ),
];

const reading = [
  ...mutants(
    'core/names-readers.ts',
    [`${core}/names-readers.test.ts`],
    [
      {
        id: 'readers-follow',
        removes: 'that a further reader must follow the leader',
        find: 'report.source !== undefined && isInstance(report.source, leader)',
        replace: 'true',
      },
      {
        id: 'readers-stale-go',
        removes: 'that the record of one that follows the old leader is taken out',
        find: 'known: seen.map(({ host }) => host)',
        replace: 'known: []',
      },
      {
        id: 'readers-unasked-stay',
        removes: 'that one that nobody could ask about stays',
        find: 'isWanted: report === undefined',
        replace: 'isWanted: false',
      },
    ],
  ),
  ...mutants(
    'aws/record-table.ts',
    ['tests/failover/record-table.test.ts'],
    [
      {
        id: 'record-eventual',
        removes: 'that a record in an eventually consistent table is refused',
        find: 'if (because === undefined) return;',
        replace: 'return;',
      },
      {
        id: 'record-replica-eventual',
        removes: 'that a replica without strong consistency is told from one with it',
        find: "(Replicas.length > 0 && MultiRegionConsistency !== 'STRONG')",
        replace: 'false',
      },
    ],
  ),
];

/** What acts and what remembers. */
export const action = [...proof, ...guard, ...memory, ...naming, ...commands, ...remembered, ...running, ...reading];
