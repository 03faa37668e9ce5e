import { list, type XmlValue } from '../xml.ts';
import { type HostedZone, nameServers, type ResourceRecordSet } from './zone.ts';

export const namespace = 'https://route53.amazonaws.com/doc/2013-04-01/';

/** A change as GetChange and every change's own answer show it. */
export type ChangeInfo = { readonly id: string; readonly status: 'PENDING' | 'INSYNC'; readonly submittedAt: number };

export const changeXml = (change: ChangeInfo): XmlValue => ({
  Id: `/change/${change.id}`,
  Status: change.status,
  SubmittedAt: new Date(change.submittedAt),
});

export const zoneXml = (zone: HostedZone): XmlValue => ({
  Id: `/hostedzone/${zone.id}`,
  Name: zone.name,
  CallerReference: zone.callerReference,
  Config: { Comment: zone.comment, PrivateZone: zone.private },
  ResourceRecordSetCount: zone.sets.length,
});

/** A public zone has a delegation set; a private one has its VPCs instead (API reference, GetHostedZone). */
export const zoneDetailXml = (zone: HostedZone): { [name: string]: XmlValue } => ({
  HostedZone: zoneXml(zone),
  ...(zone.private
    ? {
        VPCs: list(
          'VPC',
          zone.vpcs.map((vpc) => ({ VPCRegion: vpc.region, VPCId: vpc.id })),
        ),
      }
    : { DelegationSet: { NameServers: list('NameServer', nameServers) } }),
});

export const setXml = (set: ResourceRecordSet): XmlValue => ({
  Name: set.name,
  Type: set.type,
  SetIdentifier: set.setIdentifier,
  Weight: set.weight,
  Region: set.region,
  Failover: set.failover,
  MultiValueAnswer: set.multiValueAnswer,
  TTL: set.ttlSeconds,
  ResourceRecords: list(
    'ResourceRecord',
    set.values.map((Value) => ({ Value })),
  ),
  HealthCheckId: set.healthCheckId,
});
