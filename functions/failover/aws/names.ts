import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  paginateListHealthChecks,
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

/** The names in Route 53; a reader's health check is the one on the alarm `<readerAlarm><instance>`; verified at the servers that are authoritative for the zone. */
export const route53Names = (servers: NameServers, readerAlarm = 'mainstay-reader-'): Omit<Names, 'flip'> => {
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
        const { ChangeInfo } = await client.send(
          new ChangeResourceRecordSetsCommand({
            HostedZoneId: zoneId,
            ChangeBatch: { Comment: 'mainstay failover', Changes },
          }),
        );
        return { kind: 'accepted', changeId: ChangeInfo?.Id?.replace('/change/', '') };
      } catch (error) {
        // The whole batch is refused when what it deletes is not exactly what is there (docs: API_ChangeResourceRecordSets).
        if (errorCode(error) === 'InvalidChangeBatch') return { kind: 'conflict' };
        throw error;
      }
    },
    readers: async (zoneId, reader) => {
      const [{ ResourceRecordSets }, epoch, healthChecks] = await Promise.all([
        // All records of one name and type are on one page: there can be no more than 300 of them.
        client.send(
          new ListResourceRecordSetsCommand({
            HostedZoneId: zoneId,
            StartRecordName: reader,
            StartRecordType: 'CNAME',
          }),
        ),
        recordSet(zoneId, epochName(reader), 'TXT'),
        healthChecksOn(client, readerAlarm),
      ]);
      return {
        records: (ResourceRecordSets ?? [])
          .filter(({ Name, Type }) => plain(Name) === plain(reader) && Type === 'CNAME')
          .map((set) => ({
            identifier: set.SetIdentifier,
            weight: set.Weight,
            ttlSeconds: set.TTL ?? 0,
            value: set.ResourceRecords?.[0]?.Value ?? '',
            healthCheckId: set.HealthCheckId,
          })),
        epochText: unquoted(epoch?.ResourceRecords?.[0]?.Value),
        epochTtlSeconds: epoch?.TTL,
        healthChecks,
      };
    },
    inSync: async (changeId) => {
      try {
        const { ChangeInfo } = await client.send(new GetChangeCommand({ Id: changeId }));
        return ChangeInfo?.Status === 'INSYNC';
      } catch (error) {
        // Route 53 forgets a change after a while (docs: API_GetChange): that says nothing about it.
        if (errorCode(error) === 'NoSuchChange') return undefined;
        throw error;
      }
    },
    answered: async (zoneId, writer) => {
      if (zoneId === undefined) return answerOfAll(servers, undefined, writer);
      const { DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: zoneId }));
      return answerOfAll(servers, DelegationSet?.NameServers ?? [], writer);
    },
  };
};

const change =
  (Action: 'DELETE' | 'CREATE') =>
  ({ name, type, ttlSeconds, value, identifier, weight, healthCheckId }: NameRecord): Change => ({
    Action,
    ResourceRecordSet: {
      Name: name,
      Type: type,
      TTL: ttlSeconds,
      SetIdentifier: identifier,
      Weight: weight,
      HealthCheckId: healthCheckId,
      ResourceRecords: [{ Value: type === 'TXT' ? `"${value}"` : value }],
    },
  });

/** The health checks on alarms of this name's beginning, by what follows it: the instance. */
const healthChecksOn = async (client: Route53Client, alarm: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for await (const { HealthChecks = [] } of paginateListHealthChecks({ client }, {})) {
    for (const { Id, HealthCheckConfig } of HealthChecks) {
      const name = HealthCheckConfig?.AlarmIdentifier?.Name;
      if (Id !== undefined && name?.startsWith(alarm)) found[name.slice(alarm.length)] = Id;
    }
  }
  return found;
};

const plain = (name: string | undefined): string => (name ?? '').toLowerCase().replace(/\.$/, '');
const unquoted = (text: string | undefined): string | undefined => text?.replace(/^"(.*)"$/, '$1');
