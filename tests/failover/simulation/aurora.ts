import { PENDING_RESYNC } from '../../../functions/failover/core/aurora.ts';
import type { StorageBlock } from '../../../functions/failover/core/evidence.ts';
import type { Target } from '../../../functions/failover/core/policy.ts';
import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import type { Database } from './database.ts';
import { arnOf, type World } from './world.ts';

/** How long Aurora tries to block the writes of an old primary. */
const BLOCK_MS = 500;

interface Change {
  old: Database | undefined;
  target: Database;
  planned: boolean;
  atMs: number;
  block: StorageBlock;
}

/**
 * Aurora's control plane in a world, as local/rds has it by the API (its README names the pages): a global database changes its
 * primary with its storage told to take no more writes where it is reached, and adds the old one back once that is well.
 */
export class Aurora {
  /** What was told, and in which region it can be read. */
  readonly told: { region: string; of: Target; atMs: number; how: StorageBlock }[] = [];
  private readonly changes: Change[] = [];
  private readonly resyncs = new Map<Database, number>();
  /** Who took over last. */
  private primary: Database | undefined;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** FailoverGlobalCluster or SwitchoverGlobalCluster; of a replica cluster PromoteReadReplicaDBCluster. */
  promote(target: Database, planned: boolean): void {
    const { world } = this;
    const { kind, promoteMs } = world.scenario;
    if (target.unfit !== undefined) throw new Error('InvalidDBClusterStateFault');
    if (kind === 'aurora-global') {
      const old = world.databases.find((one) => arnOf(one) === target.source);
      if (planned && (old?.engine !== 'up' || !this.reaches())) throw new Error('InvalidGlobalClusterStateFault');
      this.changes.push({ old, target, planned, atMs: world.now, block: 'not-told' });
      target.word = planned ? 'switching-over' : 'failing-over';
      if (old !== undefined) old.word = target.word;
    }
    target.promote(world.now + Math.max(promoteMs, 2 * BLOCK_MS));
  }

  /** Time has moved. */
  tick(): void {
    const { world } = this;
    for (const change of this.changes) {
      if (change.block === 'not-told' && world.now >= change.atMs + BLOCK_MS) this.block(change);
      if (change.target.source === undefined) this.finish(change);
    }
    for (const [old, sinceMs] of this.resyncs) {
      if (!world.databases.includes(old)) this.resyncs.delete(old);
      else if (old.engine !== 'up' || !this.reaches()) this.resyncs.set(old, world.now);
      else {
        // Its volume is being replaced: whatever it took until now is in its snapshot alone.
        old.blocked = true;
        if (world.now - sinceMs >= (world.scenario.resyncMs ?? 20_000)) this.addBack(old);
      }
    }
    this.close();
  }

  /** Once its name is another's it is opened no more: it must be written to again before it is named again. */
  private close(): void {
    for (const one of this.world.databases)
      if (one.standby && one.opened !== undefined && this.world.names.value !== one.host) one.opened = undefined;
  }

  /** Aurora reaches from one region to the other, as the functions do and as the replication does. */
  private reaches(): boolean {
    return this.world.link && this.world.farReachable.recovery;
  }

  private block(change: Change): void {
    const { old, target } = change;
    if (old === undefined) return;
    const isReached = this.reaches();
    if (isReached) old.blocked = true;
    change.block = isReached ? 'blocked' : 'timed-out';
    const { region, instance } = old;
    const teller = isReached ? old : target;
    this.told.push({ region: teller.region, of: { region, instance }, atMs: this.world.now, how: change.block });
  }

  private finish(change: Change): void {
    const { old, target, planned } = change;
    this.changes.splice(this.changes.indexOf(change), 1);
    target.word = undefined;
    this.primary = target;
    if (old === undefined) return;
    old.word = PENDING_RESYNC;
    if (planned) this.addBack(old);
    else this.resyncs.set(old, this.world.now);
  }

  /** It has the new primary's data, and follows. Its security groups are as they were. */
  private addBack(old: Database): void {
    const primary = this.primary ?? this.world.leading;
    this.resyncs.delete(old);
    Object.assign(old, { word: undefined, blocked: false, standby: true, source: arnOf(primary) });
    Object.assign(old, { promotedAtMs: undefined, isReopened: false, trackedSessions: false });
    Object.assign(old, {
      replayedCommitMs: primary.lastCommitMs,
      heartbeat: primary.beat,
      heardMs: this.world.now,
    });
    old.roleMayLogin = primary.roleMayLogin;
  }

  /** Groups of one that led before are changed: only one that follows may be let in. */
  judgeDoor(one: Database, isEmpty: boolean, record: FailoverRecord | undefined): void {
    const led = record?.retired.some(({ resourceId }) => resourceId === one.resourceId);
    if (led && !isEmpty && !one.standby) this.world.violate('let an old primary in that does not follow');
  }

  /** The newest word of the attempt in this region's events. */
  blockIn(region: string, of: Target, sinceMs: number): StorageBlock {
    const said = this.told.filter(
      (one) =>
        one.region === region && one.of.instance === of.instance && one.of.region === of.region && one.atMs >= sinceMs,
    );
    return said.at(-1)?.how ?? 'not-told';
  }
}

/** The receipt of a fence says what Aurora said, and never that writes were blocked where they were not. */
export const judgeReceipts = (world: World, record: FailoverRecord | undefined): void => {
  for (const { instance, region, fence } of record?.retired ?? []) {
    if (fence?.storage === undefined) continue;
    const said = world.aurora?.told.filter(({ of }) => of.instance === instance && of.region === region) ?? [];
    if (!said.some(({ how }) => how === fence.storage)) world.violate('a receipt says what Aurora did not say');
  }
};
