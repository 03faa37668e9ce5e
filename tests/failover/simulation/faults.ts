import type { Binlog } from './binlog.ts';
import { type Database, type Engine, GROUP } from './database.ts';
import { READER, type World } from './world.ts';

export type FaultKind = keyof typeof FAULTS;

/** `leader`: who led when it began, or whom the scenario names; `follower`: who followed. */
export interface Hit {
  leader: Database;
  follower: Database | undefined;
}

interface Fault {
  start: (world: World, hit: Hit) => void;
  end: (world: World, hit: Hit) => void;
}

const nothing = () => {};
const flag = (set: (world: World, on: boolean) => void): Fault => ({
  start: (world) => set(world, true),
  end: (world) => set(world, false),
});
const downAs = (engine: Engine, status: string): Fault => ({
  start: ({ now }, { leader }) => {
    leader.troubles += 1;
    leader.die(engine, status, now);
  },
  // One that was stopped as well does not thaw: it is back when the last trouble has ended.
  end: ({ now }, { leader }) => {
    leader.troubles -= 1;
    if (leader.troubles === 0) leader.revive(now);
  },
});
const ofReplica = (set: (binlog: Binlog, on: boolean) => void): Fault => ({
  start: (_world, { follower }) => follower?.binlog && set(follower.binlog, true),
  end: (_world, { follower }) => follower?.binlog && set(follower.binlog, false),
});
const changed = (one: Database, nowMs: number) => {
  one.changedMs = Math.min(one.changedMs, nowMs);
};

/** RDS would not let this cluster lead. */
const unfit = (because: string): Fault => ({
  start: ({ now }, { follower }) => {
    if (follower !== undefined) Object.assign(follower, { unfit: because, unfitSinceMs: now });
  },
  end: (_world, { follower }) => {
    if (follower !== undefined) Object.assign(follower, { unfit: undefined, unfitSinceMs: undefined });
  },
});

/** What can happen. `end` is when it heals; a fault that outlasts the world never does. */
export const FAULTS = {
  'host-lost': downAs('dead', 'failed'),
  'host-lost-rds-slow': downAs('dead', 'rebooting'),
  'process-killed': downAs('dead', 'available'),
  frozen: downAs('frozen', 'available'),
  maintenance: downAs('dead', 'maintenance'),
  stopped: downAs('dead', 'stopped'),
  'storage-full': downAs('dead', 'storage-full'),
  'guard-login-broken': flag((world, on) => {
    world.guardRefused = on;
  }),
  'link-cut': flag((world, on) => {
    world.link = !on;
  }),
  'observer-cut': flag((world, on) => {
    world.farReachable.recovery = !on;
  }),
  'witness-cut': flag((world, on) => {
    world.farReachable.witness = !on;
  }),
  'region-cut': flag((world, on) => {
    world.farReachable = { recovery: !on, witness: !on };
    world.link = !on;
    world.setStore(!on);
  }),
  'recovery-cut': flag((world, on) => {
    world.nearCut = on;
  }),
  'lease-cut': flag((world, on) => world.setStore(!on)),
  'store-outage': flag((world, on) => {
    world.storeUp = !on;
  }),
  'dns-outage': flag((world, on) => {
    world.dnsUp = !on;
  }),
  'replica-backing-up': {
    start: (_world, { follower }) => {
      if (follower?.promotedAtMs === undefined && follower?.status === 'available') follower.status = 'backing-up';
    },
    end: (_world, { follower }) => {
      if (follower?.promotedAtMs === undefined && follower?.status === 'backing-up') follower.status = 'available';
    },
  },
  'replica-replaced': {
    start: ({ now }, { follower }) => {
      if (follower === undefined) return;
      follower.resourceId = 'db-OTHER';
      changed(follower, now);
    },
    end: nothing,
  },
  'replica-writes': {
    start: ({ now }, { follower }) => {
      if (follower === undefined) return;
      follower.standby = false;
      changed(follower, now);
    },
    end: nothing,
  },
  // Of MySQL and MariaDB: the receiver (IO thread) or the applier (SQL thread) stands still; a replica that restarts loses what it
  // has not applied; somebody with more rights than a master user writes to it.
  'receiver-stopped': ofReplica((binlog, on) => {
    binlog.isReceiverStopped = on;
  }),
  'applier-stopped': ofReplica((binlog, on) => {
    binlog.isApplierStopped = on;
  }),
  'relay-log-lost': {
    start: (_world, { follower }) => {
      if (follower?.binlog !== undefined) follower.binlog.receivedMs = follower.replayedCommitMs;
    },
    end: nothing,
  },
  'replica-diverged': {
    // Without GTIDs nobody could tell.
    start: ({ now, scenario }, { follower }) => {
      if (follower !== undefined && scenario.replication?.hasGtids && follower.promotedAtMs === undefined)
        follower.errantSinceMs ??= now;
    },
    end: nothing,
  },
  /** Aurora puts a reader in the writer's place. */
  'writer-replaced': downAs('dead', 'failover'),
  'replica-headless': unfit('it is headless: it has no DB instance'),
  'replica-drifted': unfit('it runs another engine version than its global database'),
  /** Somebody gives one that led before its security groups back. */
  reopened: {
    start: ({ now, leading }, { leader }) => {
      if (leader === leading) return;
      leader.groups = [{ id: GROUP, activeAtMs: now }];
      leader.isReopened = true;
    },
    end: nothing,
  },
  /** Somebody takes every record out of the readers' name and puts his own there. */
  'readers-taken': {
    start: (world) => {
      world.readers = { ...world.readers, records: [{ ...READER, identifier: 'theirs', value: 'else.example.com' }] };
    },
    end: nothing,
  },
  'name-moved': {
    start: (world) => {
      world.names = { ...world.names, value: 'somewhere.else.example.com' };
      world.namesMovedMs = Math.min(world.namesMovedMs, world.now);
    },
    end: nothing,
  },
} satisfies Record<string, Fault>;
