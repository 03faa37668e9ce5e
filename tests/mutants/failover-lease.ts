import type { Mutant } from './mutant.ts';

// Failover, the lease: what the guard promises and does, and what the reconciler builds on it.

const wing = 'functions/failover';
const core = `${wing}/core`;

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const kept = [
  ...mutants(
    'core/lease.ts',
    [`${core}/lease.test.ts`, 'tests/failover/lease-step.test.ts', 'tests/failover/lease.test.ts'],
    [
      {
        id: 'lease-taken',
        removes: 'that a guard whose lease was taken renews it no more',
        find: "if (before !== undefined && before.holder !== region) return 'taken';",
        replace: '',
      },
      {
        id: 'lease-taken-closes',
        removes: 'that a guard whose lease was taken closes its door',
        find: "    case 'taken':\n      return 'close';",
        replace: "    case 'taken':\n      return 'nothing';",
      },
      {
        id: 'lease-silence-closes',
        removes: 'that a guard which cannot renew for a ttl closes its door',
        find: "return sinceRenewalMs >= ttlMs ? 'close' : 'nothing';",
        replace: "return 'nothing';",
      },
      {
        id: 'lease-silence-waits',
        removes: 'that a guard waits a ttl before it closes',
        find: "return sinceRenewalMs >= ttlMs ? 'close' : 'nothing';",
        replace: "return 'close';",
      },
      {
        id: 'lease-seq-up',
        removes: 'the number that each renewal raises',
        find: 'seq: (before?.seq ?? 0) + 1,',
        replace: 'seq: before?.seq ?? 1,',
      },
      {
        id: 'lease-seq-unchanged',
        removes: 'that a renewal starts the wait anew',
        find: 'const sinceMs = goesOn ? before.sinceMs : report.atMs;',
        replace: 'const sinceMs = before?.sinceMs ?? report.atMs;',
      },
      {
        id: 'lease-ours-by-swap',
        removes: 'that only a taking by compare-and-swap on the seq that was seen goes on with the wait',
        find: ' && seq === before.seq + 1;',
        replace: ';',
      },
      {
        id: 'lease-ours-epoch',
        removes: 'the epoch of a lease that is ours',
        find: ' && seen.epoch === record.epoch;',
        replace: ';',
      },
      {
        id: 'lease-wait-gap',
        removes: 'the gap between two runs of the guard, in the wait',
        find: ' + GUARD_GAP_MS + ttlSeconds * 1000 + CLOSING_MS',
        replace: ' + ttlSeconds * 1000 + CLOSING_MS',
      },
      {
        id: 'lease-wait-ttl',
        removes: 'the ttl, in the wait',
        find: ' + GUARD_GAP_MS + ttlSeconds * 1000 + CLOSING_MS',
        replace: ' + GUARD_GAP_MS + CLOSING_MS',
      },
      {
        id: 'lease-reopen',
        removes: 'that what a guard closed by itself is opened again',
        find: "return word.lease.reopen ? 'open' : 'nothing';",
        replace: "return 'nothing';",
      },
      {
        id: 'lease-closed-by-a-person',
        removes: 'that a door which a person closed stays closed',
        find: '(lapsed && open));',
        replace: 'lapsed);',
      },
      {
        id: 'lease-closed-by-this-run',
        removes: 'that who closed the door opens it again, whatever another run found meanwhile',
        find: 'const open = now.closed === true || (before?.open ?? true);',
        replace: 'const open = before?.open ?? true;',
      },
      {
        id: 'lease-closed-by-the-other-run',
        removes: 'that a door found closed after a silence may have been closed by the other run',
        find: "now.silent === true && door.kind !== 'open'",
        replace: 'false',
      },
    ],
  ),
  ...mutants(
    'run/lease.ts',
    ['tests/failover/lease-step.test.ts', 'tests/failover/lease.test.ts'],
    [
      {
        id: 'lease-swap',
        removes: 'the compare-and-swap of a renewal',
        find: "if (saved.report === 'saved') return { kind: 'renewed', lease: next };",
        replace: "return { kind: 'renewed', lease: next };",
      },
      {
        id: 'lease-renewed-when-sent',
        removes: 'that a renewal counts from when it was sent',
        find: 'Object.assign(memory, { renewedAtMs: sentAtMs,',
        replace: 'Object.assign(memory, { renewedAtMs: ports.clock.now() + 60_000,',
      },
      {
        id: 'lease-observe',
        removes: 'that who only watches shuts nobody out',
        find: "if (duty === 'nothing' || policy.mode === 'observe')",
        replace: "if (duty === 'nothing')",
      },
      {
        id: 'lease-closed-since-opened',
        removes: 'that a run which closes the door forgets that it had opened it',
        find: "if (duty === 'close') memory.opened = false;",
        replace: '',
      },
      {
        id: 'lease-stays-to-say-so',
        removes: 'that a run which closed the door stays until the store answers',
        find: "if (step.word !== 'no-answer' && now()",
        replace: 'if (now()',
      },
    ],
  ),
  ...mutants(
    'core/situation.ts',
    [`${core}/situation.test.ts`, 'tests/failover/lease.test.ts'],
    [
      {
        id: 'lost-since-opening',
        removes: 'that a leader whose guard opened its door since the last look counts as back until this one',
        find: 'opened && mayHaveOpened(lease, policy, known.seenMs) ? undefined : before?.lost',
        replace: 'before?.lost',
      },
    ],
  ),
  ...mutants(
    'core/lease.ts',
    [`${core}/lease.test.ts`, `${core}/situation.test.ts`],
    [
      {
        id: 'lease-opening-goes-on',
        removes: 'that a run acts on the order to open for a ttl and a slow call',
        find: '(seen.calmSinceMs ?? seen.sinceMs) + leaseSeconds(seen, policy) * 1000 + CLOSING_MS;',
        replace: '(seen.calmSinceMs ?? seen.sinceMs);',
      },
    ],
  ),
  ...mutants(
    'run/reconcile.ts',
    ['tests/failover/reconcile.test.ts'],
    [
      {
        id: 'seen-before-opening',
        removes: 'that what a run saw before a door was opened is not joined with what another saw after it',
        find: 'seen.lease?.openings === record.lease?.openings ?',
        replace: 'true ?',
      },
    ],
  ),
];

const step = 'tests/failover/lease-step.test.ts';

const doubted = [
  ...mutants(
    'core/lease.ts',
    [`${core}/lease.test.ts`, `${core}/in-isolation.test.ts`],
    [
      {
        id: 'lease-promise',
        removes: 'that nothing is built on a guard which only watches',
        find: 'if (seen.closesAfterSeconds === undefined)\n',
        replace: 'if (false)\n',
      },
      {
        id: 'lease-broken',
        removes: 'that nothing is built on a guard which let its leader write',
        find: 'return seen.broken ?',
        replace: 'return false ?',
      },
      {
        id: 'lease-longer-ttl',
        removes: 'that the longer of two ttls is reckoned with',
        find: 'Math.max(seen.closesAfterSeconds ?? 0, policy.lease?.seconds ?? 0);',
        replace: 'policy.lease?.seconds ?? 0;',
      },
      {
        id: 'lease-taken-reopens',
        removes: 'that a lease given back opens the door which stood open',
        find: '  ...(before.open ? { reopen: true } : {}),\n',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'run/lease.ts',
    [step],
    [
      {
        id: 'lease-unfit',
        removes: 'that a table which cannot carry a lease is refused',
        find: "if (unfit.kind === 'ok' && unfit.report !== undefined) throw",
        replace: 'if (false) throw',
      },
      {
        id: 'lease-unfit-silence',
        removes: 'that a store which does not answer keeps no guard from closing',
        find: "if (unfit.kind === 'ok' && unfit.report !== undefined) throw",
        replace: "if (unfit.kind !== 'ok' || unfit.report !== undefined) throw",
      },
      {
        id: 'lease-never-kept',
        removes: 'that a store which never was there shuts nobody out',
        find: "if (word.kind === 'no-answer' && !isMarked) return",
        replace: 'if (false) return',
      },
      {
        id: 'lease-watches-only',
        removes: 'that who only watches promises nothing',
        find: "watchesOnly: policy.mode === 'observe' || !isMarked,",
        replace: 'watchesOnly: !isMarked,',
      },
      {
        id: 'lease-first-promise',
        removes: 'that a guard promises nothing before it is noted on the instance',
        find: "watchesOnly: policy.mode === 'observe' || !isMarked,",
        replace: "watchesOnly: policy.mode === 'observe',",
      },
      {
        id: 'lease-blind-soon',
        removes: 'that a door which was shut blind is looked at again at once',
        find: 'memory.blind === undefined ? dueMs : Math.min(dueMs, AGAIN_MS)',
        replace: 'dueMs',
      },
    ],
  ),
  ...mutants(
    'run/lease-door.ts',
    [step],
    [
      {
        id: 'lease-frozen-host',
        removes: 'that the empty group is not put before a host that may only be frozen',
        find: 'if (!isSaid && !isDown && !(await refuses(ports, at))) return false;',
        replace: '',
      },
      {
        id: 'lease-closes-sessions',
        removes: 'that logins and sessions are ended when the door must be shut',
        find: 'const isSaid = await endSessions(ports, policy, at);',
        replace: 'const isSaid = true;',
      },
      {
        id: 'lease-blind',
        removes: 'that a door shut because no engine ran is looked at again',
        find: "if (!isSaid && isDown && door.kind === 'open') memory.blind = door.groups;",
        replace: '',
      },
      {
        id: 'lease-blind-active',
        removes: 'that no engine may run while the group is active',
        find: 'if (view.securityGroups.every(({ active }) => active)) memory.blind = undefined;',
        replace: 'memory.blind = undefined;',
      },
      {
        id: 'lease-blind-modifying',
        removes: 'that an instance which is modified says nothing about its engine',
        find: '  if (!isEngineUp(view.status)) return false;\n',
        replace: '',
      },
      {
        id: 'lease-blind-sessions',
        removes: 'that a door is not proven shut before the sessions behind it were ended',
        find: 'if (!(await endSessions(ports, policy, at))) return false;',
        replace: 'await endSessions(ports, policy, at);',
      },
      {
        id: 'lease-late-opening',
        removes: 'that a worker which froze opens no door',
        find: "door.kind === 'unseen' || isLate()) return false;",
        replace: "door.kind === 'unseen') return false;",
      },
      {
        id: 'lease-late-logins',
        removes: 'that a worker which froze between group and logins opens no logins',
        find: "if (given.kind !== 'ok' || isLate()) return false;",
        replace: "if (given.kind !== 'ok') return false;",
      },
      {
        id: 'lease-no-groups',
        removes: 'that a door is not opened with no groups',
        find: 'if (lease.groups.length === 0) return false;',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'run/act.ts',
    ['tests/failover/act.test.ts'],
    [
      {
        id: 'lease-moved-by-swap',
        removes: 'that the lease is taken on the very seq that was looked at',
        find: 'ports.leases.save(move(lease), lease.seq)',
        replace: 'ports.leases.save(move(lease), lease.seq + 1)',
      },
      {
        id: 'lease-not-taken-in-a-race',
        removes: 'that a lease renewed in between is not taken for taken',
        find: "if (outcome === 'conflict') throw new Error('the lease was renewed",
        replace: "if (false) throw new Error('the lease was renewed",
      },
      {
        id: 'flip-lifetime',
        removes: 'that a number for the health check comes late',
        find: 'if (clock.now() > atMs + COMMAND_LIFETIME_MS) throw',
        replace: 'if (false) throw',
      },
      {
        id: 'name-lost-race',
        removes: 'that a name which somebody changed in between is not taken for moved',
        find: "if (outcome.kind === 'conflict') throw new Error('the name changed",
        replace: "if (false) throw new Error('the name changed",
      },
      {
        id: 'planned-order-since-written',
        removes: 'that a planned order lives from when it was written down',
        find: 'notAfterMs: (record.intents[step]?.atMs ?? 0) + COMMAND_LIFETIME_MS,',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'aws/lease-store.ts',
    ['tests/failover/lease-store.test.ts'],
    [
      {
        id: 'lease-store-swap',
        removes: 'the compare-and-swap of the lease on its table',
        find: "ConditionExpression: 'seq = :expected'",
        replace: "ConditionExpression: 'seq <= :expected OR seq >= :expected'",
      },
      {
        id: 'lease-store-first',
        removes: 'that a first lease meets none',
        find: "ConditionExpression: 'attribute_not_exists(pk)'",
        replace: "ConditionExpression: 'attribute_not_exists(nothing)'",
      },
      {
        id: 'lease-store-no-answer',
        removes: 'that a write which meets one of another region is no answer',
        find: "if (error instanceof ConditionalCheckFailedException) return 'conflict';",
        replace: "return 'conflict';",
      },
      {
        id: 'lease-table-strong',
        removes: 'that an eventually consistent table is refused',
        find: "MultiRegionConsistency === 'STRONG'\n",
        replace: 'MultiRegionConsistency !== undefined\n',
      },
      {
        id: 'lease-table-sides',
        removes: 'that a table without a replica on either side is refused',
        find: 'missing.length > 0 ?',
        replace: 'false ?',
      },
      {
        id: 'lease-table-three',
        removes: 'that a table which is not in three regions yet is refused',
        find: 'replicas.size + GlobalTableWitnesses.length < 3\n',
        replace: 'false\n',
      },
      {
        id: 'lease-table-key',
        removes: 'that a table with another key is refused',
        find: "keys === 'pk, sk' ?",
        replace: 'true ?',
      },
    ],
  ),
];

/** The lease. */
export const leased = [...kept, ...doubted];
