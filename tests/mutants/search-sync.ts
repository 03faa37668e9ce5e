import type { Catalogue, Mutant } from './mutant.ts';
import { searchUpkeep } from './search-sync-upkeep.ts';

// The search-sync wing: what keeps an index equal to its table, taken out in turn. Texts are kept short, so that a
// neighbour's change does not make them stale.

const wing = 'functions/search-sync';
const batch = ['tests/search-sync/sync.test.ts'];
const histories = ['tests/search-sync/histories.test.ts'];
const rules = [`${wing}/core/rules.test.ts`];

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const versions = [
  ...mutants(
    'core/version.ts',
    [...rules, ...histories],
    [
      {
        id: 'version-sequence',
        removes: 'the last nine digits of the sequence number in a version',
        find: '* BILLION + BigInt(sequence.slice(-9))',
        replace: '* BILLION',
      },
      {
        id: 'version-time',
        removes: 'the second of the change in a version',
        find: 'BigInt(Math.floor(seconds)) * BILLION + ',
        replace: '',
      },
      {
        id: 'stale-by-text',
        removes: 'that sequence numbers are compared as numbers',
        find: 'BigInt(stored) >= BigInt(ours)',
        replace: 'stored >= ours',
      },
    ],
  ),
  ...mutants('core/operation.ts', rules, [
    {
      id: 'condition-at-least',
      removes: 'that an older write is refused',
      find: '"version_type":"external_gte"',
      replace: '"version_type":"force"',
    },
    {
      id: 'condition-unchanged',
      removes: 'that a repair writes only on what it read',
      find: ',"if_seq_no":',
      replace: ',"seq_no":',
    },
    {
      id: 'condition-alias',
      removes: 'that a missing alias is an incident and no reason to make an index',
      find: ',"require_alias":true',
      replace: '',
    },
  ]),
];

const order = [
  ...mutants(
    'core/collapse.ts',
    [...rules, ...histories],
    [
      {
        id: 'collapse-last',
        removes: 'that the last change of a key is written, and not the first',
        find: 'last.set(change.id, isBehind',
        replace: 'if (before === undefined) last.set(change.id, isBehind',
      },
      {
        id: 'collapse-version',
        removes: 'that the last change of a batch gets a version above the earlier ones',
        find: 'isBehind ? { ...change, version: before.version + 1n } : change',
        replace: 'change',
      },
    ],
  ),
  ...mutants(
    'core/checkpoint.ts',
    [...rules, ...batch, ...histories],
    [
      {
        id: 'checkpoint-lowest',
        removes: 'that the lowest failure is the checkpoint',
        find: 'first = Math.min(first, position)',
        replace: 'first = position',
      },
      {
        id: 'checkpoint-both',
        removes: 'that a batch is done only when both indexes have it',
        find: 'if (a === undefined || b === undefined) return a ?? b;',
        replace: 'return a;',
      },
    ],
  ),
];

const conflicts = [
  ...mutants(
    'run/sync.ts',
    [...batch, ...histories],
    [
      {
        id: 'verify-409',
        removes: 'that a conflict proves nothing by itself',
        find: 'const doubtful = await newer(run, conflicts, rules);',
        replace: 'const doubtful: Change[] = conflicts.slice(0, 0);\n  await newer(run, doubtful, rules);',
      },
      {
        id: 'verify-stream',
        removes: 'that numbers of two streams are not compared',
        find: 'stamp.stream === target.stream && ',
        replace: '',
      },
      {
        id: 'stub',
        removes: 'the stub of a refused document',
        find: 'const writes = poison.map(({ built, reason }) => stubWrite(built, target, reason, ports.hash));',
        replace:
          'const writes = poison.slice(0, 0).map(({ built, reason }) => stubWrite(built, target, reason, ports.hash));',
      },
      {
        id: 'stub-letter',
        removes: 'the dead letter beside a stub',
        find: 'if (await buryChange(run, of.change, reason)) run.stubbed++;',
        replace: 'run.stubbed++;',
      },
      {
        id: 'letter-lost',
        removes: 'that a record without its dead letter is not done',
        find: 'run.undone.add(position);\n    return false;',
        replace: 'return false;',
      },
      {
        id: 'poison-budget',
        removes: 'the budget of dead letters: a broken mapping drains the table into them',
        find: 'if (poison.length > poisonBudget(run.records.length)) {',
        replace: 'if (poison.length > Number.POSITIVE_INFINITY) {',
      },
      {
        id: 'old-image',
        removes: 'that an OLD_IMAGE stream is refused',
        find: 'if (records.some(refusedView)) {',
        replace: 'if (records.length === 0 && records.some(refusedView)) {',
      },
    ],
  ),
  ...mutants(
    'run/repair.ts',
    [...batch, ...histories],
    [
      {
        id: 'repair-truth-last',
        removes: 'that the table is read after the document',
        find: 'const [stored] = await index.reads(target.index, [id]);\n      const item = await table.item(keys);',
        replace: 'const item = await table.item(keys);\n      const [stored] = await index.reads(target.index, [id]);',
      },
      {
        id: 'repair-condition',
        removes: 'that a repair of what is there takes effect only on what it read',
        find: ": { kind: 'unchanged', seqNo: stored.seqNo, primaryTerm: stored.primaryTerm };",
        replace: ": { kind: 'at-least', version: 2n ** 62n };",
      },
      {
        id: 'repair-version-met',
        removes: 'that a repair goes above the tombstone that it met',
        find: '(versionMet(outcome.reason) ?? version) + 1n',
        replace: 'version',
      },
    ],
  ),
  ...mutants('core/outcome.ts', rules, [
    {
      id: 'unknown-is-incident',
      removes: 'that an unknown answer is an incident',
      find: "  return { kind: 'incident', reason };\n};\n\n/** What to do with a request",
      replace: "  return { kind: 'done' };\n};\n\n/** What to do with a request",
    },
    {
      id: 'block-is-incident',
      removes: 'that a write block is an incident, and no dead letter',
      find: "if (TRANSIENT.has(status) && error?.type !== 'cluster_block_exception')",
      replace: 'if (TRANSIENT.has(status))',
    },
  ]),
  ...mutants('run/send.ts', batch, [
    {
      id: 'send-time',
      removes: 'that retries end before the invocation does',
      find: 'patience.remainingMs() - pauseMs < settings.reserveMs',
      replace: 'round > 200',
    },
    {
      id: 'send-only-failed',
      removes: 'that only what failed is sent again',
      find: 'pending = failing;',
      replace: 'pending = failing.length > 0 ? pending : failing;',
    },
    {
      id: 'send-count',
      removes: 'that an answer of another length is not believed',
      find: 'if (answer.items.length === chunk.length) {',
      replace: 'if (answer.items.length > 0) {',
    },
  ]),
];

/** Everything that `npm run mutants -- search-sync` takes out. */
export const searchSync: Catalogue = {
  project: 'search-sync',
  mutants: [...versions, ...order, ...conflicts, ...searchUpkeep],
};
