import type { InstanceView } from '../core/evidence.ts';
import type { Door, Instances } from '../run/ports.ts';
import { auroraInstances } from './aurora-clusters.ts';
import { auroraDoor } from './aurora-door.ts';
import { byKind, type Kind } from './by-kind.ts';
import { rdsDoor } from './door.ts';
import { rdsInstances } from './instances.ts';

type Guarded = Instances & Door & { all(): Promise<InstanceView[]> };

/** What the guard of a region asks of RDS, and its doors, by what a pair is made of. */
export const guardedIn = (region: string): ((kind: Kind) => Guarded) =>
  byKind((kind) =>
    kind === undefined
      ? { ...rdsInstances(region), ...rdsDoor(region) }
      : { ...auroraInstances(kind, region), ...auroraDoor(kind, region) },
  );
