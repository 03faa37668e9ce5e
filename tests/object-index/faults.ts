import type { CommitResult, IndexTable } from '../../functions/object-index/run/ports.ts';

/** What an engine on one machine never does, done on demand. */
export type Fault =
  | { kind: 'row-conflict' | 'counter-conflict'; index: number }
  | { kind: 'throttled' }
  | { kind: 'lost-answer'; applied: boolean };

/** A table whose commits meet faults. `fault` is asked before each. */
export const withFaults = (table: IndexTable, fault: () => Fault | undefined): IndexTable => ({
  readRows: table.readRows,
  commit: async (transaction): Promise<CommitResult> => {
    const met = fault();
    if (met === undefined) return await table.commit(transaction);
    switch (met.kind) {
      case 'throttled':
        return { kind: 'throttled', because: 'ThrottlingException' };
      case 'lost-answer':
        if (met.applied) await table.commit(transaction);
        return { kind: 'unknown', because: 'the answer was lost' };
      default: {
        const { changes, counters } = transaction;
        const verdicts = <One>(list: readonly One[], hit: boolean) =>
          list.map((_, index) => ({
            kind: hit && index === met.index % list.length ? ('conflict' as const) : ('fine' as const),
          }));
        return {
          kind: 'cancelled',
          rows: verdicts(changes, met.kind === 'row-conflict'),
          counters: verdicts(counters, met.kind === 'counter-conflict'),
        };
      }
    }
  },
});

/** Any of them, by chance. */
export const pickFault = (random: () => number): Fault => {
  const index = Math.floor(random() * 100);
  const kinds: Fault[] = [
    { kind: 'row-conflict', index },
    { kind: 'counter-conflict', index },
    { kind: 'throttled' },
    { kind: 'lost-answer', applied: true },
    { kind: 'lost-answer', applied: false },
  ];
  return kinds[index % kinds.length] as Fault;
};
