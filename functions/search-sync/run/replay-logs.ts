import { indexLogs, type LogGroup, type LogsPorts, operationOf, unpack } from './logs.ts';
import type { ReplayedLetter, ReplayLog } from './replay.ts';
import { sendAll } from './send.ts';

/** Brings letters of logs into their days again. A document that is there already is settled: it is created, never overwritten. */
export const replayLogs =
  (ports: LogsPorts, groups: readonly LogGroup[]): ReplayLog =>
  async (name, letter) => {
    try {
      if (letter.kind === 'log-delivery') return await replayDelivery(ports, groups, name, letter.data);
      const group = groups.find(({ logGroup }) => logGroup === letter.logGroup);
      if (group === undefined) return notOurs(name, letter.logGroup);
      const operation = operationOf(group.indexPrefix, letter);
      await ports.days.ensure(operation.index);
      const [sent] = await sendAll(ports.index, [{ of: letter, operation }], ports.patience);
      switch (sent?.outcome.kind) {
        case 'done':
        case 'verify':
          return { kind: 'settled', name, documents: 1 };
        case 'poison':
          return { kind: 'still-refused', name, reason: sent.outcome.reason };
        default:
          return { kind: 'failed', name, reason: sent?.outcome.reason ?? 'no answer' };
      }
    } catch (error) {
      return { kind: 'failed', name, reason: error instanceof Error ? error.message : String(error) };
    }
  };

/** What OpenSearch refuses of a delivery becomes letters of its own, so the delivery is settled all the same. */
const replayDelivery = async (
  ports: LogsPorts,
  groups: readonly LogGroup[],
  name: string,
  data: string,
): Promise<ReplayedLetter> => {
  const delivery = unpack(data);
  if (delivery.kind === 'unreadable') return { kind: 'unreadable', name, reason: delivery.reason };
  if (delivery.kind === 'control') return { kind: 'settled', name, documents: 0 };
  if (!groups.some(({ logGroup }) => logGroup === delivery.logGroup)) return notOurs(name, delivery.logGroup);
  const report = await indexLogs(ports, groups, data);
  return { kind: 'settled', name, documents: (report?.written ?? 0) + (report?.duplicates ?? 0) };
};

const notOurs = (name: string, logGroup: string): ReplayedLetter => ({
  kind: 'unreadable',
  name,
  reason: `${logGroup} is not in search.logs`,
});
