/** Record types that the local DNS serves and the local Route 53 accepts. */
export const recordTypes = ['A', 'AAAA', 'CNAME', 'NS', 'SOA', 'TXT'] as const;

export type RecordType = (typeof recordTypes)[number];

/** One resource record set as it is served: values are in zone-file text, e.g. `"epoch=3"` with its quotes for TXT. */
export type RecordSet = {
  /** Lower case, with the trailing dot. */
  readonly name: string;
  readonly type: RecordType;
  readonly ttlSeconds: number;
  readonly values: readonly string[];
  /** Several sets with one name and type are told apart by this; one of them is answered, by weight or by failover. */
  readonly setIdentifier?: string;
  readonly weight?: number;
  readonly failover?: string;
  /** While this health check is unhealthy the set is not answered, as long as there is another. */
  readonly healthCheckId?: string;
};

/** The zones that one server is authoritative for. A whole zone is replaced at once, so an answer is never half of a change. */
export type Zones = {
  /** Serves exactly these sets for the zone from now on. */
  publish(zone: string, sets: readonly RecordSet[]): void;
  /** Stops being authoritative for the zone. */
  withdraw(zone: string): void;
  /** The zone with the longest name that contains `name`; undefined where we are not authoritative. */
  closest(name: string): { readonly name: string; readonly sets: readonly RecordSet[] } | undefined;
  /** From now on the sets of this health check are healthy or not. */
  setHealth(healthCheckId: string, healthy: boolean): void;
  /** A set without a health check is always healthy (Developer Guide, health-checks-how-route-53-chooses-records). */
  isHealthy(set: Pick<RecordSet, 'healthCheckId'>): boolean;
};

/** `Www.Example.COM` → `www.example.com.`: DNS names compare without case (RFC 4343). */
export const canonicalName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
};

/** True for the zone's apex and everything below it. Both names are canonical. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '.' || name === zone || name.endsWith(`.${zone}`);

/** An empty store of zones. */
export const createZones = (): Zones => {
  const published = new Map<string, readonly RecordSet[]>();
  const unhealthy = new Set<string>();
  return {
    publish: (zone, sets) => {
      published.set(canonicalName(zone), [...sets]);
    },
    withdraw: (zone) => {
      published.delete(canonicalName(zone));
    },
    closest: (name) => {
      const candidates = [...published.keys()].filter((zone) => isWithin(name, zone));
      const zone = candidates.sort((a, b) => b.length - a.length)[0];
      return zone === undefined ? undefined : { name: zone, sets: published.get(zone)! };
    },
    setHealth: (id, healthy) => {
      if (healthy) unhealthy.delete(id);
      else unhealthy.add(id);
    },
    isHealthy: ({ healthCheckId }) => healthCheckId === undefined || !unhealthy.has(healthCheckId),
  };
};
