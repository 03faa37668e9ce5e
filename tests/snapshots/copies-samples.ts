import type { CopySight } from '../../functions/snapshots/core/copies/cases.ts';
import { SOURCE_SNAPSHOT } from '../../functions/snapshots/core/copies/tags.ts';
import type { Database, KeyState, Orders, Quota, Snapshot, Unseen } from '../../functions/snapshots/core/inventory.ts';
import type { CopySettings, Settings } from '../../functions/snapshots/core/policy.ts';
import { settings } from './samples.ts';

export { database, snapshot } from './samples.ts';

// Values for tests of copies: sources in eu-west-1, copies in eu-central-1.

export const recovery = 'eu-central-1';

export const copySettings: Settings & { copies: CopySettings } = {
  ...settings,
  copies: {
    everyHours: 6,
    policy: { keepLast: 3 },
    minKeep: 1,
    kmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/copies',
    encryptCopies: 'required',
    optionGroups: {},
    maxInFlight: 15,
  },
};

/** Our copy of a snapshot, as the recovery region shows it. */
export const copyOf = (source: Snapshot, over: Partial<Snapshot> = {}): Snapshot => {
  const { kmsKeyId: _, ...rest } = source;
  return {
    ...rest,
    arn: source.arn.replace('eu-west-1', recovery).replace(/[^:]*$/, over.id ?? source.id),
    status: 'available',
    tags: { ...source.tags, [SOURCE_SNAPSHOT]: source.arn },
    sourceArn: source.arn,
    ...over,
  };
};

/** Both regions, with room in the quotas and nothing ordered. */
export const sight = (
  databases: readonly Database[],
  sources: readonly Snapshot[],
  copies: readonly Snapshot[],
  over: {
    sourceUnseen?: readonly Unseen[];
    destinationUnseen?: readonly Unseen[];
    sourceKeys?: Record<string, KeyState>;
    destinationKeys?: Record<string, KeyState>;
    quotas?: readonly Quota[];
    orders?: Orders | undefined;
  } = {},
): CopySight => ({
  source: { databases, snapshots: sources, quotas: [], unseen: over.sourceUnseen ?? [], keys: over.sourceKeys ?? {} },
  destination: {
    databases: [],
    snapshots: copies,
    quotas: over.quotas ?? [
      { kind: 'instance', max: 10_000, used: copies.length },
      { kind: 'cluster', max: 10_000, used: 0 },
    ],
    unseen: over.destinationUnseen ?? [],
    keys: over.destinationKeys ?? {},
  },
  orders: 'orders' in over ? over.orders : { pauses: [], confirmations: [] },
});
