import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { LoginSecrets } from '../run/ports.ts';

/** What Secrets Manager says of a login's secret in one region, without its value. */
export const loginSecrets = (region: string): LoginSecrets => {
  const client = new SecretsManagerClient(
    clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  return {
    view: async (secretId) => {
      try {
        const { OwningService } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
        return { isManagedByRds: OwningService === 'rds' };
      } catch (error) {
        if (isNotFound(error)) return 'missing';
        throw error;
      }
    },
  };
};
