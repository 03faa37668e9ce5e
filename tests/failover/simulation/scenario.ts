import fc from 'fast-check';
import { LOOK_GAP_MS } from '../../../functions/failover/core/streak.ts';
import type { Replication } from './binlog.ts';
import type { FaultKind } from './faults.ts';

/** One world, wholly described: the same scenario gives the same run. */
export interface Scenario {
  mode: 'observe' | 'approve' | 'armed';
  fence: 'confirmed' | 'lease' | 'none';
  /** The lease is kept in a store that is one over three regions; without it, in the recovery region's table. */
  leaseSeconds?: number | undefined;
  /** The record is in that store, too; without it in a table of the recovery region. */
  record?: 'mrsc' | undefined;
  confirmSeconds: number;
  selfHealSeconds: number;
  maxLossSeconds: number;
  lagMs: number;
  /** RDS refuses to change an instance that it calls `failed`. */
  failedRefusesGroups?: boolean;
  /** Nobody but the guard writes: the link carries keepalives only. */
  idle?: boolean;
  /** A pair of MySQL or MariaDB; PostgreSQL without it. */
  replication?: Replication | undefined;
  promoteMs: number;
  groupsActiveAfterMs: number;
  /** Of who leads when it begins, or of the instance named. */
  faults: { kind: FaultKind; atMs: number; forMs: number; on?: string }[];
  /** The worker dies at this call, before or after its effect. */
  crash?: { call: number; after: boolean } | undefined;
  /** The worker freezes in front of this call, and then goes on as if nothing had been. */
  freeze?: { call: number; forMs: number } | undefined;
  /** How long a resolver still answers what was there before (Route 53's propagation). */
  dnsDelayMs?: number;
  /** The name moves by its health check, without Route 53's API. */
  stop?: boolean | undefined;
  /** The name is verified by the resolver of the replica's VPC. */
  privateZone?: boolean;
  /** Hints: how many invocations each RDS event starts (0: lost, 2: duplicated), and how late. */
  hints: number;
  hintDelayMs: number;
  /** A run of the guard starts anywhere within its minute: every other one so many seconds late. */
  guardOffset?: number | undefined;
  /** And so does the tick. */
  tickOffset?: number | undefined;
  /** A person: pauses or vetoes at a time. */
  person?: Person | undefined;
  /** What people do afterwards: acknowledge, ask for the roles back, clear away. */
  later?: Person[];
  cooldownSeconds?: number;
  /** How long RDS makes a replica. */
  buildMs: number;
  worldMs?: number;
  /** A pair of Aurora clusters, and how long a global database takes to add its old primary back. */
  kind?: 'aurora-replica' | 'aurora-global';
  resyncMs?: number;
}

/** `replace`: the old primary is deleted, a replica is made by hand under its name, and acknowledged. */
export interface Person {
  verb: 'pause' | 'resume' | 'abort' | 'approve' | 'force' | 'switchover' | 'ack' | 'replace' | 'delete';
  atMs: number;
}

export const FOR_EVER = 10_000_000;

const forMs = fc.oneof(fc.integer({ min: 2_000, max: 90_000 }), fc.constant(FOR_EVER));
const fault = (kinds: readonly FaultKind[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), atMs: fc.integer({ min: 20_000, max: 80_000 }), forMs });

const DEATHS: readonly FaultKind[] = ['host-lost', 'host-lost-rds-slow', 'process-killed', 'frozen'];
const HOLDS: readonly FaultKind[] = ['maintenance', 'stopped', 'storage-full'];
const NETWORK: readonly FaultKind[] = ['link-cut', 'observer-cut', 'witness-cut', 'region-cut', 'lease-cut'];
const AROUND: readonly FaultKind[] = [
  'store-outage',
  'dns-outage',
  'guard-login-broken',
  'replica-backing-up',
  'replica-replaced',
  'replica-writes',
  'name-moved',
  'readers-taken',
];

/**
 * The one assumption behind the bound on the loss (README, "The loss bound"): a leader that comes back with the link to its
 * replica cut stays for as long as two looks may lie apart. Deaths that break it are left out of such a world.
 */
const withReturnsThatShow = (
  faults: Scenario['faults'],
  mayMissThem = faults.some(({ kind }) => kind === 'link-cut' || kind === 'region-cut'),
): Scenario['faults'] => {
  const downs = faults.filter(({ kind }) => DEATHS.includes(kind) || HOLDS.includes(kind));
  const isUnseen = ({ atMs }: Scenario['faults'][number]) =>
    downs.some((other) => atMs >= other.atMs + other.forMs && atMs <= other.atMs + other.forMs + LOOK_GAP_MS + 2_000);
  return mayMissThem ? faults.filter((one) => !downs.includes(one) || !isUnseen(one)) : faults;
};

/** Any world: a few faults of any kind, a crash, a frozen worker, a person, lost or doubled hints. */
const oneIncident: fc.Arbitrary<Scenario> = fc.record({
  mode: fc.constantFrom('armed', 'armed', 'armed', 'armed', 'approve', 'observe'),
  fence: fc.constantFrom('confirmed', 'confirmed', 'confirmed', 'lease', 'lease'),
  leaseSeconds: fc.constantFrom(undefined, 6, 9, 9, 9, 15),
  guardOffset: fc.integer({ min: 0, max: 59 }),
  tickOffset: fc.constantFrom(0, 0, 0, 7, 30, 58),
  confirmSeconds: fc.constantFrom(5, 10, 20),
  selfHealSeconds: fc.constantFrom(15, 30),
  maxLossSeconds: fc.constantFrom(10, 30, 90),
  lagMs: fc.constantFrom(50, 500, 5_000, 40_000),
  promoteMs: fc.constantFrom(3_000, 20_000, 90_000),
  groupsActiveAfterMs: fc.constantFrom(500, 4_000, 30_000),
  buildMs: fc.constant(30_000),
  failedRefusesGroups: fc.constantFrom(false, false, false, true),
  faults: fc
    .tuple(
      fc.array(fault(DEATHS), { minLength: 0, maxLength: 2 }),
      fc.array(fault([...HOLDS, ...NETWORK, ...NETWORK]), { minLength: 0, maxLength: 2 }),
      fc.array(fault(AROUND), { minLength: 0, maxLength: 1 }),
    )
    .map((lists) => withReturnsThatShow(lists.flat())),
  crash: fc.option(fc.record({ call: fc.integer({ min: 20, max: 260 }), after: fc.boolean() }), { nil: undefined }),
  freeze: fc.option(
    fc.record({ call: fc.integer({ min: 20, max: 260 }), forMs: fc.integer({ min: 5_000, max: 200_000 }) }),
    {
      nil: undefined,
    },
  ),
  stop: fc.constantFrom(false, false, true),
  privateZone: fc.boolean(),
  hints: fc.integer({ min: 0, max: 2 }),
  hintDelayMs: fc.constantFrom(500, 3_000, 40_000),
  person: fc.option(
    fc.record({
      verb: fc.constantFrom(
        'pause' as const,
        'abort' as const,
        'approve' as const,
        'force' as const,
        'switchover' as const,
      ),
      atMs: fc.integer({ min: 20_000, max: 140_000 }),
    }),
    { nil: undefined, freq: 4 },
  ),
});

const between = (min: number, max: number) => fc.integer({ min, max });
/** In one world of so many. */
const rarely = <Value>(one: fc.Arbitrary<Value>, inWorlds: number) =>
  fc.oneof({ arbitrary: one, weight: 1 }, { arbitrary: fc.constant(undefined), weight: inWorlds - 1 });
const soonOrLater = fc.oneof(between(2_000, 90_000), fc.constant(FOR_EVER));

/** A failover or a switchover that goes well, and what comes after it: people, a replica, and a second disaster or the way back. */
const twoIncidents: fc.Arbitrary<Scenario> = fc
  .record({
    first: fc.constantFrom('host-lost' as const, 'host-lost-rds-slow' as const, 'switchover' as const),
    healsMs: fc.constantFrom(60_000, 150_000, FOR_EVER),
    base: oneIncident,
    calm: fc.constantFrom(true, true, false),
    ackMs: between(120_000, 200_000),
    how: fc.constantFrom('ack' as const, 'ack' as const, 'replace' as const),
    deletes: rarely(between(150_000, 500_000), 4),
    buildMs: fc.constantFrom(5_000, 40_000, 90_000),
    cooldownSeconds: fc.constantFrom(20, 60, 120),
    second: fc.constantFrom('death' as const, 'death' as const, 'switchover' as const, 'nothing' as const),
    secondKind: fc.constantFrom('host-lost' as const, 'host-lost-rds-slow' as const, ...DEATHS),
    secondMs: between(240_000, 420_000),
    secondForMs: soonOrLater,
    around: fc.array(
      fc.record({ kind: fc.constantFrom(...NETWORK, ...AROUND), atMs: between(120_000, 460_000), forMs: soonOrLater }),
      { maxLength: 2 },
    ),
    reopensMs: rarely(between(150_000, 450_000), 4),
    pausesMs: rarely(between(130_000, 400_000), 8),
    crash: rarely(fc.record({ call: between(60, 700), after: fc.boolean() }), 2),
    freeze: rarely(fc.record({ call: between(60, 700), forMs: between(5_000, 200_000) }), 2),
  })
  .map(({ first, healsMs, base, calm, second, ...one }): Scenario => {
    const start = { atMs: 40_000, forMs: healsMs };
    const faults: Scenario['faults'] = [
      ...(first === 'switchover' ? [] : [{ kind: first, ...start }]),
      ...(second === 'death' ? [{ kind: one.secondKind, atMs: one.secondMs, forMs: one.secondForMs }] : []),
      ...(one.reopensMs === undefined ? [] : [{ kind: 'reopened' as const, atMs: one.reopensMs, forMs: 1, on: 'old' }]),
      ...(calm ? [] : one.around),
    ];
    return {
      ...base,
      mode: 'armed',
      fence: base.fence === 'lease' ? 'confirmed' : base.fence,
      leaseSeconds: undefined,
      failedRefusesGroups: false,
      stop: base.stop && one.how === 'replace',
      // What would keep the first incident from its end is for the worlds of one incident.
      lagMs: Math.min(base.lagMs, 5_000),
      maxLossSeconds: Math.max(base.maxLossSeconds, 30),
      confirmSeconds: Math.min(base.confirmSeconds, 10),
      selfHealSeconds: 15,
      promoteMs: Math.min(base.promoteMs, 20_000),
      groupsActiveAfterMs: Math.min(base.groupsActiveAfterMs, 4_000),
      faults: withReturnsThatShow(faults),
      crash: one.crash,
      freeze: one.freeze,
      person: first === 'switchover' ? { verb: 'switchover', atMs: 45_000 } : undefined,
      later: [
        { verb: one.how, atMs: one.ackMs },
        { verb: 'ack', atMs: one.secondMs + 110_000 },
        ...(second === 'switchover' ? [{ verb: 'switchover' as const, atMs: one.secondMs }] : []),
        ...(one.deletes === undefined ? [] : [{ verb: 'delete' as const, atMs: one.deletes }]),
        ...(one.pausesMs === undefined
          ? []
          : [
              { verb: 'pause' as const, atMs: one.pausesMs },
              { verb: 'resume' as const, atMs: one.pausesMs + 50_000 },
            ]),
      ],
      cooldownSeconds: one.cooldownSeconds,
      buildMs: one.buildMs,
      worldMs: 600_000,
    };
  });

/** Any world: of one incident, or of two with the roles swapped between them. */
export const anyScenario: fc.Arbitrary<Scenario> = fc.oneof(
  { arbitrary: oneIncident, weight: 2 },
  { arbitrary: twoIncidents, weight: 1 },
);

/** A receiver that may wait before it connects again, and one that keeps no GTIDs, do not tell of a short return. */
const replication: fc.Arbitrary<Replication> = fc
  .record({
    engine: fc.constantFrom('mysql' as const, 'mariadb' as const),
    wireMs: fc.constantFrom(0, 100, 500, 5_000),
    reconnectMs: fc.constantFrom(1_000, 1_000, 60_000),
    appliers: fc.constantFrom(0, 4),
    outOfOrder: fc.constantFrom(false, false, false, false, false, false, true),
    hasClock: fc.boolean(),
    hasGtids: fc.constantFrom(true, true, true, true, false),
    observerLivesMs: fc.constantFrom(FOR_EVER, 60_000, 7_000),
  })
  .map((one) => ({ ...one, hasGtids: one.hasGtids || one.engine === 'mariadb' }));

const OF_REPLICA: readonly FaultKind[] = ['receiver-stopped', 'applier-stopped', 'relay-log-lost', 'replica-diverged'];

/** Any world of a pair of MySQL or MariaDB: the same disasters, and what can befall its replication. */
export const anyReplicated: fc.Arbitrary<Scenario> = fc
  .record({
    base: anyScenario,
    replication,
    idle: fc.constantFrom(false, false, false, true),
    more: fc.array(
      fc.record({ kind: fc.constantFrom(...OF_REPLICA), atMs: between(15_000, 400_000), forMs: soonOrLater }),
      { maxLength: 2 },
    ),
    soon: rarely(between(15_000, 80_000), 2),
  })
  .map(({ base, more, soon, ...one }) => {
    const [first, ...later] = more;
    const faults = [
      ...base.faults,
      ...(first === undefined ? [] : [{ ...first, atMs: soon ?? first.atMs }]),
      ...(base.worldMs === undefined ? [] : later),
    ];
    return { ...base, ...one, faults: withReturnsThatShow(faults, true) };
  });

/** As most pairs of MariaDB are. */
export const MARIADB: Replication = {
  engine: 'mariadb',
  wireMs: 100,
  reconnectMs: 60_000,
  appliers: 0,
  outOfOrder: false,
  hasClock: false,
  hasGtids: true,
  observerLivesMs: FOR_EVER,
};

/** As most pairs of MySQL are. */
export const MYSQL: Replication = { ...MARIADB, engine: 'mysql', appliers: 4, hasClock: true };

/** A person who asks the replica to lead, and nothing else. */
export const plannedChange = (change: Partial<Scenario> = {}): Scenario =>
  lostHost({ faults: [], person: { verb: 'switchover', atMs: 70_000 }, ...change });

/** A lost host and nothing else: the world that must end with a new leader. */
export const lostHost = (change: Partial<Scenario> = {}): Scenario => ({
  mode: 'armed',
  fence: 'confirmed',
  confirmSeconds: 10,
  selfHealSeconds: 20,
  maxLossSeconds: 30,
  lagMs: 50,
  promoteMs: 10_000,
  groupsActiveAfterMs: 1_000,
  buildMs: 30_000,
  faults: [{ kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER }],
  hints: 1,
  hintDelayMs: 500,
  ...change,
});
