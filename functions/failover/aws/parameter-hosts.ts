import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { errorText } from '../../../shared/aws/errors.ts';
import { type HostSaid, withHost } from './second-channel.ts';

/**
 * `host`, `port` and `epoch` in JSON parameters of SSM, all else in them left as it is, with the type that they have. A parameter that
 * a region does not have is passed over. Gives what could not be written.
 */
export const writeParameters = async (
  names: readonly string[],
  regions: readonly string[],
  said: HostSaid,
): Promise<string[]> => {
  const places = regions.flatMap((region) => names.map((name) => ({ region, name })));
  const written = await Promise.all(
    places.map(async ({ region, name }) => {
      try {
        return await write(clientOf(region), name, said);
      } catch (error) {
        return { problem: `${name} in ${region}: ${errorText(error)}` };
      }
    }),
  );
  const isSomewhere = (name: string) => places.some((place, at) => place.name === name && written[at] !== 'missing');
  return [
    ...written.flatMap((one) => (typeof one === 'object' ? [one.problem] : [])),
    ...names.filter((name) => !isSomewhere(name)).map((name) => `${name} is a parameter of none of these regions`),
  ];
};

const clientOf = (region: string): SSMClient =>
  new SSMClient(clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }));

const write = async (client: SSMClient, Name: string, said: HostSaid) => {
  const found = await client.send(new GetParameterCommand({ Name, WithDecryption: true })).catch((error: unknown) => {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  });
  if (found?.Parameter === undefined) return 'missing';
  const Value = withHost(found.Parameter.Value, said);
  if (Value === undefined) return 'same';
  // Said again, for a SecureString overwritten without it would become what its new value says (docs: API_PutParameter, Type).
  await client.send(new PutParameterCommand({ Name, Value, Type: found.Parameter.Type, Overwrite: true }));
  return 'written';
};
