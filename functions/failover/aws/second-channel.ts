import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { errorText } from '../../../shared/aws/errors.ts';
import type { SecondChannel } from '../run/ports.ts';
import { writeParameters } from './parameter-hosts.ts';

/** What clients are to find. */
export interface HostSaid {
  host: string;
  port: number;
  epoch: number;
}

/**
 * The second channel on AWS: secrets, and parameters of SSM. What can be written is, whatever else cannot; a parameter does not
 * wait for a secret.
 */
export const secondChannel = (): SecondChannel => ({
  publish: async ({ secretIds, parameterNames, regions, epoch, at }) => {
    const said = { host: at.host, port: at.port, epoch };
    const problems = await Promise.all([
      writeSecrets(secretIds, regions, said),
      writeParameters(parameterNames, regions, said),
    ]);
    if (problems.flat().length > 0) throw new Error(problems.flat().join('; '));
  },
});

/**
 * `host`, `port` and `epoch` in JSON secrets, all else in them left as it is. A secret that a region does not have is passed over;
 * a replica secret refuses to be written (docs: create-manage-multi-region-secrets), so each region needs one of its own.
 */
const writeSecrets = async (
  secretIds: readonly string[],
  regions: readonly string[],
  said: HostSaid,
): Promise<string[]> => {
  const places = regions.flatMap((region) => secretIds.map((secretId) => ({ region, secretId })));
  const written = await Promise.all(
    places.map(async ({ region, secretId }) => {
      try {
        return await write(clientOf(region), secretId, said);
      } catch (error) {
        return { problem: `${secretId} in ${region}: ${errorText(error)}` };
      }
    }),
  );
  const problems = written.flatMap((one) => (typeof one === 'object' ? [one.problem] : []));
  const missing = secretIds.filter(
    (id) => !places.some((place, index) => place.secretId === id && written[index] !== 'missing'),
  );
  return [...problems, ...missing.map((id) => `${id} is a secret of none of these regions`)];
};

const clientOf = (region: string): SecretsManagerClient =>
  new SecretsManagerClient(
    clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );

const write = async (client: SecretsManagerClient, SecretId: string, said: HostSaid) => {
  const found = await client.send(new GetSecretValueCommand({ SecretId })).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  });
  if (found === undefined) return 'missing';
  const SecretString = withHost(found.SecretString, said);
  if (SecretString === undefined) return 'same';
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return 'written';
};

/** The text with another host in it; undefined when it says so already. Throws when it is of a later epoch, or no JSON object. */
export const withHost = (text: string | undefined, said: HostSaid): string | undefined => {
  const value = parsed(text);
  if (Number(value.epoch ?? 0) > said.epoch)
    throw new Error(`it is of epoch ${value.epoch}, and ours is ${said.epoch}`);
  if (value.host === said.host && value.port === said.port && value.epoch === said.epoch) return undefined;
  return JSON.stringify({ ...value, ...said });
};

const parsed = (text: string | undefined): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    // The text is a secret: it goes into no message.
  }
  if (typeof value !== 'object' || value === null) throw new Error('its value is no JSON object');
  return value as Record<string, unknown>;
};
