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

// What the run needs of the world. Expected refusals are answers, not exceptions; "unknown" means no evidence either way.

export interface Databases {
  /** All databases of a kind, with their tags, from all pages. Throws when it cannot say all of them. */
  list(kind: Kind): Promise<Database[]>;
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
  confirm(confirmation: Confirmation): Promise<void>;
  /** True for exactly one caller: a confirmation is used up by the run that it lets pass. */
  useConfirmation(confirmation: Confirmation): Promise<boolean>;
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
  reports: Reports;
}
