import type { Comparison } from '../core/comparison.ts';
import type { Fill } from '../core/fill.ts';
import { readUpkeep } from '../core/upkeep-message.ts';
import { fillPart } from './backfill.ts';
import { type Begun, beginComparison, type ComparePorts, comparePart } from './comparison.ts';
import type { JudgeOptions } from './drift.ts';
import type { Generations } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { Continuations, FillPorts } from './upkeep-ports.ts';

export interface UpkeepDeps<T> {
  tables: readonly T[];
  open(table: T): { ports: FillPorts & ComparePorts & { generations: Generations }; target: SyncTarget };
  continuations: Continuations;
  judge: JudgeOptions;
}

/** What an invocation came to, for its sentences and counts. */
export type UpkeepDone =
  | { kind: 'filled'; fill: Fill; end: 'done' | 'continue' }
  | { kind: 'compared'; comparison: Comparison; end: 'done' | 'continue' }
  | { kind: 'comparison-begun'; begun: Begun }
  /** Of this table alone: the others go on. */
  | { kind: 'not-begun'; table: string; reason: string };

/** Does one part of each thing that is asked for; a message to itself goes on with what there was no time for. */
export const runUpkeep = async <T extends { name: string; index: string }>(
  event: unknown,
  deps: UpkeepDeps<T>,
): Promise<UpkeepDone[]> => {
  const done: UpkeepDone[] = [];
  for (const work of readUpkeep(event, deps.tables)) {
    if (work.kind === 'begin-comparisons') {
      for (const table of deps.tables) done.push(await begun(table, deps));
      continue;
    }
    const { table, index } = work;
    const { ports, target } = deps.open(table);
    if (work.kind === 'fill') {
      const { segment } = work;
      const filled = await fillPart(ports, { ...target, index }, segment);
      if (filled.kind === 'continue') await deps.continuations.send({ table: table.name, index, segment });
      if (filled.kind !== 'overtaken') done.push({ kind: 'filled', fill: filled.fill, end: filled.kind });
    } else {
      const compared = await comparePart(ports, { ...target, index }, deps.judge);
      if (compared.kind === 'continue') await deps.continuations.send({ kind: 'compare', table: table.name, index });
      if (compared.kind !== 'overtaken') {
        done.push({ kind: 'compared', comparison: compared.comparison, end: compared.kind });
      }
    }
  }
  return done;
};

const begun = async <T extends { name: string }>(table: T, deps: UpkeepDeps<T>): Promise<UpkeepDone> => {
  const { ports, target } = deps.open(table);
  try {
    const begun = await beginComparison(ports, target);
    if (begun.kind === 'begun') {
      await deps.continuations.send({ kind: 'compare', table: table.name, index: begun.index });
    }
    return { kind: 'comparison-begun', begun };
  } catch (error) {
    return { kind: 'not-begun', table: table.name, reason: error instanceof Error ? error.message : String(error) };
  }
};
