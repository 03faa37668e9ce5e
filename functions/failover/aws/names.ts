import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { errorCode } from '../../../shared/aws/errors.ts';
import { epochName, type NameRecord } from '../core/names.ts';
import type { Names } from '../run/ports.ts';
import { answerOfAll, type NameServers } from './name-servers.ts';

/** Route 53's control plane answers from one region, whatever the zone serves (docs: route-53-concepts). */
const CONTROL_PLANE = 'us-east-1';

/** The writer's name in Route 53; verified at the servers that are authoritative for the zone. */
export const route53Names = (servers: NameServers): Names => {
  const client = new Route53Client(
    clientConfig(CONTROL_PLANE, { requestTimeoutMs: 5_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  const recordSet = async (
    zoneId: string,
    name: string,
    type: 'CNAME' | 'TXT',
  ): Promise<ResourceRecordSet | undefined> => {
    const { ResourceRecordSets } = await client.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        StartRecordName: name,
        StartRecordType: type,
        MaxItems: 1,
      }),
    );
    const [found] = ResourceRecordSets ?? [];
    return found && plain(found.Name) === plain(name) && found.Type === type ? found : undefined;
  };
  return {
    read: async (zoneId, writer) => {
      const [name, epoch] = await Promise.all([
        recordSet(zoneId, writer, 'CNAME'),
        recordSet(zoneId, epochName(writer), 'TXT'),
      ]);
      return {
        value: name?.ResourceRecords?.[0]?.Value,
        ttlSeconds: name?.TTL,
        epochText: unquoted(epoch?.ResourceRecords?.[0]?.Value),
        epochTtlSeconds: epoch?.TTL,
      };
    },
    swap: async (zoneId, { deletes, creates }) => {
      const Changes = [...deletes.map(change('DELETE')), ...creates.map(change('CREATE'))];
      try {
        await client.send(
          new ChangeResourceRecordSetsCommand({
            HostedZoneId: zoneId,
            ChangeBatch: { Comment: 'mainstay failover', Changes },
          }),
        );
        return 'accepted';
      } catch (error) {
        // The whole batch is refused when what it deletes is not exactly what is there (docs: API_ChangeResourceRecordSets).
        if (errorCode(error) === 'InvalidChangeBatch') return 'conflict';
        throw error;
      }
    },
    answered: async (zoneId, writer) => {
      const { DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: zoneId }));
      return answerOfAll(servers, DelegationSet?.NameServers ?? [], writer);
    },
  };
};

const change =
  (Action: 'DELETE' | 'CREATE') =>
  ({ name, type, ttlSeconds, value }: NameRecord): Change => ({
    Action,
    ResourceRecordSet: {
      Name: name,
      Type: type,
      TTL: ttlSeconds,
      ResourceRecords: [{ Value: type === 'TXT' ? `"${value}"` : value }],
    },
  });

const plain = (name: string | undefined): string => (name ?? '').toLowerCase().replace(/\.$/, '');
const unquoted = (text: string | undefined): string | undefined => text?.replace(/^"(.*)"$/, '$1');
