import type { Kind } from '../../core/inventory.ts';
import type { CheckAnswer, CheckRequest } from '../../core/verification/check.ts';
import type { SeenDatabase } from '../../core/verification/throw-away.ts';
import type { Book, ThrowAway, Verification } from '../../core/verification/verification.ts';
import type { Control, Databases, Keys, Reports, Snapshots } from '../ports.ts';

// What restore verification needs of the world. Expected refusals are answers; "unknown" means that it may have been done.

/**
 * Where verifications are remembered. All that are open stand in one book, so that one conditional write opens, moves or closes
 * one, a list costs one read, and two runs can never both take the last seat. What is over is kept by name, for a while.
 */
export interface Verifications {
  /** The book as it is now, strongly consistent; the empty one where there is none. Throws when it cannot say. */
  load(): Promise<Book>;
  /** Writes the book if its revision is still the expected one. */
  save(book: Book, expectedRevision: number): Promise<'saved' | 'conflict'>;
  /** Keeps a verification that is over under its name. The same twice is once. */
  archive(record: Verification): Promise<void>;
  archived(name: string): Promise<Verification | undefined>;
}

export type RestoreAnswer =
  | { kind: 'made'; resourceId: string | undefined }
  /** Something stands under this id: what, only a look can tell. */
  | { kind: 'name-taken' }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export type ChangeAnswer =
  | { kind: 'done' }
  /** Its state does not allow it now. */
  | { kind: 'busy'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

/** What a verification and one of its throw-aways are, for calls that are made in their name. */
export interface Claim {
  record: Verification;
  entry: ThrowAway;
}

export interface ThrowAways {
  /** What stands under an id, or undefined when there is nothing. Throws when it cannot say. */
  find(kind: Kind, id: string): Promise<SeenDatabase | undefined>;
  /** All databases of both kinds with our throw-away tag. Throws when it cannot say all of them. */
  tagged(): Promise<SeenDatabase[]>;
  /** Restores the record's snapshot under the entry's id: never over an existing database. */
  restore(claim: Claim): Promise<RestoreAnswer>;
  /** Adds the one instance to the record's cluster. */
  addMember(claim: Claim): Promise<RestoreAnswer>;
  /** Sets a master password and takes deletion protection off. Looks again first, and refuses unless core's `mayRemove` allows it. */
  secure(claim: Claim, password: string): Promise<ChangeAnswer>;
  /** Deletes it for good, without a snapshot. Looks again first, and refuses unless core's `mayRemove` allows it. */
  remove(claim: Claim): Promise<ChangeAnswer>;
}

export interface SnapshotTags {
  /** Adds tags to a snapshot. */
  add(arn: string, tags: Readonly<Record<string, string>>): Promise<ChangeAnswer>;
}

export interface Checks {
  /** Has a throw-away checked from inside its network. Never throws: what is not known is `no-answer`. */
  check(request: CheckRequest): Promise<CheckAnswer>;
}

export interface Chance {
  /** Six hexadecimal digits. */
  hex(): string;
  /** A master password that every engine takes. */
  password(): string;
}

/** The run's own clock: steps wait for RDS. */
export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

export interface VerificationPorts {
  verifications: Verifications;
  throwAways: ThrowAways;
  snapshotTags: SnapshotTags;
  checks: Checks;
  databases: Pick<Databases, 'list'>;
  snapshots: Pick<Snapshots, 'list'>;
  keys: Keys;
  control: Pick<Control, 'orders'>;
  reports: Reports;
  chance: Chance;
  clock: Clock;
}
