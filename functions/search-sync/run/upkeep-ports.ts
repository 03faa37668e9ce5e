import type { Comparison } from '../core/comparison.ts';
import type { Fill } from '../core/fill.ts';
import type { UpkeepMessage } from '../core/upkeep-message.ts';
import type { Census, DeadLetters, TableScan } from './ports.ts';
import type { RepairPorts } from './repair.ts';

/** Where the cursors of backfills are kept. */
export interface Fills {
  /** The parts of an index's backfill, in order; none when nobody began. */
  parts(index: string): Promise<Fill[]>;
  part(index: string, segment: number): Promise<Fill | undefined>;
  /** Puts the parts, whatever was there. */
  begin(parts: readonly Fill[]): Promise<void>;
  /** Keeps a cursor, its revision one higher. False: another has moved it since it was read. */
  save(fill: Fill): Promise<boolean>;
}

/** Where comparisons are kept between their parts. */
export interface Comparisons {
  /** Undefined: this index was never compared. */
  read(index: string): Promise<Comparison | undefined>;
  /** Keeps it, its revision one higher. False: another has changed it since it was read. */
  save(comparison: Comparison): Promise<boolean>;
}

/** Where messages to ourselves go. */
export interface Continuations {
  send(message: UpkeepMessage): Promise<void>;
}

export interface UpkeepPorts extends RepairPorts {
  scan: TableScan;
  deadLetters: DeadLetters;
}

export interface FillPorts extends UpkeepPorts {
  fills: Fills;
}

export interface DriftPorts extends UpkeepPorts {
  census: Census;
}
