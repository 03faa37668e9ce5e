import { randomBytes } from 'node:crypto';
import type { AlarmState } from '../alarms/evaluate.ts';
import type { Clock } from '../clock.ts';
import type { Zones } from '../dns/zone.ts';
import { canonicalName } from '../dns/zone.ts';
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { document, list, type XmlValue } from '../xml.ts';
import { applyBatch, type Change } from './changes.ts';
import { type HealthCheck, healthCheckXml, openHealthChecks } from './health-checks.ts';
import { pageOfChecks, pageOfSets, pageOfZones } from './listing.ts';
import { normaliseName } from './names.ts';
import { child, parseBody, parseChanges, text } from './parse.ts';
import { noSuchZone, Route53Refusal } from './refusal.ts';
import { type ChangeInfo, changeXml, namespace, setXml, zoneDetailXml, zoneXml } from './render.ts';
import { isDomainName } from './values.ts';
import { type HostedZone, initialSets, type ResourceRecordSet } from './zone.ts';

/** The local Route 53: its API, and what a test or the composition does without it. */
export type Route53 = {
  readonly service: LocalService;
  readonly admin: {
    /** Makes a zone with an id of one's own choice, served at once. Throws if the id or a malformed name is refused. */
    createZone(zone: { id: string; name: string; private?: boolean; records?: readonly ResourceRecordSet[] }): void;
    /** Makes a health check on an alarm; sets that carry its id are answered as it says. */
    createHealthCheck(check: HealthCheck): void;
    /** What an alarm says from now on: its health checks follow. */
    alarmIs(region: string, alarm: string, state: AlarmState): void;
  };
};

/**
 * Opens Route 53's API in front of the DNS server. A change is in the API's answers at once, and in DNS (INSYNC) after
 * `propagationMs` on the clock: API reference, ChangeResourceRecordSets, "Change Propagation to Route 53 DNS Servers".
 */
export const openRoute53 = ({
  clock,
  dns,
  propagationMs = 300,
}: {
  clock: Pick<Clock, 'now' | 'at'>;
  dns: { readonly zones: Pick<Zones, 'publish' | 'withdraw' | 'setHealth'> };
  propagationMs?: number;
}): Route53 => {
  const zones = new Map<string, HostedZone>();
  const changes = new Map<string, { info: ChangeInfo }>();
  const checks = openHealthChecks(dns.zones.setHealth, () => crypto.randomUUID());

  const zoneOf = (id: string): HostedZone => {
    const zone = zones.get(id);
    if (zone === undefined) throw noSuchZone(id);
    return zone;
  };

  /** Publishes this version of the zone when it has propagated; versions propagate in the order they were accepted. */
  const propagate = (publish: () => void): ChangeInfo => {
    const info: ChangeInfo = { id: `C${identifier(20)}`, status: 'PENDING', submittedAt: clock.now() };
    const change = { info };
    changes.set(info.id, change);
    clock.at(clock.now() + propagationMs, () => {
      publish();
      change.info = { ...info, status: 'INSYNC' };
    });
    return info;
  };

  const changeSets = (zone: HostedZone, batch: readonly Change[]): ChangeInfo => {
    for (const { action, set } of batch) {
      if (action !== 'DELETE' && set.healthCheckId !== undefined) checks.of(set.healthCheckId);
    }
    const result = applyBatch(zone, batch);
    if (result.kind === 'refused') {
      throw new Route53Refusal('InvalidChangeBatch', 400, `[${result.messages.join(', ')}]`);
    }
    zone.sets = result.sets;
    return propagate(() => dns.zones.publish(zone.name, result.sets));
  };

  const createZone = (body: Buffer): XmlValue => {
    const request = parseBody(body, 'CreateHostedZoneRequest');
    const name = text(request, 'Name') ?? '';
    const callerReference = text(request, 'CallerReference');
    if (!isDomainName(name)) throw new Route53Refusal('InvalidDomainName', 400, `${name} is not a valid domain name`);
    if (callerReference === undefined) throw new Route53Refusal('InvalidInput', 400, 'CallerReference is required');
    if ([...zones.values()].some((zone) => zone.callerReference === callerReference)) {
      throw new Route53Refusal(
        'HostedZoneAlreadyExists',
        409,
        `A hosted zone has already been created with the specified caller reference: ${callerReference}`,
      );
    }
    const vpc = child(request, 'VPC');
    const vpcId = text(vpc, 'VPCId');
    const comment = text(child(request, 'HostedZoneConfig'), 'Comment');
    const zone: HostedZone = {
      id: `Z${identifier(20)}`,
      name: canonicalName(normaliseName(name)),
      private: vpcId !== undefined,
      callerReference,
      vpcs: vpcId === undefined ? [] : [{ id: vpcId, region: text(vpc, 'VPCRegion') ?? 'us-east-1' }],
      sets: initialSets(canonicalName(normaliseName(name))),
      ...(comment === undefined ? {} : { comment }),
    };
    zones.set(zone.id, zone);
    const info = propagate(() => dns.zones.publish(zone.name, zone.sets));
    return { ...zoneDetailXml(zone), ChangeInfo: changeXml(info) };
  };

  const listSets = (zone: HostedZone, query: URLSearchParams): XmlValue => {
    const { items, next, maxItems } = pageOfSets(zone.sets, query);
    return {
      ResourceRecordSets: list('ResourceRecordSet', items.map(setXml)),
      IsTruncated: next !== undefined,
      NextRecordName: next?.name,
      NextRecordType: next?.type,
      NextRecordIdentifier: next?.setIdentifier,
      MaxItems: maxItems,
    };
  };

  const listZonesByName = (query: URLSearchParams): XmlValue => {
    const { items, next, maxItems } = pageOfZones([...zones.values()], query);
    return {
      HostedZones: list('HostedZone', items.map(zoneXml)),
      DNSName: query.get('dnsname') ?? undefined,
      IsTruncated: next !== undefined,
      NextDNSName: next?.name,
      NextHostedZoneId: next?.id,
      MaxItems: maxItems,
    };
  };

  const listChecks = (query: URLSearchParams): XmlValue => {
    const { items, next, maxItems } = pageOfChecks(checks.list(), query);
    return {
      HealthChecks: list('HealthCheck', items.map(healthCheckXml)),
      Marker: query.get('marker') ?? '',
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: maxItems,
    };
  };

  const changeOf = (id: string): ChangeInfo => {
    const change = changes.get(id);
    if (change === undefined) throw new Route53Refusal('NoSuchChange', 404, `Could not find resource with ID: ${id}`);
    return change.info;
  };

  const answer = (request: AwsRequest): { root: string; content: XmlValue; status?: number } => {
    const [version, collection = '', id = '', part] = request.path.split('/').filter(Boolean).map(decodeURIComponent);
    const route = `${request.method} ${collection}${id === '' ? '' : '/ID'}${part === undefined ? '' : `/${part}`}`;
    if (version === '2013-04-01') {
      switch (route) {
        case 'POST hostedzone/ID/rrset': {
          const info = changeSets(zoneOf(id), parseChanges(request.body));
          return { root: 'ChangeResourceRecordSetsResponse', content: { ChangeInfo: changeXml(info) } };
        }
        case 'GET hostedzone/ID/rrset':
          return { root: 'ListResourceRecordSetsResponse', content: listSets(zoneOf(id), request.query) };
        case 'GET hostedzone/ID':
          return { root: 'GetHostedZoneResponse', content: zoneDetailXml(zoneOf(id)) };
        case 'POST hostedzone':
          return { root: 'CreateHostedZoneResponse', content: createZone(request.body), status: 201 };
        case 'GET hostedzonesbyname':
          return { root: 'ListHostedZonesByNameResponse', content: listZonesByName(request.query) };
        case 'POST healthcheck': {
          const HealthCheck = healthCheckXml(checks.create(request.body));
          return { root: 'CreateHealthCheckResponse', content: { HealthCheck }, status: 201 };
        }
        case 'GET healthcheck':
          return { root: 'ListHealthChecksResponse', content: listChecks(request.query) };
        case 'GET healthcheck/ID':
          return { root: 'GetHealthCheckResponse', content: { HealthCheck: healthCheckXml(checks.of(id)) } };
        case 'DELETE healthcheck/ID':
          checks.remove(id);
          return { root: 'DeleteHealthCheckResponse', content: {} };
        case 'GET change/ID':
          return { root: 'GetChangeResponse', content: { ChangeInfo: changeXml(changeOf(id)) } };
      }
    }
    throw new Route53Refusal(
      'InvalidAction',
      404,
      `The local Route 53 does not model ${request.method} ${request.path}`,
    );
  };

  return {
    service: {
      handle: async (request) => {
        try {
          const { root, content, status = 200 } = answer(request);
          return respond(status, document(root, namespace, content));
        } catch (error) {
          if (error instanceof Route53Refusal) return refuse(error);
          throw error;
        }
      },
    },
    admin: {
      createZone: ({ id, name, private: isPrivate = false, records = [] }) => {
        const zoneName = canonicalName(normaliseName(name));
        if (!isDomainName(name)) throw new Error(`${name} is not a domain name`);
        if (zones.has(id)) throw new Error(`there is already a hosted zone ${id}`);
        const sets = [...initialSets(zoneName), ...records];
        zones.set(id, { id, name: zoneName, private: isPrivate, callerReference: id, vpcs: [], sets });
        dns.zones.publish(zoneName, sets);
      },
      createHealthCheck: (check) => void checks.add(check),
      alarmIs: checks.alarmIs,
    },
  };
};

const refuse = (refusal: Route53Refusal): AwsResponse =>
  respond(
    refusal.status,
    document('ErrorResponse', namespace, {
      Error: { Type: 'Sender', Code: refusal.code, Message: refusal.message },
      RequestId: requestId(),
    }),
  );

const respond = (status: number, body: string): AwsResponse => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId() },
  body,
});

const requestId = (): string => crypto.randomUUID();

const identifier = (length: number): string =>
  [...randomBytes(length)].map((byte) => '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[byte % 36]).join('');
