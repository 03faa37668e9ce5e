import type { Item } from '../core/attribute-value.ts';
import { documentId } from '../core/document-id.ts';
import { versionOfRead } from '../core/version.ts';
import { inFlight } from './in-flight.ts';
import {
  agrees,
  conditionOf,
  endOf,
  operationOf,
  type Repair,
  type RepairPorts,
  repair,
  type SyncTarget,
  wantedOf,
} from './repair.ts';
import { sendAll } from './send.ts';

/** Turns in company; who is not settled by then goes the slow way alone. */
const TURNS = 3;
const ALONE_IN_FLIGHT = 8;

export interface Repaired {
  keys: Item;
  end: Repair;
  /** True when document and item did not agree at the first look. */
  differed: boolean;
}

/**
 * The repair of many keys: the same reads in the same order and the same conditions as `repair`, in company. A key is
 * over when a pair of reads agrees; one that is not after some turns is repaired alone. Each key once, in the order given.
 */
export const repairMany = async (
  ports: RepairPorts,
  target: SyncTarget,
  keys: readonly Item[],
): Promise<Repaired[]> => {
  const { index, table, hash, patience } = ports;
  const unique = new Map(keys.map((key) => [documentId(key, target.keys, hash), key]));
  const ends = new Map<string, Repair>();
  const differed = new Set<string>();
  let open = [...unique.keys()];
  for (let turn = 0; turn < TURNS && open.length > 0; turn++) {
    try {
      const stored = await index.reads(target.index, open);
      const items = await table.items(open.map((id) => unique.get(id) as Item));
      const version = versionOfRead(patience.nowMs());
      const writes = open.flatMap((id, at) => {
        const key = unique.get(id) as Item;
        const wanted = wantedOf(items[at], key, target, undefined, patience.nowMs(), hash);
        if (agrees(stored[at], wanted, hash)) {
          ends.set(id, endOf(stored[at], undefined));
          return [];
        }
        differed.add(id);
        return [{ of: id, operation: operationOf(target.index, id, conditionOf(stored[at], version), wanted) }];
      });
      for (const { of, outcome } of await sendAll(index, writes, patience)) {
        if (outcome.kind === 'incident') ends.set(of, outcome);
      }
    } catch {
      // What could not be read is no evidence: the next turn, or the repair alone, reads again.
    }
    open = open.filter((id) => !ends.has(id));
  }
  await inFlight(open, ALONE_IN_FLIGHT, async (id) => {
    ends.set(id, await repair(ports, target, unique.get(id) as Item));
  });
  return [...unique].map(([id, key]) => ({ keys: key, end: ends.get(id) as Repair, differed: differed.has(id) }));
};
