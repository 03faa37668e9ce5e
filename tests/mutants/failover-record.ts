import type { Mutant } from './mutant.ts';

// Failover, the record: where it may be kept, and what keeps a second one from being begun.

const wing = 'functions/failover';

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file, tests }));

/** The record. */
export const recorded = [
  ...mutants(
    'shared/config/record.ts',
    ['tests/failover/record-config.test.ts', 'tests/failover/record-wiring.test.ts'],
    [
      {
        id: 'record-set-primary',
        removes: 'that the primary region is in a set where a strongly consistent table may be',
        find: "refuse(setOf(primary) === undefined, 'primary'",
        replace: "refuse(false, 'primary'",
      },
      {
        id: 'record-set-recovery',
        removes: 'that the recovery region is in such a set',
        find: "refuse(setOf(recovery) === undefined, 'recovery'",
        replace: "refuse(false, 'recovery'",
      },
      {
        id: 'record-one-set',
        removes: 'that both regions of the pair are in the same set',
        find: 'setOf(recovery) !== undefined && !set.includes(recovery),',
        replace: 'false,',
      },
      {
        id: 'record-third-other',
        removes: "that the third region is none of the pair's",
        find: 'const isTaken = third === primary || third === recovery;',
        replace: 'const isTaken = false;',
      },
      {
        id: 'record-third-set',
        removes: 'that the third region is in the set of the pair',
        find: 'isTaken || !set.includes(third),',
        replace: 'isTaken,',
      },
      {
        id: 'record-third-key',
        removes: 'that a third replica is where a stack of ours has a key',
        find: "thirdIs === 'replica' && third !== witness,",
        replace: 'false,',
      },
      {
        id: 'record-lease-key',
        removes: 'that a lease beside the record has a key of its own, so that a guard may write no record',
        find: "lease.table === undefined ? 'LEASE' : 'PAIR'",
        replace: "lease.table === undefined ? 'PAIR' : 'PAIR'",
      },
      {
        id: 'record-table-name',
        removes: 'that each kind of table has a name of its own',
        find: "mrsc: 'failover-global'",
        replace: "mrsc: 'failover'",
      },
    ],
  ),
  ...mutants(
    'shared/config/schema.ts',
    ['tests/failover/record-config.test.ts'],
    [
      {
        id: 'record-lease-outlives',
        removes: 'that a lease without a table needs a record that outlives the recovery region',
        find: "lease.table === undefined && record.kind !== 'mrsc'",
        replace: 'false',
      },
      {
        id: 'record-regions-asked',
        removes: 'that the regions of a record in mrsc are looked at',
        find: "record.kind === 'mrsc' ? mrscProblems(regions, record) : []",
        replace: '[]',
      },
    ],
  ),
  ...mutants(
    `${wing}/run/records.ts`,
    ['tests/failover/record-table.test.ts'],
    [
      {
        id: 'record-begun-once',
        removes: 'that no first record is begun beside one in the table of before',
        find: 'if (left === undefined) return undefined;',
        replace: 'if (left !== undefined || left === undefined) return undefined;',
      },
      {
        id: 'record-begun-silence',
        removes: 'that no first record is begun while the table of before is silent',
        find: 'await former.load(pair);',
        replace: 'await former.load(pair).catch(() => undefined);',
      },
    ],
  ),
  ...mutants(
    `${wing}/core/readiness-record.ts`,
    [`${wing}/core/readiness-record.test.ts`],
    [
      {
        id: 'ready-record-eventual',
        removes: 'that an eventually consistent table of the record is told',
        find: "if (seen.consistency === 'eventual')",
        replace: 'if (false)',
      },
      {
        id: 'ready-record-one-region',
        removes: 'that a table of one region is told where three are wanted',
        find: "if (seen.consistency === 'one-region') return ['it is of one region'];",
        replace: "if (seen.consistency === 'one-region') return [];",
      },
      {
        id: 'ready-record-missing',
        removes: 'that a missing part of the table is told',
        find: 'if (found === undefined) return [`it has no ${what} in ${region}`];',
        replace: 'if (found === undefined) return [];',
      },
      {
        id: 'ready-record-state',
        removes: 'that a part of the table which does not work is told',
        find: 'return WORKS.has(found.status) ?',
        replace: 'return true ?',
      },
      {
        id: 'ready-record-protected',
        removes: 'that a table which can be deleted is told',
        find: 'if (!seen.isProtected)',
        replace: 'if (false)',
      },
    ],
  ),
  ...mutants(
    `${wing}/aws/record-store.ts`,
    ['tests/failover/record-mrsc.test.ts'],
    [
      {
        id: 'record-store-no-answer',
        removes: 'that a write which a region that is cut off does not take is no answer',
        find: 'if (error instanceof ConditionalCheckFailedException) return false;',
        replace: 'return false;',
      },
    ],
  ),
  ...mutants(
    `${wing}/aws/configured-records.ts`,
    ['tests/failover/record-mrsc.test.ts'],
    [
      {
        id: 'record-begun-wired',
        removes: 'that the table of before is asked before a first record is begun',
        find: 'return begunOnce(store, former, recordTable(config));',
        replace: 'return former === undefined ? store : store;',
      },
      {
        id: 'record-read-elsewhere',
        removes: 'that a person reads the record in another region when the recovery region is lost',
        find: 'load: (pair) => firstAnswer(all.map((one) => () => one.load(pair))),',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'resources/failover-record.ts',
    ['tests/failover/record-wiring.test.ts'],
    [
      {
        id: 'record-strong',
        removes: 'the strong consistency of the table',
        find: "MultiRegionConsistency: 'STRONG',",
        replace: "MultiRegionConsistency: 'EVENTUAL',",
      },
      {
        id: 'record-kept',
        removes: 'that the table is kept when its stack is removed',
        find: "const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;",
        replace: "const KEPT = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' } as never;",
      },
      {
        id: 'record-voter',
        removes: 'the third region of the table',
        find: 'GlobalTableWitnesses: [{ Region: witness }]',
        replace: 'GlobalTableWitnesses: []',
      },
    ],
  ),
  ...mutants(
    'resources/roles.ts',
    ['tests/failover/record-wiring.test.ts'],
    [
      {
        id: 'record-lease-grant',
        removes: 'that the grants for leases are for the items of that very table',
        find: 'leaseTable(config, lease) === table ?',
        replace: 'true ?',
      },
    ],
  ),
];
