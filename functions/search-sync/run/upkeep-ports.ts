import type { Fill } from '../core/fill.ts';
import type { FillMessage } from '../core/fill-message.ts';
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

/** Where messages to ourselves go. */
export interface Continuations {
  send(message: FillMessage): Promise<void>;
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
