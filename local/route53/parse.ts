import { XMLParser } from 'fast-xml-parser';
import { type RecordType, recordTypes } from '../dns/zone.ts';
import type { Change } from './changes.ts';
import { normaliseName } from './names.ts';
import { invalidInput, Route53Refusal } from './refusal.ts';
import type { ResourceRecordSet } from './zone.ts';

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: true,
  isArray: (name) => ['Change', 'ResourceRecord'].includes(name),
});

type Node = { readonly [name: string]: unknown };

/** The root element's content; refuses what isn't XML with that root. */
export const parseBody = (body: Buffer, root: string): Node => {
  let parsed: Node;
  try {
    parsed = parser.parse(body.toString('utf8'));
  } catch (error) {
    throw invalidInput(`The request body is not well-formed XML: ${(error as Error).message}`);
  }
  const content = parsed[root];
  if (typeof content !== 'object' || content === null) throw invalidInput(`The request body must be a ${root}`);
  return content as Node;
};

/** Text of a direct child, or undefined. */
export const text = (node: Node, name: string): string | undefined => {
  const value = node[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** A direct child with children of its own, or an empty node. */
export const child = (node: Node, name: string): Node => {
  const value = node[name];
  return typeof value === 'object' && value !== null ? (value as Node) : {};
};

const children = (node: Node, name: string): Node[] => (Array.isArray(node[name]) ? (node[name] as Node[]) : []);

/** The changes of a ChangeResourceRecordSets request, names normalised. */
export const parseChanges = (body: Buffer): Change[] => {
  const batch = child(parseBody(body, 'ChangeResourceRecordSetsRequest'), 'ChangeBatch');
  const changes = children(child(batch, 'Changes'), 'Change').map(parseChange);
  if (changes.length === 0) throw invalidInput('The change batch must contain at least one change');
  return changes;
};

const parseChange = (node: Node): Change => {
  const action = text(node, 'Action');
  if (action !== 'CREATE' && action !== 'DELETE' && action !== 'UPSERT') {
    throw invalidInput(
      `Value '${action ?? ''}' at 'action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]`,
    );
  }
  return { action, set: parseSet(child(node, 'ResourceRecordSet')) };
};

const parseSet = (node: Node): ResourceRecordSet => {
  if (node.AliasTarget !== undefined) throw invalidInput('Alias records are not modelled by the local Route 53');
  const name = text(node, 'Name');
  const type = text(node, 'Type');
  if (name === undefined) throw invalidInput('ResourceRecordSet must have a Name');
  if (!isRecordType(type)) {
    throw invalidInput(
      `Record type '${type ?? ''}' is not modelled by the local Route 53 (modelled: ${recordTypes.join(', ')})`,
    );
  }
  const values = children(child(node, 'ResourceRecords'), 'ResourceRecord').map(
    (record) => text(record, 'Value') ?? '',
  );
  const ttlSeconds = Number(text(node, 'TTL'));
  if (values.length === 0 || !Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > 2_147_483_647) {
    throw new Route53Refusal(
      'InvalidInput',
      400,
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none',
    );
  }
  return { name: normaliseName(name), type, ttlSeconds, values, ...routing(node) };
};

/** Weight, set identifier and the routing fields that are kept but not acted on. */
const routing = (node: Node): Partial<ResourceRecordSet> => {
  const setIdentifier = text(node, 'SetIdentifier');
  const weight = text(node, 'Weight');
  const region = text(node, 'Region');
  const failover = text(node, 'Failover');
  const multiValueAnswer = text(node, 'MultiValueAnswer');
  const healthCheckId = text(node, 'HealthCheckId');
  const policies = [weight, region, failover, multiValueAnswer].filter((policy) => policy !== undefined);
  if (policies.length > 0 !== (setIdentifier !== undefined) || policies.length > 1) {
    throw invalidInput(
      'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer] together with SetIdentifier, or neither',
    );
  }
  if (weight !== undefined && !(Number.isInteger(Number(weight)) && Number(weight) >= 0 && Number(weight) <= 255)) {
    throw invalidInput(`Invalid weight '${weight}': must be an integer between 0 and 255`);
  }
  return {
    ...(setIdentifier === undefined ? {} : { setIdentifier }),
    ...(weight === undefined ? {} : { weight: Number(weight) }),
    ...(region === undefined ? {} : { region }),
    ...(failover === undefined ? {} : { failover }),
    ...(multiValueAnswer === undefined ? {} : { multiValueAnswer: multiValueAnswer === 'true' }),
    ...(healthCheckId === undefined ? {} : { healthCheckId }),
  };
};

const isRecordType = (type: string | undefined): type is RecordType => recordTypes.some((known) => known === type);
