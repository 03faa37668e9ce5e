import type { RecordSet as ServedSet } from '../dns/zone.ts';

/** A record set as the API knows it: what is served, and the routing fields that are only kept. */
export type ResourceRecordSet = ServedSet & {
  readonly region?: string;
  readonly multiValueAnswer?: boolean;
};

export type HostedZone = {
  readonly id: string;
  readonly name: string;
  readonly private: boolean;
  readonly callerReference: string;
  readonly comment?: string;
  readonly vpcs: readonly { readonly region: string; readonly id: string }[];
  /** What the API answers with: every accepted change is in it at once. */
  sets: readonly ResourceRecordSet[];
};

export const nameServers = [
  'ns-1.awsdns-local.com',
  'ns-2.awsdns-local.net',
  'ns-3.awsdns-local.org',
  'ns-4.awsdns-local.co.uk',
];

/** The NS and SOA sets that every zone is born with (Developer Guide, SOA-NSrecords: TTL 172800 and 900, minimum 86400). */
export const initialSets = (zoneName: string): ResourceRecordSet[] => [
  { name: zoneName, type: 'NS', ttlSeconds: 172_800, values: nameServers.map((server) => `${server}.`) },
  {
    name: zoneName,
    type: 'SOA',
    ttlSeconds: 900,
    values: [`${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
  },
];
