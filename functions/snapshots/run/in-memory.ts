import type { Database, KeyState, Kind, Quota, Snapshot } from '../core/inventory.ts';
import { type InMemoryState, openInMemoryState } from './in-memory-state.ts';
import type { CreateAnswer, DeleteAnswer, Notice, Ports } from './ports.ts';

type Blind = 'databases' | 'snapshots' | 'find' | 'quotas' | 'reports' | 'orders' | 'copies' | 'remaining' | 'queue';

/** An RDS of plain values that keeps the rules which the run relies on; the contract tests hold it to the real one's. */
export interface InMemoryRds {
  databases: Database[];
  snapshots: Snapshot[];
  quotas: Quota[];
  notices: Notice[];
  /** By key id; a key that is not in it is `unknown`. */
  keys: Map<string, KeyState>;
  /** ARNs of snapshots that are being copied; undefined where nothing is copied. */
  copying: Set<string> | undefined;
  /** The state table and the queue. */
  state: InMemoryState;
  throttles: number;
  /** Every changing call, in order, as `create NAME` or `delete NAME`. */
  calls: string[];
  /** Answers to give instead of acting, by `create DATABASE` or `delete SNAPSHOT`. `after` acts first, then gives the answer. */
  faults: Map<string, { answer: CreateAnswer | DeleteAnswer; after?: boolean }>;
  /** Things that cannot be seen: they throw. */
  blind: Set<Blind | `databases ${Kind}` | `snapshots ${Kind}`>;
  /** Snapshots in the making become available. */
  settle(): void;
  ports: Ports;
}

/** Opens an empty one. A limit of `undefined` is a quota that RDS does not speak of. */
export const openInMemoryRds = (max: number | undefined = 100): InMemoryRds => {
  const world: InMemoryRds = {
    databases: [],
    snapshots: [],
    quotas: [],
    notices: [],
    keys: new Map(),
    copying: undefined,
    state: openInMemoryState(),
    throttles: 0,
    calls: [],
    faults: new Map(),
    blind: new Set(),
    settle: () => {
      world.snapshots = world.snapshots.map((one) =>
        one.status === 'creating' ? { ...one, status: 'available' } : one,
      );
    },
    ports: {} as Ports,
  };
  const see = <T>(what: string, kind: Kind | undefined, value: () => T): Promise<T> =>
    world.blind.has(what as never) || world.blind.has(`${what} ${kind}` as never)
      ? Promise.reject(new Error(`no answer about ${what}`))
      : Promise.resolve(value());
  const unlessBlind = async <T>(what: Blind, act: () => Promise<T>): Promise<T> => {
    await see(what, undefined, () => undefined);
    return act();
  };
  const usedBy = (kind: Kind) => world.snapshots.filter((one) => one.kind === kind && one.type === 'manual').length;
  const byName = (kind: Kind, name: string) =>
    world.snapshots.find((one) => one.kind === kind && one.id === name.toLowerCase());

  const create = ({ kind, databaseId, name, tags }: Parameters<Ports['snapshots']['create']>[0]): CreateAnswer => {
    const database = world.databases.find((one) => one.kind === kind && one.id === databaseId);
    if (database === undefined) return { kind: 'gone' };
    if (byName(kind, name)) return { kind: 'already-exists' };
    if (database.status !== 'available') return { kind: 'wrong-state', detail: database.status };
    if (max !== undefined && usedBy(kind) >= max)
      return { kind: 'quota-full', detail: `Cannot create more than ${max} manual snapshots` };
    const { resourceId } = database;
    const id = name.toLowerCase();
    const arn = database.arn.replace(
      /:(db|cluster):.*$/,
      (_, what) => `:${what === 'db' ? '' : 'cluster-'}snapshot:${id}`,
    );
    world.snapshots.push({
      kind,
      id,
      databaseId,
      resourceId,
      arn,
      type: 'manual',
      status: 'creating',
      tags: { ...tags },
    });
    return { kind: 'created' };
  };
  const remove = (kind: Kind, name: string): DeleteAnswer => {
    const found = byName(kind, name);
    if (found === undefined) return { kind: 'already-gone' };
    if (found.status !== 'available') return { kind: 'wrong-state', detail: found.status };
    world.snapshots = world.snapshots.filter((one) => one !== found);
    return { kind: 'deleted' };
  };
  const withFault = <A extends CreateAnswer | DeleteAnswer>(key: string, act: () => A): Promise<A> => {
    const fault = world.faults.get(key);
    if (fault === undefined) return Promise.resolve(act());
    if (fault.after) act();
    return Promise.resolve(fault.answer as A);
  };

  world.ports = {
    databases: {
      list: (kind) => see('databases', kind, () => world.databases.filter((one) => one.kind === kind)),
      withResourceIds: (kind, ids) =>
        see('databases', kind, () =>
          world.databases.filter((one) => one.kind === kind && ids.includes(one.resourceId)),
        ),
    },
    snapshots: {
      list: (kind) =>
        see('snapshots', kind, () => world.snapshots.filter((one) => one.kind === kind && one.type === 'manual')),
      find: (kind, name) => see('find', kind, () => byName(kind, name)),
      create: (request) => {
        world.calls.push(`create ${request.name}`);
        return withFault(`create ${request.databaseId}`, () => create(request));
      },
      delete: (kind, name) => {
        world.calls.push(`delete ${name}`);
        return withFault(`delete ${name}`, () => remove(kind, name));
      },
    },
    quotas: {
      read: () =>
        see('quotas', undefined, () =>
          world.quotas.length > 0 || max === undefined
            ? world.quotas
            : (['instance', 'cluster'] as const).map((kind) => ({ kind, max, used: usedBy(kind) })),
        ),
    },
    keys: { state: async (keyId) => world.keys.get(keyId) ?? 'unknown' },
    control: {
      ...world.state.control,
      orders: () => unlessBlind('orders', () => world.state.control.orders()),
    },
    get copying() {
      return world.copying && { sources: () => see('copies', undefined, () => world.copying ?? new Set<string>()) };
    },
    remaining: {
      put: (remaining) => unlessBlind('remaining', () => world.state.remaining.put(remaining)),
      take: (...asked) => unlessBlind('remaining', () => world.state.remaining.take(...asked)),
      done: (...asked) => unlessBlind('remaining', () => world.state.remaining.done(...asked)),
    },
    continuations: { send: (...asked) => unlessBlind('queue', () => world.state.continuations.send(...asked)) },
    throttles: () => world.throttles,
    reports: { publish: (notice) => see('reports', undefined, () => void world.notices.push(notice)) },
  };
  return world;
};
