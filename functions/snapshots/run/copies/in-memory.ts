import type { KeyState, Orders } from '../../core/inventory.ts';
import { type InMemoryRds, openInMemoryRds } from '../in-memory.ts';
import type { Notice } from '../ports.ts';
import type { CopyAnswer, CopyPorts } from './ports.ts';

/** Two regions of plain values that keep the rules on which a run of copies relies; the contract tests hold them to the real ones'. */
export interface InMemoryCopies {
  source: InMemoryRds;
  destination: InMemoryRds;
  orders: Orders | undefined;
  /** By key id; a key that is not in it is `unknown`. */
  keys: Record<string, KeyState>;
  notices: Notice[];
  /** Requests for a copy, in order, by name. */
  calls: string[];
  /** Answers to give instead of copying, by name. `after` copies first, then gives the answer. */
  faults: Map<string, { answer: CopyAnswer; after?: boolean }>;
  /** What RDS takes at once, from all regions together. */
  mostInFlight: number;
  /** Copies in the making become available, or fail when their source is gone. */
  settle(): void;
  ports: CopyPorts;
}

/** Opens two empty regions; `max` is the quota of manual snapshots at the destination. */
export const openInMemoryCopies = (region: string, max = 100): InMemoryCopies => {
  const source = openInMemoryRds(10_000);
  const destination = openInMemoryRds(max);
  const world: InMemoryCopies = {
    source,
    destination,
    orders: { pauses: [], confirmations: [] },
    keys: {},
    notices: [],
    calls: [],
    faults: new Map(),
    mostInFlight: 20,
    settle: () => {
      const sources = new Set(source.snapshots.map(({ arn }) => arn));
      destination.snapshots = destination.snapshots.map((one) =>
        one.status !== 'creating'
          ? one
          : { ...one, status: one.sourceArn === undefined || sources.has(one.sourceArn) ? 'available' : 'failed' },
      );
    },
    ports: {} as CopyPorts,
  };
  const copy: CopyPorts['destination']['copier']['copy'] = async ({ kind, sourceArn, name, kmsKeyId, tags }) => {
    const from = source.snapshots.find(({ arn }) => arn === sourceArn);
    if (from === undefined) return { kind: 'source-gone', detail: sourceArn };
    if (from.status !== 'available') return { kind: 'source-state', detail: from.status };
    const id = name.toLowerCase();
    if (destination.snapshots.some((one) => one.kind === kind && one.id === id)) return { kind: 'already-exists' };
    if (from.encrypted && kmsKeyId === undefined)
      return { kind: 'refused', detail: 'Must specify new KMS key for cross region encrypted snapshot copy.' };
    if (kind === 'cluster' && !from.encrypted && kmsKeyId !== undefined)
      return { kind: 'refused', detail: 'an unencrypted cluster snapshot takes no key' };
    if (kmsKeyId !== undefined && world.keys[kmsKeyId] === 'unusable') return { kind: 'key-refused', detail: kmsKeyId };
    const { mostInFlight } = world;
    if (destination.snapshots.filter(({ status }) => status === 'creating').length >= mostInFlight)
      return { kind: 'in-flight-full', detail: `Cannot copy more than ${mostInFlight} snapshots across regions` };
    if (destination.snapshots.filter((one) => one.kind === kind && one.type === 'manual').length >= max)
      return { kind: 'quota-full', detail: `Cannot create more than ${max} manual snapshots` };
    const { optionGroup: _, createdMs: __, ...kept } = from;
    destination.snapshots.push({
      ...kept,
      id,
      arn: from.arn.replace(/^((?:[^:]*:){3})[^:]*(:.*:)[^:]*$/, `$1${region}$2${id}`),
      status: 'creating',
      tags: { ...tags },
      sourceArn,
      encrypted: kmsKeyId !== undefined,
      ...(kmsKeyId !== undefined && { kmsKeyId }),
    });
    return { kind: 'copying' };
  };
  const keys = { state: async (id: string): Promise<KeyState> => world.keys[id] ?? 'unknown' };
  world.ports = {
    source: { databases: source.ports.databases, snapshots: source.ports.snapshots, keys },
    destination: {
      snapshots: destination.ports.snapshots,
      copier: {
        copy: async (request) => {
          world.calls.push(request.name);
          const fault = world.faults.get(request.name);
          if (fault === undefined) return copy(request);
          if (fault.after) await copy(request);
          return fault.answer;
        },
      },
      quotas: destination.ports.quotas,
      keys,
    },
    control: {
      orders: async () => {
        if (world.orders === undefined) throw new Error('no answer about orders');
        return world.orders;
      },
      useConfirmation: async (one) => {
        const { orders } = world;
        const rest = orders?.confirmations.filter((two) => JSON.stringify(two) !== JSON.stringify(one)) ?? [];
        if (orders === undefined || rest.length === orders.confirmations.length) return false;
        world.orders = { ...orders, confirmations: rest };
        return true;
      },
    },
    reports: { publish: async (notice) => void world.notices.push(notice) },
  };
  return world;
};
