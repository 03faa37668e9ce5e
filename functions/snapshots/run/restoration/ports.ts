import type { Kind, Snapshot, Tags } from '../../core/inventory.ts';
import type { Form, Placement } from '../../core/restoration/plan.ts';
import type { RestoredDatabase } from '../../core/restoration/steps.ts';

// What a restoration needs of RDS besides seeing databases and snapshots. There is nothing in it that changes or deletes
// what exists.

/** A database to be made from a snapshot. */
export interface NewDatabase {
  form: Form;
  name: string;
  /** The snapshot's name. */
  from: string;
  keyId: string | undefined;
  instanceClass: string | undefined;
  subnetGroup: string | undefined;
  securityGroupIds: readonly string[] | undefined;
  parameterGroup: string | undefined;
  tags: Tags;
}

/** The instance of an Aurora cluster that was restored: a cluster comes without. */
export interface NewMember {
  name: string;
  cluster: string;
  engine: string;
  instanceClass: string;
  tags: Tags;
}

export type MakeAnswer =
  | { kind: 'asked' }
  /** Of whom, its tags say. */
  | { kind: 'already-exists' }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export interface Restorations {
  /** How a database stands in its network; undefined when it is gone. Throws when it cannot say. */
  placement(kind: Kind, id: string): Promise<Placement | undefined>;
  /** A database by its name, with its endpoint when it has one. Throws when it cannot say. */
  find(kind: Kind, id: string): Promise<RestoredDatabase | undefined>;
  /** A snapshot by its name. Throws when it cannot say. */
  findSnapshot(kind: Kind, name: string): Promise<Snapshot | undefined>;
  copyEncrypted(copy: { from: string; name: string; keyId: string; tags: Tags }): Promise<MakeAnswer>;
  restore(database: NewDatabase): Promise<MakeAnswer>;
  addMember(member: NewMember): Promise<MakeAnswer>;
}
