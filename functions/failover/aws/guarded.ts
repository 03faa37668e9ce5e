import type { InstanceView } from '../core/evidence.ts';
import type { Policy } from '../core/policy.ts';
import type { Door, Instances } from '../run/ports.ts';
import { auroraInstances } from './aurora-clusters.ts';
import { auroraDoor } from './aurora-door.ts';
import { rdsDoor } from './door.ts';
import { rdsInstances } from './instances.ts';

type Kind = Policy['kind'];
type Guarded = Instances & Door & { all(): Promise<InstanceView[]> };

/** What the guard of a region asks of RDS, and its doors, by what a pair is made of. */
export const guardedIn = (region: string): ((kind: Kind) => Guarded) => {
  const known = new Map<Kind, Guarded>();
  return (kind) => {
    const guarded = known.get(kind) ?? made(kind, region);
    known.set(kind, guarded);
    return guarded;
  };
};

const made = (kind: Kind, region: string): Guarded =>
  kind === undefined
    ? { ...rdsInstances(region), ...rdsDoor(region) }
    : { ...auroraInstances(kind, region), ...auroraDoor(kind, region) };
