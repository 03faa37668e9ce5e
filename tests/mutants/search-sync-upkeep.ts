import type { Mutant } from './mutant.ts';

// The search-sync wing, beside the stream: indexes that are built anew, comparison, logs, search.

const wing = 'functions/search-sync';
const histories = ['tests/search-sync/histories.test.ts'];

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

export const searchUpkeep: Mutant[] = [
  ...mutants('run/sync-generations.ts', histories, [
    {
      id: 'shadow-written',
      removes: 'that the index which is built anew takes every write',
      find: 'shadow === undefined ? [serving] : [serving, shadow]',
      replace: 'shadow === undefined ? [serving] : [serving]',
    },
    {
      id: 'shadow-abandoned',
      removes: 'that a shadow which is gone does not hold up what is searched',
      find: 'if (await generations.abandon(alias, broken.shadow).catch(() => false)) abandoned = broken.incident;',
      replace: 'abandoned ??= undefined;',
    },
  ]),
  ...mutants(
    'run/backfill.ts',
    [...histories, 'tests/search-sync/cutover.test.ts'],
    [
      {
        id: 'fill-durable',
        removes: 'that a page which is not wholly in the index stops the cursor',
        find: 'if (failure !== undefined) throw new FillStoppedError(failure);',
        replace: '',
      },
      {
        id: 'fill-compares',
        removes: 'that what differs from the table is written, also where a document stands',
        find: 'stamps[at]?.digest !== prints[at]?.digest',
        replace: 'stamps[at] === undefined',
      },
    ],
  ),
  ...mutants(
    'run/cutover.ts',
    ['tests/search-sync/cutover.test.ts'],
    [
      {
        id: 'cutover-filled',
        removes: 'that searches go over only to an index that is filled to its end',
        find: 'if (progress !== undefined && !isFilled(progress)) return',
        replace: 'if (progress !== undefined && progress.segments < 0) return',
      },
      {
        id: 'cutover-drift',
        removes: 'that searches go over only to an index that equals the table',
        find: 'if (!isEqualNow(drift)) return',
        replace: 'if (!isEqualNow(drift) && drift.missing < 0) return',
      },
      {
        id: 'cutover-confirmed',
        removes: 'that nothing is changed without a confirmation',
        find: "if (!confirmed) return { kind: 'ready', alias, written, drift };",
        replace: '',
      },
    ],
  ),
  ...mutants(
    'run/repair-many.ts',
    [...histories, 'tests/search-sync/cutover.test.ts'],
    [
      {
        id: 'many-condition',
        removes: 'that a repair in company takes effect only on what it read',
        find: 'conditionOf(stored[at], version)',
        replace: "{ kind: 'at-least' as const, version: 2n ** 61n + version * 0n }",
      },
      {
        id: 'many-over',
        removes: 'that a key is over only when its reads agree',
        find: "if (outcome.kind === 'incident') ends.set(of, outcome);",
        replace: "ends.set(of, outcome.kind === 'incident' ? outcome : { kind: 'agreed' });",
      },
    ],
  ),
  ...mutants(
    'run/drift.ts',
    ['tests/search-sync/cutover.test.ts'],
    [
      {
        id: 'drift-twice',
        removes: 'that a key which is on its way counts as no drift',
        find: 'await ports.patience.sleep(options.settleMs);',
        replace: '',
      },
      {
        id: 'drift-ghosts',
        removes: 'that documents without an item are looked for',
        find: 'page.keys.filter((_, at) => items[at] === undefined)',
        replace: 'page.keys.filter((_, at) => items[at] === undefined && at < 0)',
      },
      {
        id: 'drift-asked',
        removes: 'that a comparison writes nothing unless it is asked to',
        find: 'if (!options.repair) continue;',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'run/replay.ts',
    ['tests/search-sync/cutover.test.ts'],
    [
      {
        id: 'replay-kept',
        removes: 'that a letter stays until its keys agree',
        find: "one.kind === 'settled' && remove",
        replace: 'remove',
      },
    ],
  ),
  ...mutants(
    'core/comparison.ts',
    ['tests/search-sync/comparison.test.ts'],
    [
      {
        id: 'compare-one',
        removes: 'that no comparison begins while one is under way',
        find: "comparison.phase !== 'done' && nowMs - comparison.atMs < GIVEN_UP_MS",
        replace: "comparison.phase !== 'done' && nowMs < 0",
      },
      {
        id: 'compare-given-up',
        removes: 'that one whose messages are lost is begun anew',
        find: 'nowMs - comparison.atMs < GIVEN_UP_MS',
        replace: 'nowMs > 0',
      },
    ],
  ),
  ...mutants(
    'run/replay-logs.ts',
    ['tests/search-sync/log-letters.test.ts'],
    [
      {
        id: 'replay-log-refused',
        removes: 'that the letter of a log stays while its document is refused',
        find: "case 'poison':\n          return { kind: 'still-refused', name, reason: sent.outcome.reason };",
        replace: "case 'poison':\n          return { kind: 'settled', name, documents: 1 };",
      },
    ],
  ),
  ...mutants(
    'aws/opensearch-http.ts',
    ['tests/search-sync/login.test.ts'],
    [
      {
        id: 'login-verified',
        removes: 'that the server is verified before it gets a password',
        find: 'rejectUnauthorized: true',
        replace: 'rejectUnauthorized: false',
      },
      {
        id: 'login-open-wire',
        removes: 'that a password is sent by https only',
        find: 'if (login !== undefined) refuseOpenWire(place.node);',
        replace: '',
      },
      {
        id: 'login-rotated',
        removes: 'that a rotated password is read anew',
        find: 'answer.status === 401 ? await login.renewed(first) : undefined',
        replace: 'undefined',
      },
    ],
  ),
  ...mutants(
    'core/retention.ts',
    [`${wing}/core/retention.test.ts`],
    [
      {
        id: 'retention-ours',
        removes: "that another's index is never deleted",
        find: "if (!isOurs) return { kind: 'keep', index: name, because: 'not-ours' };",
        replace: '',
      },
      {
        id: 'retention-whole-day',
        removes: 'that a day stays until its last event is old enough',
        find: '(1 + keepDays) * DAY_MS',
        replace: 'keepDays * DAY_MS',
      },
      {
        id: 'retention-brake',
        removes: 'the limit on what one run deletes',
        find: 'left-- > 0',
        replace: 'left-- > -1_000',
      },
    ],
  ),
  ...mutants(
    'core/postgres-log.ts',
    [`${wing}/core/postgres-log.test.ts`],
    [
      {
        id: 'log-masked',
        removes: 'that secrets in statements are masked',
        find: 'mask(text).slice(0, LONGEST_TEXT)',
        replace: 'text.slice(0, LONGEST_TEXT)',
      },
      {
        id: 'log-process',
        removes: 'that a DETAIL goes to the line of its own process',
        find: 'latest.get(process);',
        replace: 'entries.at(-1);',
      },
    ],
  ),
  ...mutants(
    'core/own-mapping.ts',
    [`${wing}/core/own-mapping.test.ts`],
    [
      {
        id: 'mapping-malformed',
        removes: 'that a value which a type can not take is left out, and not the document',
        find: 'ignore_malformed: true',
        replace: 'ignore_malformed: false',
      },
      {
        id: 'mapping-rebuild',
        removes: 'that another type of a field is a plan for a new index',
        find: 'else if (!same(before, field))',
        replace: 'else if (before.type === undefined && !same(before, field))',
      },
    ],
  ),
];
