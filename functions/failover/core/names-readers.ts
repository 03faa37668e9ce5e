import { isInstance, type ReaderSeen, reportOf } from './evidence.ts';
import { readersHostOf } from './names-cluster.ts';
import type { ReadersGoal, ReadersReport } from './names-reader.ts';

/**
 * The readers beside the pair's own: those that follow the leader are read from, whatever their status, for a dead one is their health
 * check's to take out; the others' records are ours to take away. One that nobody could ask about stays as it is.
 */
export const otherReaders = (
  { records }: Pick<ReadersReport, 'records'>,
  others: readonly ReaderSeen[] = [],
  leader: string,
): Pick<ReadersGoal, 'wanted' | 'known'> => {
  const hostNow = (instance: string) => records.find(({ identifier }) => identifier === instance)?.value;
  const seen = others.map(({ instance, answer }) => {
    const report = reportOf(answer);
    if (report === undefined || report === 'gone')
      return { instance, host: hostNow(instance), isWanted: report === undefined };
    const isWanted = report.source !== undefined && isInstance(report.source, leader);
    return { instance, host: report.endpoint && readersHostOf(report.endpoint.host), isWanted };
  });
  return {
    wanted: seen.flatMap(({ instance, host, isWanted }) =>
      isWanted && host !== undefined ? [{ instance, host }] : [],
    ),
    known: seen.map(({ host }) => host),
  };
};
