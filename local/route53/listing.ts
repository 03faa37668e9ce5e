import { type RecordType, recordTypes } from '../dns/zone.ts';
import type { HealthCheck } from './health-checks.ts';
import { compareNames, compareSets, normaliseName } from './names.ts';
import { invalidInput } from './refusal.ts';
import type { HostedZone, ResourceRecordSet } from './zone.ts';

/** One page, and where the next begins. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next?: Item; readonly maxItems: number };

/**
 * A page of ListResourceRecordSets: from (name, type, identifier) on, at most 300 (API reference). The start need not exist.
 * A type without a name, or an identifier without a type, is InvalidInput.
 */
export const pageOfSets = (sets: readonly ResourceRecordSet[], query: URLSearchParams): Page<ResourceRecordSet> => {
  const name = query.get('name');
  const type = query.get('type');
  const identifier = query.get('identifier');
  if (type !== null && name === null) throw invalidInput('The StartRecordType is specified without StartRecordName');
  if (identifier !== null && type === null)
    throw invalidInput('The StartRecordIdentifier is specified without StartRecordType');
  if (type !== null && !recordTypes.includes(type as RecordType)) throw invalidInput(`Unknown record type '${type}'`);
  const start = { name: name === null ? undefined : normaliseName(name), type, identifier };
  const rest = [...sets].sort(compareSets).filter((set) => isFrom(set, start));
  return cut(rest, maxItems(query, 300));
};

const isFrom = (
  set: ResourceRecordSet,
  start: { name: string | undefined; type: string | null; identifier: string | null },
): boolean => {
  if (start.name === undefined) return true;
  const from = { name: start.name, type: start.type ?? '', setIdentifier: start.identifier ?? '' };
  return compareSets(set, from) >= 0;
};

/** A page of ListHostedZonesByName, in reversed-label order (API reference). */
export const pageOfZones = (zones: readonly HostedZone[], query: URLSearchParams): Page<HostedZone> => {
  const dnsName = query.get('dnsname');
  const id = query.get('hostedzoneid');
  if (id !== null && dnsName === null) throw invalidInput('The HostedZoneId is specified without DNSName');
  const from = dnsName === null ? undefined : normaliseName(dnsName);
  const rest = [...zones]
    .sort((a, b) => compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1))
    .filter((zone) => {
      if (from === undefined) return true;
      const order = compareNames(zone.name, from);
      return order > 0 || (order === 0 && (id === null || zone.id >= id));
    });
  return cut(rest, maxItems(query, 100));
};

/** A page of ListHealthChecks, from the marker on; a marker that is none is refused (API reference). */
export const pageOfChecks = (checks: readonly HealthCheck[], query: URLSearchParams): Page<HealthCheck> => {
  const marker = query.get('marker');
  const from = marker === null ? 0 : checks.findIndex(({ id }) => id === marker);
  if (from < 0) throw invalidInput(`No health check has the marker ${marker}`);
  return cut(checks.slice(from), maxItems(query, 100));
};

const cut = <Item>(rest: readonly Item[], size: number): Page<Item> => {
  const next = rest[size];
  return { items: rest.slice(0, size), maxItems: size, ...(next === undefined ? {} : { next }) };
};

const maxItems = (query: URLSearchParams, most: number): number => {
  const asked = Number(query.get('maxitems') ?? most);
  if (!Number.isInteger(asked) || asked < 1) throw invalidInput(`MaxItems must be a number from 1 to ${most}`);
  return Math.min(asked, most);
};
