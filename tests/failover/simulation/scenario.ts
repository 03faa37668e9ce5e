import fc from 'fast-check';
import { LOOK_GAP_MS } from '../../../functions/failover/core/streak.ts';
import type { FaultKind } from './world.ts';

/** One world, wholly described: the same scenario gives the same run. */
export interface Scenario {
  mode: 'observe' | 'approve' | 'armed';
  fence: 'confirmed' | 'lease' | 'none';
  /** The lease is kept in a store that is one over three regions; without it, in the recovery region's table. */
  leaseSeconds?: number | undefined;
  confirmSeconds: number;
  selfHealSeconds: number;
  maxLossSeconds: number;
  lagMs: number;
  /** RDS refuses to change an instance that it calls `failed`. */
  failedRefusesGroups?: boolean;
  /** Nobody but the guard writes: the link carries keepalives only. */
  idle?: boolean;
  promoteMs: number;
  groupsActiveAfterMs: number;
  faults: { kind: FaultKind; atMs: number; forMs: number }[];
  /** The worker dies at this call, before or after its effect. */
  crash?: { call: number; after: boolean } | undefined;
  /** The worker freezes in front of this call, and then goes on as if nothing had been. */
  freeze?: { call: number; forMs: number } | undefined;
  /** How long a resolver still answers what was there before (Route 53's propagation). */
  dnsDelayMs?: number;
  /** The name moves by its health check, without Route 53's API. */
  stop?: boolean;
  /** The name is verified by the resolver of the replica's VPC. */
  privateZone?: boolean;
  /** Hints: how many invocations each RDS event starts (0: lost, 2: duplicated), and how late. */
  hints: number;
  hintDelayMs: number;
  /** A run of the guard starts anywhere within its minute: every other one so many seconds late. */
  guardOffset?: number | undefined;
  /** A person: pauses or vetoes at a time. */
  person?: { verb: 'pause' | 'abort' | 'approve' | 'force' | 'switchover'; atMs: number } | undefined;
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
const withReturnsThatShow = (faults: Scenario['faults']): Scenario['faults'] => {
  const downs = faults.filter(({ kind }) => DEATHS.includes(kind) || HOLDS.includes(kind));
  const isUnseen = ({ atMs }: Scenario['faults'][number]) =>
    downs.some((other) => atMs >= other.atMs + other.forMs && atMs <= other.atMs + other.forMs + LOOK_GAP_MS + 2_000);
  return faults.some(({ kind }) => kind === 'link-cut' || kind === 'region-cut')
    ? faults.filter((one) => !downs.includes(one) || !isUnseen(one))
    : faults;
};

/** Any world: a few faults of any kind, a crash, a frozen worker, a person, lost or doubled hints. */
export const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  mode: fc.constantFrom('armed', 'armed', 'armed', 'armed', 'approve', 'observe'),
  fence: fc.constantFrom('confirmed', 'confirmed', 'confirmed', 'lease', 'lease'),
  leaseSeconds: fc.constantFrom(undefined, 6, 9, 9, 9, 15),
  guardOffset: fc.integer({ min: 0, max: 59 }),
  confirmSeconds: fc.constantFrom(5, 10, 20),
  selfHealSeconds: fc.constantFrom(15, 30),
  maxLossSeconds: fc.constantFrom(10, 30, 90),
  lagMs: fc.constantFrom(50, 500, 5_000, 40_000),
  promoteMs: fc.constantFrom(3_000, 20_000, 90_000),
  groupsActiveAfterMs: fc.constantFrom(500, 4_000, 30_000),
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
  faults: [{ kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER }],
  hints: 1,
  hintDelayMs: 500,
  ...change,
});
