import { taken } from '../../../functions/failover/core/lease.ts';
import { SCHEMA_VERSION } from '../../../functions/failover/core/record.ts';
import type { ReconcilerPorts } from '../../../functions/failover/run/reconcile.ts';
import { FAULTS } from './faults.ts';
import type { Planted } from './run.ts';
import { FOR_EVER, lostHost, plannedChange, type Scenario } from './scenario.ts';
import { NEAR, START_MS, type World } from './world.ts';

// Worlds that random ones meet too seldom: with them every row of the phase table is taken.

/** The ports as they are, and what goes wrong with one of them. */
const withPorts = (change: (ports: ReconcilerPorts, world: World) => Partial<ReconcilerPorts>): Planted => ({
  ports: (ports, world) => ({ ...ports, ...change(ports, world) }),
});

/** A newer release is deployed in mid-incident, and taken back. */
const NEWER_RELEASE = withPorts(({ records }, world) => ({
  records: {
    ...records,
    load: async (pair) => {
      const record = await records.load(pair);
      const isNewer = world.now > START_MS + 45_000 && world.now < START_MS + 75_000;
      return record && isNewer ? { ...record, schemaVersion: SCHEMA_VERSION + 1 } : record;
    },
  },
}));

/** The first order to fence is answered by nothing, and carried out so much later. */
const fencedLate = (lateMs: number): Planted =>
  withPorts(({ fencing }, world) => {
    let isFirst = true;
    return {
      fencing: {
        ...fencing,
        fence: async (order) => {
          if (isFirst)
            void world.time
              .sleep(lateMs)
              .then(() => fencing.fence(order))
              .catch(() => {});
          isFirst = false;
          throw new Error('timeout');
        },
      },
    };
  });

/** Somebody writes our name into the lease of a leader that lives. */
const leaseTakenAt = (atMs: number): Planted =>
  withPorts(({ leases }, world) => {
    const take = async () => {
      const lease = await leases?.load('ledger');
      if (lease !== undefined) await leases?.save(taken(lease, NEAR, lease.epoch), lease.seq);
    };
    void world.time.sleep(START_MS + atMs - world.now).then(take);
    return {};
  });

/** The guard's first answer to the end of the sessions does not come. */
const QUIESCED_UNHEARD = withPorts(({ fencing }) => {
  let isFirst = true;
  return {
    fencing: {
      ...fencing,
      quiesce: async (order) => {
        await fencing.quiesce(order);
        if (isFirst) {
          isFirst = false;
          throw new Error('timeout');
        }
      },
    },
  };
});

/** Somebody moves the name when it was seen at its place, and was not answered yet. */
const MOVED_AWAY = withPorts(({ names }, world) => {
  let moved: 'not' | 'by us' | 'by somebody' = 'not';
  return {
    names: {
      ...names,
      swap: async (...asked) => {
        if (moved === 'not') moved = 'by us';
        return await names.swap(...asked);
      },
      read: async (...asked) => {
        const seen = await names.read(...asked);
        if (moved === 'by us') {
          moved = 'by somebody';
          FAULTS['name-moved'].start(world);
        }
        return seen;
      },
    },
  };
});

const lost = { kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER } as const;
/** The guard closes the logins when the leader is back already, and the groups that are given back take a while. */
export const CALLED_OFF_LATE: readonly [Scenario, Planted] = [
  lostHost({ groupsActiveAfterMs: 4_000, faults: [{ ...lost, forMs: 22_000 }] }),
  fencedLate(14_000),
];

/** What happens, the world, and what goes wrong with a port in it. */
export const RARE: readonly [string, Scenario, Planted?][] = [
  ['a person approves', lostHost({ mode: 'approve', person: { verb: 'approve', atMs: 90_000 } })],
  [
    'no fence is asked for',
    lostHost({
      fence: 'none',
      faults: [
        { ...lost, forMs: 210_000 },
        { kind: 'region-cut', atMs: 30_000, forMs: 200_000 },
      ],
    }),
  ],
  ['a person switches over', plannedChange()],
  ['a switchover is refused', plannedChange({ faults: [{ kind: 'link-cut', atMs: 40_000, forMs: 60_000 }] })],
  [
    'a switchover is called off while it drains',
    plannedChange({ lagMs: 40_000, faults: [{ kind: 'process-killed', atMs: 95_000, forMs: 40_000 }] }),
  ],
  ['a switchover is called off while its writers leave', plannedChange({ freeze: { call: 40, forMs: 65_000 } })],
  ['a switchover is called off while it closes', plannedChange({ groupsActiveAfterMs: 100_000 })],
  [
    'the region of a leased pair falls silent while a switchover of it drains',
    plannedChange({
      ...{ fence: 'lease', leaseSeconds: 9, maxLossSeconds: 90, lagMs: 20_000 },
      faults: [{ kind: 'region-cut', atMs: 98_000, forMs: 200_000 }],
    }),
  ],
  [
    'Route 53 is out while the name should move',
    lostHost({ faults: [lost, { kind: 'dns-outage', atMs: 50_000, forMs: 120_000 }] }),
  ],
  [
    "somebody takes the readers' name",
    lostHost({ faults: [lost, { kind: 'readers-taken', atMs: 40_000, forMs: FOR_EVER }] }),
  ],
  ['the name servers take their time', lostHost({ dnsDelayMs: 20_000 })],
  [
    'the name is moved by somebody meanwhile',
    lostHost({ faults: [lost, { kind: 'name-moved', atMs: 50_000, forMs: 1 }] }),
  ],
  [
    'the replica starts a backup at the worst time',
    lostHost({ faults: [lost, { kind: 'replica-backing-up', atMs: 48_500, forMs: 60_000 }] }),
  ],
  [
    'a leased pair is armed again with the roles swapped',
    lostHost({
      fence: 'lease',
      leaseSeconds: 9,
      maxLossSeconds: 90,
      later: [{ verb: 'ack', atMs: 150_000 }],
      cooldownSeconds: 30,
      worldMs: 540_000,
    }),
  ],
  [
    'the old primary comes back when the roles are swapped already, and is opened by somebody',
    lostHost({
      faults: [
        { ...lost, forMs: 300_000 },
        { kind: 'reopened', atMs: 420_000, forMs: 1, on: 'old' },
      ],
      later: [{ verb: 'ack', atMs: 120_000 }],
      cooldownSeconds: 30,
      worldMs: 540_000,
    }),
  ],
  ['a newer release is deployed in mid-incident, and taken back', lostHost(), NEWER_RELEASE],
  [
    'an order to fence is carried out when its incident is over, and the groups that are given back take a while',
    ...CALLED_OFF_LATE,
  ],
  [
    'a failover is called off, and the leader comes back as the next trouble begins: its logins are opened then',
    lostHost({ faults: [{ ...lost, forMs: 48_850 }], person: { verb: 'abort', atMs: 43_000 } }),
  ],
  [
    'a failover is called off, and the leader comes back as the pair is given up: its logins are opened then',
    lostHost({ faults: [{ ...lost, forMs: 47_000 }], person: { verb: 'abort', atMs: 43_000 } }),
  ],
  [
    'the lease of a leader that lives is taken by somebody',
    lostHost({ fence: 'lease', leaseSeconds: 9, maxLossSeconds: 90, faults: [] }),
    leaseTakenAt(40_000),
  ],
  [
    'the lease of a leader in a short trouble is taken by somebody',
    lostHost({
      fence: 'lease',
      leaseSeconds: 9,
      maxLossSeconds: 90,
      faults: [
        { kind: 'witness-cut', atMs: 29_000, forMs: 30_000 },
        { kind: 'process-killed', atMs: 30_000, forMs: 12_000 },
      ],
    }),
    leaseTakenAt(34_000),
  ],
  ['the guard has ended the sessions of a planned change, and its answer is lost', plannedChange(), QUIESCED_UNHEARD],
  ['somebody moves the name in the moment after it was moved', lostHost(), MOVED_AWAY],
  [
    'somebody changes the readers after us',
    lostHost({ faults: [lost, { kind: 'readers-taken', atMs: 200_000, forMs: 1 }] }),
  ],
];
