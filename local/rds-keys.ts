// The keys of the local AWS as its RDS asks for them: what ministack's KMS says, so that both say the same of a key.
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { callerToken } from './gateway/scope.ts';
import type { KeyLookup, KeyState } from './rds/keys.ts';

const states: Readonly<Record<string, KeyState>> = { Enabled: 'enabled', PendingDeletion: 'pending-deletion' };
const ownAlias = 'alias/aws/rds';

/**
 * Asks KMS at an endpoint. RDS's own key is made there when it is first needed, as on AWS (User Guide, Overview.Encryption). A
 * key that KMS doesn't know counts as enabled: an estate may name keys that nobody asks KMS for.
 */
export const findKeyAt = (endpoint: string, account: string): KeyLookup & { stop(): void } => {
  const clients = new Map<string, KMSClient>();
  const kmsIn = (region: string): KMSClient => {
    // As a service of the region itself: a cut region still reaches its own.
    const sessionToken = callerToken(region, 'service');
    const credentials = { accessKeyId: account, secretAccessKey: 'local', sessionToken };
    const client = clients.get(region) ?? new KMSClient({ region, endpoint, credentials, maxAttempts: 2 });
    clients.set(region, client);
    return client;
  };
  const making = new Map<string, Promise<void>>();
  const makeOwn = async (region: string): Promise<void> => {
    const kms = kmsIn(region);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'RDS makes this key for itself.' }));
    await kms.send(new CreateAliasCommand({ AliasName: ownAlias, TargetKeyId: KeyMetadata?.KeyId }));
  };
  const known: KeyLookup = async (region, key) => {
    try {
      const { KeyMetadata } = await kmsIn(region).send(new DescribeKeyCommand({ KeyId: key }));
      return { arn: KeyMetadata?.Arn ?? key, state: states[KeyMetadata?.KeyState ?? ''] ?? 'disabled' };
    } catch (error) {
      if ((error as Error).name === 'NotFoundException') return undefined;
      throw error;
    }
  };
  const find: KeyLookup = async (region, key) => {
    const found = await known(region, key);
    if (found !== undefined) return found;
    if (key !== ownAlias) return { arn: key.startsWith('arn:') ? key : arnOf(region, account, key), state: 'enabled' };
    const made = making.get(region) ?? makeOwn(region);
    making.set(region, made);
    await made;
    return known(region, key);
  };
  return Object.assign(find, {
    stop: () => {
      for (const client of clients.values()) client.destroy();
    },
  });
};

const arnOf = (region: string, account: string, key: string): string =>
  `arn:aws:kms:${region}:${account}:${key.startsWith('alias/') ? key : `key/${key}`}`;
