import { canonicalName, type RecordSet, type Zones } from './zone.ts';

/** One record of an answer. `value` is still zone-file text. */
export type AnsweredRecord = {
  readonly name: string;
  readonly type: RecordSet['type'];
  readonly ttlSeconds: number;
  readonly value: string;
};

export type Answer = {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  readonly authoritative: boolean;
  readonly answers: readonly AnsweredRecord[];
  /** The zone's SOA, when the answer is a negative one (RFC 2308 section 3: it carries the negative TTL). */
  readonly authorities: readonly AnsweredRecord[];
};

const longestChain = 8;

/**
 * What an authoritative server answers to (name, type).
 * A CNAME is followed while we are authoritative for its target (RFC 1034 section 4.3.2) and the code is that of the last
 * name in the chain (RFC 6604). A name that exists without the type, or only has names below it, is NODATA, not NXDOMAIN (RFC 8020).
 * `random` in [0, 1) chooses among weighted sets; unhealthy ones are left out.
 */
export const answer = (zones: Zones, question: { name: string; type: string }, random: number): Answer => {
  const answers: AnsweredRecord[] = [];
  const visited = new Set<string>();
  let name = canonicalName(question.name);
  for (let hop = 0; hop < longestChain && !visited.has(name); hop += 1) {
    visited.add(name);
    const zone = zones.closest(name);
    if (zone === undefined) {
      // The first name is not ours: refuse. A later one is somebody else's: the resolver goes on from our CNAME.
      return hop === 0 ? refused : { code: 'NOERROR', authoritative: true, answers, authorities: [] };
    }
    const here = zone.sets.filter((set) => set.name === name);
    const wanted = choose(
      zones,
      here.filter((set) => set.type === question.type || question.type === 'ANY'),
      random,
    );
    if (wanted.length > 0) {
      answers.push(...wanted.flatMap(records));
      return { code: 'NOERROR', authoritative: true, answers, authorities: [] };
    }
    const alias = choose(
      zones,
      here.filter((set) => set.type === 'CNAME'),
      random,
    )[0];
    if (alias?.values[0] === undefined) {
      const exists = here.length > 0 || zone.sets.some((set) => set.name.endsWith(`.${name}`)) || name === zone.name;
      const code = exists ? 'NOERROR' : 'NXDOMAIN';
      return { code, authoritative: true, answers, authorities: negative(zone) };
    }
    answers.push(...records(alias));
    name = canonicalName(alias.values[0]);
  }
  return { code: 'NOERROR', authoritative: true, answers, authorities: [] };
};

const refused: Answer = { code: 'REFUSED', authoritative: false, answers: [], authorities: [] };

const records = (set: RecordSet): AnsweredRecord[] =>
  set.values.map((value) => ({ name: set.name, type: set.type, ttlSeconds: set.ttlSeconds, value }));

/** The one set that is answered where several share a name and a type. */
const choose = (zones: Zones, sets: readonly RecordSet[], random: number): readonly RecordSet[] => {
  if (sets.every((set) => set.setIdentifier === undefined)) return sets;
  if (sets.some((set) => set.failover !== undefined)) return byFailover(zones, sets);
  const [heavy, light] = [sets.filter(({ weight = 0 }) => weight > 0), sets.filter(({ weight = 0 }) => weight === 0)];
  // Those of weight 0 are for when no heavier one is healthy; when nothing is, everything counts as healthy
  // (Developer Guide, routing-policy-weighted and dns-failover-problems).
  const groups = [heavy.filter(zones.isHealthy), light.filter(zones.isHealthy), heavy, light];
  return byWeight(groups.find((group) => group.length > 0) ?? [], random);
};

/**
 * The primary while it is healthy, then a healthy secondary; with both unhealthy the primary
 * (API reference, ResourceRecordSet, Failover).
 */
const byFailover = (zones: Zones, sets: readonly RecordSet[]): readonly RecordSet[] => {
  const primary = sets.find(({ failover }) => failover === 'PRIMARY');
  const secondary = sets.find(({ failover }) => failover === 'SECONDARY');
  const answered =
    primary && !zones.isHealthy(primary) && secondary && zones.isHealthy(secondary)
      ? secondary
      : (primary ?? secondary);
  return answered ? [answered] : [];
};

/** A set with a chance of weight / sum of weights; if all weigh 0 each has the same chance. */
const byWeight = (sets: readonly RecordSet[], random: number): readonly RecordSet[] => {
  const total = sets.reduce((sum, set) => sum + (set.weight ?? 0), 0);
  if (total === 0) return sets.slice(Math.floor(random * sets.length)).slice(0, 1);
  let rest = random * total;
  for (const set of sets) {
    rest -= set.weight ?? 0;
    if (rest < 0) return [set];
  }
  return [];
};

/** RFC 2308 section 5: a negative answer lives for min(SOA's own TTL, its MINIMUM field). */
const negative = (zone: { sets: readonly RecordSet[] }): AnsweredRecord[] => {
  const soa = zone.sets.find((set) => set.type === 'SOA');
  const value = soa?.values[0];
  if (soa === undefined || value === undefined) return [];
  const minimumSeconds = Number(value.trim().split(/\s+/)[6] ?? soa.ttlSeconds);
  return [{ name: soa.name, type: 'SOA', ttlSeconds: Math.min(soa.ttlSeconds, minimumSeconds), value }];
};
