import type { Item } from '../core/attribute-value.ts';
import { documentId } from '../core/document-id.ts';
import { inFlight } from './in-flight.ts';
import type { SyncTarget } from './repair.ts';
import { type Repaired, repairMany } from './repair-many.ts';
import type { UpkeepPorts } from './upkeep-ports.ts';

/** How many keys are repaired in company. */
export const HEALED_AT_ONCE = 500;

/** Repairs keys, and puts a dead letter for each that a stub stands for now. Throws when a letter could not be put. */
export const heal = async (
  ports: Pick<UpkeepPorts, 'index' | 'table' | 'hash' | 'patience' | 'deadLetters'>,
  target: SyncTarget,
  keys: readonly Item[],
): Promise<Repaired[]> => {
  const all: Repaired[] = [];
  for (let from = 0; from < keys.length; from += HEALED_AT_ONCE) {
    const repaired = await repairMany(ports, target, keys.slice(from, from + HEALED_AT_ONCE));
    const stubs = repaired.filter(({ end, differed }) => end.kind === 'stubbed' && differed);
    await inFlight(stubs, 8, ({ keys: key, end }) =>
      ports.deadLetters.put({
        name: `${target.table}/repair/${ports.hash(documentId(key, target.keys, ports.hash))}`,
        reason: 'reason' in end ? end.reason : 'refused',
        source: target.table,
        keys: key,
        record: { keys: key },
      }),
    );
    all.push(...repaired);
  }
  return all;
};

/** Why not all of them were brought into agreement; undefined when they were. */
export const failureOf = (repaired: readonly Repaired[]): string | undefined => {
  const failed = repaired.filter(({ end }) => end.kind === 'gave-up' || end.kind === 'incident');
  const [first] = failed;
  if (first === undefined || !('reason' in first.end)) return undefined;
  return `${failed.length} of ${repaired.length} keys could not be repaired: ${first.end.reason}`;
};
