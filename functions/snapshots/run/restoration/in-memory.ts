import type { Kind, Snapshot, Tags } from '../../core/inventory.ts';
import type { Placement } from '../../core/restoration/plan.ts';
import type { RestoredDatabase } from '../../core/restoration/steps.ts';
import type { MakeAnswer, Restorations } from './ports.ts';

/** An RDS of plain values for restorations; the contract tests hold it to the real one's. */
export interface InMemoryRestorations {
  databases: RestoredDatabase[];
  snapshots: Snapshot[];
  placements: Map<string, Placement>;
  /** Every call that asks for something new, in order, as `restore NAME`. */
  calls: string[];
  /** What is being made is there. */
  settle(): void;
  ports: Restorations;
}

/** Opens one with these snapshots in it. */
export const openInMemoryRestorations = (snapshots: readonly Snapshot[]): InMemoryRestorations => {
  const database = (kind: Kind, id: string) => world.databases.find((one) => one.kind === kind && one.id === id);
  const snapshot = (kind: Kind, id: string) => world.snapshots.find((one) => one.kind === kind && one.id === id);
  const make = (
    call: string,
    name: string,
    taken: boolean,
    source: { status: string } | undefined,
    add: () => void,
  ) => {
    world.calls.push(`${call} ${name}`);
    const answer = (): MakeAnswer => {
      if (source === undefined) return { kind: 'refused', detail: 'its source is not found' };
      if (taken) return { kind: 'already-exists' };
      if (source.status !== 'available') return { kind: 'refused', detail: `its source is ${source.status}` };
      add();
      return { kind: 'asked' };
    };
    return Promise.resolve(answer());
  };
  const added = (kind: Kind, id: string, tags: Tags, engine: string, memberOf?: string) =>
    void world.databases.push({
      ...{ kind, id, engine, tags, status: 'creating', resourceId: `${kind}-${id}-${world.databases.length}` },
      arn: `arn:aws:rds:eu-west-1:111122223333:${kind === 'instance' ? 'db' : 'cluster'}:${id}`,
      ...(memberOf && { memberOf }),
    });

  const world: InMemoryRestorations = {
    databases: [],
    snapshots: [...snapshots],
    placements: new Map(),
    calls: [],
    settle: () => {
      world.snapshots = world.snapshots.map((one) =>
        one.status === 'creating' ? { ...one, status: 'available' } : one,
      );
      world.databases = world.databases.map((one) =>
        one.status === 'creating'
          ? { ...one, status: 'available', endpoint: { host: `${one.id}.example`, port: 5432 } }
          : one,
      );
    },
    ports: {
      placement: async (_kind, id) => world.placements.get(id),
      find: async (kind, id) => database(kind, id),
      findSnapshot: async (kind, name) => snapshot(kind, name),
      copyEncrypted: ({ from, name, keyId, tags }) => {
        const source = snapshot('instance', from);
        return make('copy', name, snapshot('instance', name) !== undefined, source, () => {
          if (source === undefined) return;
          const arn = source.arn.replace(from, name);
          world.snapshots.push({
            ...source,
            id: name,
            arn,
            tags,
            status: 'creating',
            encrypted: true,
            kmsKeyId: keyId,
          });
        });
      },
      restore: ({ form, name, from, tags }) => {
        const kind = form === 'instance' ? 'instance' : 'cluster';
        const source = snapshot(kind, from);
        return make('restore', name, database(kind, name) !== undefined, source, () =>
          added(kind, name, tags, source?.engine ?? ''),
        );
      },
      addMember: ({ name, cluster, engine, tags }) =>
        make('add', name, database('instance', name) !== undefined, database('cluster', cluster), () =>
          added('instance', name, tags, engine, cluster),
        ),
    },
  };
  return world;
};
