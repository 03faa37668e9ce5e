import type { GroupSight } from '../../core/drills/conditions.ts';
import type { Book, Drill, Part, Production, Receipt } from '../../core/drills/drill.ts';
import type { Sight } from '../../core/drills/throw-away.ts';
import type { Clock, Names, RecordStore } from '../ports.ts';

// What a drill needs of the world. A throw is no evidence: what was asked for may have been done.

/** The book of drills, changed only by compare-and-swap on its version, and the receipts. */
export interface DrillStore {
  /** Strongly consistent; the empty book where there is none. */
  load(): Promise<Book>;
  save(book: Book, expectedVersion: number): Promise<'saved' | 'conflict'>;
  /** Keeps a receipt under its beginning. The same twice is once. */
  keep(receipt: Receipt): Promise<void>;
  /** Newest first. */
  receipts(pair: string, limit: number): Promise<Receipt[]>;
}

/** The throw-aways, by the RDS API of their regions. Everything that changes or deletes looks again first, and refuses unless core's `mayTouch` allows it. */
export interface Stage {
  /** Undefined when RDS says that there is nothing. */
  find(region: string, instance: string): Promise<Sight | undefined>;
  findGroup(region: string, name: string): Promise<GroupSight | undefined>;
  /** The newest available snapshot of this very instance, made by a person, by us, or by RDS. */
  newestSnapshot(of: Production): Promise<{ id: string; atMs: number } | undefined>;
  /** A parameter group of the leader's family, with which no engine starts. */
  makeGroup(drill: Drill): Promise<void>;
  /** Restores the snapshot under the drill's name, like the leader of the pair, keeping backups for a day. */
  restore(drill: Drill): Promise<void>;
  /** A replica of the throw-away primary, like the replica of the pair. */
  replicate(drill: Drill): Promise<void>;
  /** The fault, first half: the empty security group, and the parameters of the group for the next start. */
  takeOut(drill: Drill, fencedSecurityGroupId: string): Promise<void>;
  /** The fault, second half. */
  reboot(drill: Drill): Promise<void>;
  /** Deletes it for good, without a snapshot. */
  remove(drill: Drill, part: Part): Promise<void>;
  removeGroup(drill: Drill): Promise<void>;
}

export interface DrillPorts {
  drills: DrillStore;
  stage: Stage;
  records: Pick<RecordStore, 'load' | 'save'>;
  names: Pick<Names, 'read' | 'swap'>;
  clock: Clock;
}
