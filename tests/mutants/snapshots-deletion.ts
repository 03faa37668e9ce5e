import type { Mutant } from './mutant.ts';

// Expiry: what stands between "no rule keeps it" and a deletion, beyond the gates and guards of the first file: people's orders,
// what could not be seen, the breaker, and the shell's own last looks.

const core = 'functions/snapshots/core';
const guards = [`${core}/guards.test.ts`, `${core}/expiry.test.ts`, `${core}/plan.test.ts`];
const expiry = [`${core}/expiry.test.ts`, ...guards];
const shell = ['tests/snapshots/run.test.ts', 'tests/snapshots/continue.test.ts'];

const of = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file, tests }));

export const deletion: Mutant[] = [
  ...of(`${core}/ownership.ts`, expiry, [
    {
      id: 'gate-key',
      removes: 'the gate that takes a snapshot whose key is not usable for no backup',
      find: "keys?.[kmsKeyId] === 'usable'",
      replace: 'keys !== null',
    },
    {
      id: 'gate-key-unnamed',
      removes: 'the doubt about an encrypted snapshot of which RDS names no key',
      find: 'encrypted !== true :',
      replace: 'true :',
    },
  ]),
  ...of(`${core}/guards.ts`, guards, [
    {
      id: 'guard-databases-unseen',
      removes: 'what keeps everything while the databases cannot be seen',
      find: 'database === undefined && blind.size > 0',
      replace: 'database === null && blind.size > 0',
    },
    {
      id: 'guard-orphan',
      removes: 'what keeps all that is left of a deleted database',
      find: 'group.database === undefined && !orphanLapsed(group)',
      replace: 'false',
    },
    {
      id: 'guard-orphan-age',
      removes: 'the days that an orphan is kept',
      find: 'nowMs - newestOwnMs > orphanKeepDays * DAY_MS',
      replace: 'true',
    },
    {
      id: 'guard-copies-unseen',
      removes: 'what keeps everything while nobody can say what is being copied',
      find: 'all(!group.circumstances.copiesSeen, group)',
      replace: 'all(false, group)',
    },
    {
      id: 'guard-copy-pending',
      removes: 'what keeps a snapshot that a copy is being made from',
      find: 'copying.has(snapshot.arn)',
      replace: 'copying.has(snapshot.arn) && false',
    },
    {
      id: 'guard-orders-unseen',
      removes: 'what keeps everything while the orders cannot be read',
      find: 'all(!group.circumstances.ordersSeen, group)',
      replace: 'all(false, group)',
    },
    {
      id: 'guard-paused',
      removes: 'the pause of deletions',
      find: 'all(group.circumstances.expiryPause !== undefined, group)',
      replace: 'all(false, group)',
    },
  ]),
  ...of(`${core}/circumstances.ts`, expiry, [
    {
      id: 'sight-orders',
      removes: 'the difference between no orders and orders that nobody saw',
      find: "orders !== undefined && !isUnseen('orders')",
      replace: 'true',
    },
    {
      id: 'sight-copies',
      removes: 'the difference between no copies and copies that nobody saw',
      find: "copying !== undefined && !isUnseen('copies')",
      replace: 'true',
    },
  ]),
  ...of(`${core}/expiry.ts`, expiry, [
    {
      id: 'breaker',
      removes: 'the circuit breaker',
      find: 'removals.length <= allowed',
      replace: 'true',
    },
    {
      id: 'breaker-count',
      removes: 'the number in a confirmation: more than were confirmed pass',
      find: '.slice(0, Math.max(0, deletions))',
      replace: '',
    },
    {
      id: 'breaker-newer',
      removes: 'the newest slot in a confirmation: what the person did not see passes',
      find: 'slotMs !== undefined && slotMs <= newestSlotMs',
      replace: 'slotMs !== undefined',
    },
    {
      id: 'failed-age',
      removes: 'the hours that a failed snapshot is kept',
      find: '< failedBeforeMs',
      replace: '< nowMs + 1',
    },
    {
      id: 'failed-guards',
      removes: "people's orders in front of a failed snapshot",
      find: 'guards.filter(({ failedToo }) => failedToo === true)',
      replace: 'guards.filter(({ failedToo }) => failedToo === null)',
    },
  ]),
  ...of(`${core}/orders.ts`, expiry, [
    {
      id: 'confirmation-lapsed',
      removes: 'the end of a confirmation',
      find: '&& nowMs < untilMs',
      replace: '',
    },
    {
      id: 'confirmation-early',
      removes: 'the doubt about a confirmation that was given after now',
      find: 'atMs <= nowMs &&',
      replace: '',
    },
  ]),
  ...of('functions/snapshots/run/act.ts', shell, [
    {
      id: 'act-armed',
      removes: 'the stop of deletions before expiry is armed',
      find: "if (plan.expiry !== 'armed') return none('not-armed');",
      replace: '',
    },
    {
      id: 'act-confirmation-once',
      removes: 'the using up of a confirmation, which lets one run pass and no other',
      find: "if (!used) return none('confirmation-lost');",
      replace: '',
    },
    {
      id: 'act-confirmation-error',
      removes: 'the stop when nobody can say whether the confirmation was used up',
      find: "if (used instanceof Error) return none('no-evidence', used.message);",
      replace: '',
    },
    {
      id: 'act-forbidden-once',
      removes: 'the end of deletions at the first missing permission',
      find: 'if (forbidden !== undefined) {',
      replace: 'if (false) {',
    },
    {
      id: 'act-pause-before',
      removes: 'the look at the orders before the confirmation is used up',
      find: 'if (stopped !== undefined) return none(stopped.because, stopped.detail);',
      replace: '',
    },
  ]),
  ...of('functions/snapshots/run/orders-watch.ts', shell, [
    {
      id: 'watch-again',
      removes: 'the second look at the orders, after so many deletions',
      find: 'unwatched > MOST_UNWATCHED ||',
      replace: '',
    },
    {
      id: 'watch-minute',
      removes: 'the second look at the orders, after so much time',
      find: ' || isLong',
      replace: '',
    },
    {
      id: 'watch-unseen',
      removes: 'the stop when nobody can say whether expiry was paused meanwhile',
      find: "return { because: 'orders-unseen', detail: errorText(error) };",
      replace: 'return undefined;',
    },
  ]),
  ...of('functions/snapshots/run/run.ts', shell, [
    {
      id: 'confirmed-perhaps',
      removes: 'the counting of deletions that RDS did not answer about',
      find: "(act.kind === 'not-deleted' && act.because === 'no-evidence')",
      replace: 'false',
    },
  ]),
  ...of('functions/snapshots/run/continue.ts', shell, [
    {
      id: 'continue-closed',
      removes: 'the refusal of a message that comes when its slot is over',
      find: 'const closed = isClosed(slotMs, clock())',
      replace: 'const closed = false as boolean',
    },
    {
      id: 'continue-twice',
      removes: 'the lease of a part: a second delivery works beside the first',
      find: "if (rest === 'over' || rest === 'busy')",
      replace: "if (rest === 'over')",
    },
    {
      id: 'continue-tried-name',
      removes: 'the look under a name that was tried before its database was renamed',
      find: "if (found === 'ours') return { kind: 'created', create, name, how: 'found' };",
      replace: '',
    },
    {
      id: 'continue-tried-kept',
      removes: 'the memory of the names that were tried, over the parts of a slot',
      find: 'withTried([...leftOf(planned, acts), ...seen.unseen], rest.left)',
      replace: '[...leftOf(planned, acts), ...seen.unseen]',
    },
  ]),
  ...of('functions/snapshots/run/observe.ts', shell, [
    {
      id: 'observe-orders',
      removes: 'the word that the orders could not be seen',
      find: "or(control.orders(), undefined, { what: 'orders' })",
      replace: 'control.orders().catch(() => ({ pauses: [], confirmations: [] }))',
    },
  ]),
  ...of(
    'functions/snapshots/aws/keys.ts',
    ['tests/snapshots/wire-facts.test.ts', 'tests/snapshots/wire.test.ts'],
    [
      {
        id: 'key-unknown',
        removes: 'the difference between a key that KMS did not speak of and a usable one',
        find: "STATES[KeyMetadata?.KeyState ?? ''] ?? 'unknown'",
        replace: "STATES[KeyMetadata?.KeyState ?? ''] ?? 'usable'",
      },
    ],
  ),
];
