import { isWithin } from '../dns/zone.ts';
import { valueProblem } from './values.ts';
import type { HostedZone, ResourceRecordSet } from './zone.ts';

export type Change = { readonly action: 'CREATE' | 'DELETE' | 'UPSERT'; readonly set: ResourceRecordSet };

export type BatchResult =
  | { readonly kind: 'applied'; readonly sets: readonly ResourceRecordSet[] }
  | { readonly kind: 'refused'; readonly messages: readonly string[] };

/** API reference, ChangeResourceRecordSets, "Limits on ChangeResourceRecordSets requests": UPSERT counts twice. */
const limits = { records: 1000, valueCharacters: 32_000 };

/**
 * Applies a whole batch or nothing (API reference, ChangeResourceRecordSets: "transactional"). Every problem is reported.
 * DELETE must name the set as it is, with TTL and all values: that is what makes DELETE + CREATE a compare-and-swap.
 */
export const applyBatch = (zone: Pick<HostedZone, 'name' | 'sets'>, changes: readonly Change[]): BatchResult => {
  const oversize = sizeProblems(changes);
  if (oversize.length > 0) return { kind: 'refused', messages: oversize };
  const messages: string[] = [];
  const sets = new Map(zone.sets.map((set) => [key(set), set]));
  for (const change of changes) {
    if (!isConsistent(changes, change)) {
      messages.push(
        `The request contains an invalid set of changes for a resource record set '${change.set.type} ${change.set.name}'`,
      );
      continue;
    }
    const problem = problemOf(zone, sets, change);
    if (problem !== undefined) messages.push(problem);
    else if (change.action === 'DELETE') sets.delete(key(change.set));
    else sets.set(key(change.set), change.set);
  }
  if (messages.length === 0) messages.push(...conflicts(zone, sets, changes));
  return messages.length > 0 ? { kind: 'refused', messages } : { kind: 'applied', sets: [...sets.values()] };
};

const key = (set: ResourceRecordSet): string => `${set.name} ${set.type} ${set.setIdentifier ?? ''}`;

/** A batch may name a set once, or DELETE it and then CREATE it: that is the documented way to replace one. */
const isConsistent = (changes: readonly Change[], change: Change): boolean => {
  const actions = changes.filter((other) => key(other.set) === key(change.set)).map((other) => other.action);
  return actions.length === 1 || actions.join() === 'DELETE,CREATE';
};

const described = (set: ResourceRecordSet): string =>
  `[name='${set.name}', type='${set.type}'${set.setIdentifier === undefined ? '' : `, set identifier='${set.setIdentifier}'`}]`;

const problemOf = (
  zone: Pick<HostedZone, 'name'>,
  sets: ReadonlyMap<string, ResourceRecordSet>,
  { action, set }: Change,
): string | undefined => {
  if (!isWithin(set.name, zone.name)) return `RRSet with DNS name ${set.name} is not permitted in zone ${zone.name}`;
  const current = sets.get(key(set));
  if (action === 'DELETE') {
    if (current === undefined) return `Tried to delete resource record set ${described(set)} but it was not found`;
    if (!isSame(current, set)) {
      return `Tried to delete resource record set ${described(set)} but the values provided do not match the current values`;
    }
    return undefined;
  }
  if (action === 'CREATE' && current !== undefined) {
    return `Tried to create resource record set ${described(set)} but it already exists`;
  }
  if (new Set(set.values).size !== set.values.length) {
    return `Duplicate Resource Record: '${set.values.find((value, index) => set.values.indexOf(value) !== index)}'`;
  }
  return set.values.map((value) => valueProblem(set.type, value)).find((problem) => problem !== undefined);
};

/** Values are a set: their order is nobody's business. Everything else must be equal. */
const isSame = (a: ResourceRecordSet, b: ResourceRecordSet): boolean => fingerprint(a) === fingerprint(b);

const fingerprint = (set: ResourceRecordSet): string => {
  const { values, ...rest } = set;
  const defined = Object.entries(rest).filter(([, value]) => value !== undefined);
  return JSON.stringify([defined.sort(([a], [b]) => (a < b ? -1 : 1)), [...values].sort()]);
};

/** What the zone would break as a whole: judged after the batch, so that DELETE A + CREATE CNAME of one name is allowed. */
const conflicts = (
  zone: Pick<HostedZone, 'name'>,
  sets: ReadonlyMap<string, ResourceRecordSet>,
  changes: readonly Change[],
): string[] => {
  const all = [...sets.values()];
  const messages = changes
    .filter(({ action }) => action !== 'DELETE')
    .map(({ set }) =>
      clashWith(
        zone,
        all.filter((other) => other.name === set.name),
        set,
      ),
    )
    .filter((message) => message !== undefined);
  const apex = all.filter((set) => set.name === zone.name);
  if (!apex.some((set) => set.type === 'SOA')) messages.push('A HostedZone must contain exactly one SOA record.');
  if (!apex.some((set) => set.type === 'NS')) {
    messages.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  return messages;
};

const clashWith = (
  zone: Pick<HostedZone, 'name'>,
  sameName: readonly ResourceRecordSet[],
  set: ResourceRecordSet,
): string | undefined => {
  const others = sameName.filter((other) => other.type !== set.type);
  if (set.type === 'CNAME') {
    if (set.name === zone.name) {
      return `RRSet of type CNAME with DNS name ${set.name} is not permitted at apex in zone ${zone.name}`;
    }
    if (others.length > 0) {
      return `RRSet of type CNAME with DNS name ${set.name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`;
    }
    if (set.values.length > 1) return `RRSet of type CNAME with DNS name ${set.name} must have exactly one value`;
  } else if (others.some((other) => other.type === 'CNAME')) {
    return `RRSet of type ${set.type} with DNS name ${set.name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
  }
  if (set.type === 'SOA' && set.name !== zone.name) {
    return `RRSet of type SOA with DNS name ${set.name} is permitted only at the apex of zone ${zone.name}`;
  }
  // API reference, ResourceRecordSet: one primary and one secondary, and no other routing beside them.
  const routed = sameName.filter((other) => other.type === set.type && other.setIdentifier !== undefined);
  const policies = new Set(
    routed.map(({ failover, weight }) => (failover ? 'failover' : weight === undefined ? 'other' : 'weight')),
  );
  const same = routed.filter(({ failover }) => failover !== undefined && failover === set.failover);
  if (policies.size > 1 || same.length > 1) {
    return `RRSet with DNS name ${set.name}, type ${set.type}, SetIdentifier ${set.setIdentifier ?? ''} cannot be created as other RRSets exist with the same name and type.`;
  }
  const plainBesideIdentified = sameName.filter((other) => other.type === set.type);
  if (new Set(plainBesideIdentified.map((other) => other.setIdentifier === undefined)).size > 1) {
    return `RRSet with DNS name ${set.name}, type ${set.type}, SetIdentifier ${set.setIdentifier ?? ''} cannot be created because a non multivalue answer rrset exists with the same name and type.`;
  }
  return undefined;
};

const sizeProblems = (changes: readonly Change[]): string[] => {
  const counted = changes.flatMap(({ action, set }) => {
    const times = action === 'UPSERT' ? 2 : 1;
    return set.values.map((value) => ({ records: times, characters: times * value.length }));
  });
  const records = counted.reduce((sum, one) => sum + one.records, 0);
  const characters = counted.reduce((sum, one) => sum + one.characters, 0);
  return [
    ...(records > limits.records ? [`Number of records limit of ${limits.records} exceeded.`] : []),
    ...(characters > limits.valueCharacters
      ? [`Number of characters limit of ${limits.valueCharacters} exceeded.`]
      : []),
  ];
};
