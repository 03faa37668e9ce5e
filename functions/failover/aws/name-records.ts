import {
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { NameRecords } from '../run/readiness.ts';

/** What readiness reads of Route 53, by its control plane in us-east-1. Changes nothing. */
export const route53Records = (): NameRecords => {
  const client = new Route53Client(
    clientConfig('us-east-1', { requestTimeoutMs: 5_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  const plain = (name: string | undefined): string => (name ?? '').toLowerCase().replace(/\.$/, '');
  return {
    zone: async (zoneId) => {
      try {
        const { HostedZone } = await client.send(new GetHostedZoneCommand({ Id: zoneId }));
        return { name: HostedZone?.Name ?? '', isPrivate: HostedZone?.Config?.PrivateZone ?? false };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    writerRecords: async (zoneId, writer) => {
      // All records of one name and type are on one page.
      const { ResourceRecordSets = [] } = await client.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordName: writer, StartRecordType: 'CNAME' }),
      );
      return ResourceRecordSets.filter(({ Name, Type }) => plain(Name) === plain(writer) && Type === 'CNAME').map(
        (set) => ({
          failover: set.Failover,
          value: set.ResourceRecords?.[0]?.Value ?? '',
          ttlSeconds: set.TTL ?? 0,
          healthCheckId: set.HealthCheckId,
        }),
      );
    },
    healthCheckOn: async (alarm) => {
      let Marker: string | undefined;
      do {
        const page = await client.send(new ListHealthChecksCommand({ Marker }));
        const found = page.HealthChecks?.find(({ HealthCheckConfig: one }) => one?.AlarmIdentifier?.Name === alarm);
        if (found !== undefined) return found.Id;
        Marker = page.NextMarker;
      } while (Marker !== undefined);
      return undefined;
    },
  };
};
