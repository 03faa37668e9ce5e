import type { Kind } from '../../core/inventory.ts';
import type { Control, Databases, Keys, Quotas, Reports, Snapshots } from '../ports.ts';

// What a run of copies needs of the world: the databases' region to read, the copies' region to work in.

export interface NewCopy {
  kind: Kind;
  /** The ARN of the snapshot to copy: it is in another region. */
  sourceArn: string;
  name: string;
  kmsKeyId?: string | undefined;
  optionGroup?: string | undefined;
  tags: Readonly<Record<string, string>>;
}

export type CopyAnswer =
  | { kind: 'copying' }
  | { kind: 'already-exists' }
  /** RDS has as many copies from other regions on their way as it takes. */
  | { kind: 'in-flight-full'; detail: string }
  | { kind: 'quota-full'; detail: string }
  /** Quota exceeded, in words that say neither: the quota itself tells. */
  | { kind: 'quota-unclear'; detail: string }
  | { kind: 'key-refused'; detail: string }
  | { kind: 'source-gone'; detail: string }
  | { kind: 'source-state'; detail: string }
  /** No permission: it will be the same for the next one. */
  | { kind: 'forbidden'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export interface Copier {
  /** Asks the destination region to copy a snapshot into it. An answer, never an exception. */
  copy(request: NewCopy): Promise<CopyAnswer>;
}

export interface CopyPorts {
  source: { databases: Pick<Databases, 'list'>; snapshots: Pick<Snapshots, 'list'>; keys: Keys };
  destination: {
    snapshots: Pick<Snapshots, 'list' | 'find' | 'delete'>;
    copier: Copier;
    quotas: Quotas;
    keys: Keys;
  };
  control: Pick<Control, 'orders' | 'useConfirmation'>;
  reports: Reports;
}
