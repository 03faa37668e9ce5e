import type {
  Confirmation,
  Database,
  KeyState,
  Kind,
  Orders,
  Part,
  Pause,
  Quota,
  Snapshot,
} from '../core/inventory.ts';
import type { Remaining } from '../core/remaining.ts';

// What the run needs of the world. Expected refusals are answers, not exceptions; "unknown" means no evidence either way.

export interface Databases {
  /** All databases of a kind, with their tags, from all pages. Throws when it cannot say all of them. */
  list(kind: Kind): Promise<Database[]>;
  /** Those of these resource ids that there still are, as they are now, under whatever name. Throws when it cannot say. */
  withResourceIds(kind: Kind, resourceIds: readonly string[]): Promise<Database[]>;
}

export interface NewSnapshot {
  kind: Kind;
  databaseId: string;
  name: string;
  tags: Readonly<Record<string, string>>;
}

export type CreateAnswer =
  | { kind: 'created' }
  | { kind: 'already-exists' }
  | { kind: 'quota-full'; detail: string }
  /** The database's state changed since it was listed. */
  | { kind: 'wrong-state'; detail: string }
  | { kind: 'gone' }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export type DeleteAnswer =
  | { kind: 'deleted' }
  | { kind: 'already-gone' }
  | { kind: 'wrong-state'; detail: string }
  /** No permission: it will be the same for the next one. */
  | { kind: 'forbidden'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export interface Snapshots {
  /** All manual snapshots of a kind, ours and others', with their tags, from all pages. Throws when it cannot say all of them. */
  list(kind: Kind): Promise<Snapshot[]>;
  /** One snapshot by its name, or undefined when there is none. Throws when it cannot say. */
  find(kind: Kind, name: string): Promise<Snapshot | undefined>;
  create(request: NewSnapshot): Promise<CreateAnswer>;
  delete(kind: Kind, name: string): Promise<DeleteAnswer>;
}

export interface Quotas {
  /** What the account says; a kind that it does not speak of is missing. */
  read(): Promise<Quota[]>;
}

export interface Keys {
  /** Whether a key can decrypt now. Never throws: an answer that says nothing is `unknown`. */
  state(keyId: string): Promise<KeyState>;
}

/** What people order without a deployment. Every change is one conditional write; reading is strongly consistent and throws when it cannot say. */
export interface Control {
  orders(): Promise<Orders>;
  /** Replaces a pause of the same part. */
  pause(pause: Pause): Promise<void>;
  /** False when that part was not paused. */
  resume(part: Part): Promise<boolean>;
  /** Replaces a confirmation of the same breaker. */
  confirm(confirmation: Confirmation): Promise<void>;
  /** True for exactly one caller: a confirmation is used up by the run that it lets pass. */
  useConfirmation(confirmation: Confirmation): Promise<boolean>;
}

export interface Copying {
  /** ARNs of the snapshots that copies are being made from, by anybody, where we copy to. Throws when it cannot say all of them. */
  sources(): Promise<ReadonlySet<string>>;
}

/** Where the work of a slot that is left is written down. */
export interface RemainingWork {
  /** False when that part of the slot is written down already: by a second delivery, or before a crash. */
  put(remaining: Remaining): Promise<boolean>;
  /**
   * The part, for one worker at a time until `leaseUntilMs`: `busy` while another's lease runs, `over` when it is done or
   * unknown. Taken for the second time it comes without `confirmed`: who had it first may have used that up. Throws when
   * it cannot say.
   */
  take(slotMs: number, part: number, nowMs: number, leaseUntilMs: number): Promise<Remaining | 'busy' | 'over'>;
  /** Nobody takes that part again. */
  done(slotMs: number, part: number): Promise<void>;
}

/** A message to ourselves: go on with that part of the slot. */
export interface Continuation {
  slotMs: number;
  part: number;
}

export interface Continuations {
  send(continuation: Continuation, delaySeconds: number): Promise<void>;
}

export interface Notice {
  subject: string;
  text: string;
  result: 'OK' | 'PARTIAL' | 'FAILED';
}

export interface Reports {
  publish(notice: Notice): Promise<void>;
}

export interface Ports {
  databases: Databases;
  snapshots: Snapshots;
  quotas: Quotas;
  keys: Keys;
  control: Control;
  /** Absent where nothing is copied. */
  copying?: Copying | undefined;
  remaining: RemainingWork;
  continuations: Continuations;
  reports: Reports;
  /** How often RDS has said "slower" to these ports. */
  throttles(): number;
}
