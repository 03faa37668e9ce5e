import type { Mutant } from './mutant.ts';

// Failover, what came after the disaster of one pair: the lease, the planned change, the old primary.

const wing = 'functions/failover';
const core = `${wing}/core`;

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const lease = [
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
        find: "if (word.kind === 'renewed') Object.assign(memory, { renewedAtMs: sentAtMs,",
        replace: "if (word.kind === 'renewed') Object.assign(memory, { renewedAtMs: ports.clock.now() + 60_000,",
      },
      {
        id: 'lease-observe',
        removes: 'that who only watches shuts nobody out',
        find: "if (duty === 'nothing' || policy.mode === 'observe')",
        replace: "if (duty === 'nothing')",
      },
    ],
  ),
];

const planned = mutants(
  'core/switchover.ts',
  [`${core}/in-isolation.test.ts`, 'tests/failover/switchover.test.ts'],
  [
    {
      id: 'switchover-asked-lately',
      removes: 'that an old order to switch over is forgotten',
      find: ' && nowMs - record.switchover.atMs <= ASKED_FOR_MS;',
      replace: ';',
    },
    {
      id: 'switchover-ends',
      removes: 'the time after which the writers are let in again',
      find: '  nowMs - (record.passed.quiescing ?? record.phaseSinceMs) > SWITCHOVER_MS ||\n',
      replace: '',
    },
    {
      id: 'switchover-drained',
      removes: 'that the replica must have replayed everything',
      find: 'return replayed >= last && replayed >= received &&',
      replace: 'return',
    },
    {
      id: 'switchover-last-position',
      removes: 'that the log is read after the last session has ended',
      find: 'if (doneAtMs === undefined || evidence.takenAtMs < doneAtMs) return undefined;',
      replace: '',
    },
    {
      id: 'switchover-receiving',
      removes: 'that the replica must hear from its source',
      find: "...(receiving ? [] : ['the replica does not hear from its source']),",
      replace: '',
    },
    {
      id: 'switchover-observe',
      removes: 'that a pair which is watched only is not switched over',
      find: "...(policy.mode === 'observe' ? ['the mode is observe: this pair is watched only'] : []),",
      replace: '',
    },
  ],
);

const aftermath = mutants(
  'run/aftermath.ts',
  ['tests/failover/aftermath.test.ts'],
  [
    {
      id: 'aftermath-that-very-one',
      removes: 'that only the very instance that led before is snapshotted and stopped',
      find: 'if (resourceId === undefined || view.resourceId !== resourceId) {',
      replace: 'if (false) {',
    },
    {
      id: 'aftermath-lifetime',
      removes: 'the lifetime of an order about the old primary',
      find: 'if (clock.now() > order.notAfterMs) throw',
      replace: 'if (false) throw',
    },
  ],
);

/** The lease, the planned change and the old primary. */
export const afterwards = [...lease, ...planned, ...aftermath];
