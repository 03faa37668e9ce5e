import type { Database, Kind, Quota, Snapshot } from '../core/inventory.ts';

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
