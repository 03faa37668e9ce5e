import { OVERALL_SHARDS } from '../core/keys.ts';

/**
 * A lane commits one transaction at a time and stays on its counter shards until another writer meets it there: so
 * writers spread over the shards by themselves. What it remembers is only where to write next; any shard is right.
 */
export interface Lane {
  shardFor(customer: string | undefined): number;
  /** After a conflict on a counter. */
  moveOn(): void;
  /** How many rows to put into a transaction now. */
  rows(): number;
  /** After a throttle: half as many. */
  shrink(): void;
  /** After a commit: a few more again. */
  grow(): void;
}

/** Above about fifty rows a transaction saves a few per cent, and loses more when it is cancelled: README, "cost". */
export const ROWS = 48;
/** With month rows there are three counter rows to share. */
export const ROWS_WITH_MONTHS = 64;
const MIN_ROWS = 8;

/** Lanes for one execution environment. `random` gives [0, 1). */
export const openLanes = (count: number, totalsShards: number, random: () => number, maxRows = ROWS): Lane[] =>
  Array.from({ length: count }, () => {
    const pick = () => Math.floor(random() * OVERALL_SHARDS);
    let place = pick();
    let rows = maxRows;
    return {
      shardFor: (customer) => (customer === undefined ? place : place % totalsShards),
      moveOn: () => {
        place = pick();
      },
      rows: () => rows,
      shrink: () => {
        rows = Math.max(MIN_ROWS, Math.floor(rows / 2));
      },
      grow: () => {
        rows = Math.min(maxRows, rows + 4);
      },
    };
  });
