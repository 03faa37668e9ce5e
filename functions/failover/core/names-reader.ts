import { sameHost } from './evidence.ts';
import { epochName, epochOf, type NameRecord, type NamesPlan } from './names.ts';
import { sameDatabase } from './names-cluster.ts';

/** One record of the reader's name. Route 53 tells records of one name apart by their identifier; ours is the instance. */
export interface ReaderRecord {
  identifier?: string | undefined;
  weight?: number | undefined;
  ttlSeconds: number;
  value: string;
  healthCheckId?: string | undefined;
}

/** The reader's name in Route 53, and the health checks that there are for readers. */
export interface ReadersReport {
  records: ReaderRecord[];
  epochText?: string | undefined;
  epochTtlSeconds?: number | undefined;
  /** Instance → the health check on its alarm. */
  healthChecks: Readonly<Record<string, string>>;
}

export interface ReadersGoal {
  reader: string;
  ttlSeconds: number;
  epoch: number;
  /** Who shall be read from. */
  wanted: readonly { instance: string; host: string }[];
  /** Hosts of this pair: records of these are ours to take away, all others stay. */
  known: readonly (string | undefined)[];
}

/** The health check of a reader: on its own alarm, or on that of the instance in whose place it was built (`<name>-e<epoch>`). */
export const healthCheckOf = (
  { healthChecks }: Pick<ReadersReport, 'healthChecks'>,
  instance: string,
): string | undefined => healthChecks[instance] ?? healthChecks[builtInPlaceOf(instance)];

/** The name that a rebuilt instance's has before `-e<epoch>`; the name itself for any other. */
export const builtInPlaceOf = (instance: string): string => instance.replace(/-e\d{1,9}$/, '');

/** What the reader's epoch record says: who is read from since which epoch. */
export const readersText = (epoch: number, instances: readonly string[]): string =>
  `epoch=${epoch} readers=${[...instances].sort().join(',')}`;

/** The change that makes the wanted instances the pair's readers, one weighted record each, or why it must not be made. */
export const planReaders = (seen: ReadersReport, goal: ReadersGoal): NamesPlan => {
  const { reader, ttlSeconds, epoch, wanted, known } = goal;
  const text = readersText(
    epoch,
    wanted.map(({ instance }) => instance),
  );
  const seenEpoch = epochOf(seen.epochText);
  if (seenEpoch > epoch) {
    return { kind: 'conflict', because: `${epochName(reader)} says epoch ${seenEpoch}, and ours is ${epoch}` };
  }
  const isOurs = ({ value }: ReaderRecord) => known.some((host) => sameDatabase(host, value));
  const [ours, others] = [seen.records.filter(isOurs), seen.records.filter((record) => !isOurs(record))];
  const reached =
    ours.length === wanted.length && wanted.every(({ host }) => ours.some(({ value }) => sameHost(value, host)));
  if (seen.epochText === text) {
    return reached
      ? { kind: 'ours' }
      : { kind: 'conflict', because: `the records of ${reader} were changed after epoch ${epoch} had set them` };
  }
  const identifiers = wanted.map(({ instance }) => instance);
  // A record without an identifier allows no weighted one beside it; a taken identifier cannot be created.
  const inTheWay = others.find(({ identifier }) => identifier === undefined || identifiers.includes(identifier));
  if (inTheWay) {
    return { kind: 'conflict', because: `${reader} names ${inTheWay.value}, which is no instance of this pair` };
  }
  const cname = (record: ReaderRecord): NameRecord => ({ name: reader, type: 'CNAME', ...record });
  const txt = (value: string, ttl: number): NameRecord => ({
    name: epochName(reader),
    type: 'TXT',
    ttlSeconds: ttl,
    value,
  });
  return {
    kind: 'swap',
    change: {
      deletes: [
        ...ours.map(cname),
        ...(seen.epochText === undefined ? [] : [txt(seen.epochText, seen.epochTtlSeconds ?? ttlSeconds)]),
      ],
      creates: [
        ...wanted.map(({ instance, host }) =>
          cname({
            identifier: instance,
            weight: 1,
            ttlSeconds,
            value: host,
            healthCheckId: healthCheckOf(seen, instance),
          }),
        ),
        txt(text, ttlSeconds),
      ],
    },
  };
};
