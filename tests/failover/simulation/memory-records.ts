import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import type { HistoryEntry, RecordStore } from '../../../functions/failover/run/ports.ts';

/** The record store in memory: the same rules as the table's. What it holds is frozen: who changes a stored record throws. */
export const memoryRecords = (): RecordStore => {
  const records = new Map<string, FailoverRecord>();
  const entries = new Map<string, HistoryEntry>();
  return {
    load: async (pair) => records.get(pair),
    save: async (record, expectedVersion) => {
      if ((records.get(record.pair)?.version ?? 0) !== expectedVersion) return 'conflict';
      records.set(record.pair, frozen(record));
      return 'saved';
    },
    append: async (pair, entry) => {
      const key = `${pair}#${String(entry.epoch).padStart(8, '0')}#${String(entry.version).padStart(10, '0')}`;
      if (!entries.has(key)) entries.set(key, structuredClone(entry));
    },
    history: async (pair, limit) =>
      [...entries]
        .filter(([key]) => key.startsWith(`${pair}#`))
        .sort(([one], [other]) => (one < other ? 1 : -1))
        .slice(0, limit)
        .map(([, entry]) => entry),
  };
};

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};
