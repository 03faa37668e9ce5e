import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { KeyState } from '../core/inventory.ts';
import type { Keys } from '../run/ports.ts';

// docs: kms key-state — what a key in each state may do. `Creating` and `Updating` pass, so they are no evidence.
const STATES: Readonly<Record<string, KeyState>> = {
  Enabled: 'usable',
  Disabled: 'unusable',
  PendingDeletion: 'unusable',
  PendingReplicaDeletion: 'unusable',
  PendingImport: 'unusable',
  Unavailable: 'unusable',
};

/** Whether a key can decrypt, by KMS DescribeKey. No permission, a throttle and a state that is new are `unknown`. */
export const kmsKeys = (kms: KMSClient): Keys => ({
  state: async (keyId) => {
    try {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
      return STATES[KeyMetadata?.KeyState ?? ''] ?? 'unknown';
    } catch (error) {
      return isNotFound(error) ? 'unusable' : 'unknown';
    }
  },
});
