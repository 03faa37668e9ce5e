import { Resolver } from 'node:dns/promises';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetCheckerIpRangesCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Clock, openClock } from '../../local/clock.ts';
import { type Dns, openDns } from '../../local/dns/server.ts';
import { openRoute53, type Route53 } from '../../local/route53/route53.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';

const zoneId = 'Z0LOCAL';
const propagationMs = 60_000;
let clock: Clock;
let dns: Dns;
let stop: () => Promise<void>;
let route53: Route53;
let client: Route53Client;
let resolver: Resolver;

beforeEach(async () => {
  clock = openClock();
  dns = await openDns();
  route53 = openRoute53({ clock, dns, propagationMs });
  route53.admin.createZone({ id: zoneId, name: 'estate.internal', private: true });
  const server = await serve(route53.service);
  client = new Route53Client(clientSettings('us-east-1', server.endpoint));
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([dns.address]);
  stop = async () => {
    client.destroy();
    await server.stop();
    await dns.stop();
    clock.stop();
  };
});

afterEach(() => stop());

const cname = (value: string, name = 'ledger.estate.internal', ttl = 1) => ({
  Name: name,
  Type: 'CNAME' as const,
  TTL: ttl,
  ResourceRecords: [{ Value: value }],
});
const address = (value: string, name: string) => ({
  Name: name,
  Type: 'A' as const,
  TTL: 5,
  ResourceRecords: [{ Value: value }],
});

const change = (...changes: Change[]) =>
  client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } }));
const onAlarm = (id: string, alarm: string) => ({
  id,
  callerReference: id,
  alarm: { region: 'eu-central-1', name: alarm },
  inverted: false,
  insufficientData: 'LastKnownStatus' as const,
});
const create = (set: Change['ResourceRecordSet']): Change => ({ Action: 'CREATE', ResourceRecordSet: set });
const remove = (set: Change['ResourceRecordSet']): Change => ({ Action: 'DELETE', ResourceRecordSet: set });
const upsert = (set: Change['ResourceRecordSet']): Change => ({ Action: 'UPSERT', ResourceRecordSet: set });

const names = async () => {
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  return ResourceRecordSets.map((set) => `${set.Name} ${set.Type}`);
};

test('a change is listed at once, but a resolver sees it only when it has propagated', async () => {
  const { ChangeInfo } = await change(create(cname('a.rds.amazonaws.com')));
  expect(ChangeInfo?.Status).toBe('PENDING');
  expect(await names()).toContain('ledger.estate.internal. CNAME');
  await expect(resolver.resolveCname('ledger.estate.internal')).rejects.toMatchObject({ code: 'ENOTFOUND' });

  await clock.advance(propagationMs);

  const { ChangeInfo: later } = await client.send(new GetChangeCommand({ Id: ChangeInfo!.Id! }));
  expect(later?.Status).toBe('INSYNC');
  expect(await resolver.resolveCname('ledger.estate.internal')).toEqual(['a.rds.amazonaws.com']);
});

test('each change is answered from DNS in the order in which it was accepted, one whole batch at a time', async () => {
  const epoch = (text: string) => ({ ...cname(`"${text}"`, 'epoch.estate.internal'), Type: 'TXT' as const });
  await change(create(cname('a.')), create(epoch('1')));
  await clock.advance(propagationMs / 2);
  await change(remove(cname('a.')), create(cname('b.')), upsert(epoch('2')));
  await clock.advance(propagationMs / 2 + 1);
  expect([
    await resolver.resolveCname('ledger.estate.internal'),
    await resolver.resolveTxt('epoch.estate.internal'),
  ]).toEqual([['a'], [['1']]]);
  await clock.advance(propagationMs / 2);
  expect([
    await resolver.resolveCname('ledger.estate.internal'),
    await resolver.resolveTxt('epoch.estate.internal'),
  ]).toEqual([['b'], [['2']]]);
});

test('fifty racing compare-and-swaps have one winner, and the losers changed nothing', async () => {
  await change(create(cname('old.')));
  const racers = Array.from({ length: 50 }, (_, i) =>
    change(
      remove(cname('old.')),
      create(cname(`new-${i}.`)),
      create(address('127.0.0.1', `mark-${i}.estate.internal`)),
    ),
  );
  const results = await Promise.allSettled(racers);
  const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
  expect(winners).toHaveLength(1);
  expect((await names()).filter((name) => name.startsWith('mark-'))).toEqual([`mark-${winners[0]}.estate.internal. A`]);
  const loser = results.find((result) => result.status === 'rejected');
  expect(loser?.reason).toMatchObject({ name: 'InvalidChangeBatch' });
  expect(loser?.reason.message).toContain('but the values provided do not match the current values');
});

test('DELETE must name the set exactly: TTL and values, whatever their case-insensitive name', async () => {
  await change(create(cname('old.')));
  await expect(change(remove(cname('old.', 'ledger.estate.internal', 2)))).rejects.toThrow(
    'do not match the current values',
  );
  await expect(change(remove(cname('x.', 'gone.estate.internal')))).rejects.toThrow('but it was not found');
  await change(remove(cname('old.', 'LEDGER.estate.internal.')));
  expect(await names()).not.toContain('ledger.estate.internal. CNAME');
});

test('CREATE of what is there is refused, UPSERT replaces it', async () => {
  await change(create(address('127.0.0.1', 'a.estate.internal')));
  await expect(change(create(address('127.0.0.1', 'a.estate.internal')))).rejects.toThrow(
    "Tried to create resource record set [name='a.estate.internal.', type='A'] but it already exists",
  );
  await change(upsert(address('127.0.0.2', 'a.estate.internal')));
  await clock.advance(2 * propagationMs);
  expect(await resolver.resolve4('a.estate.internal')).toEqual(['127.0.0.2']);
});

test('what a zone can not hold is refused', async () => {
  await change(create(address('127.0.0.1', 'a.estate.internal')), create(cname('t.', 'c.estate.internal')));
  const refused: [Change, string][] = [
    [create(cname('t.', 'a.estate.internal')), 'conflicts with other records'],
    [create(address('127.0.0.1', 'c.estate.internal')), 'a conflicting RRSet of type CNAME'],
    [create(cname('t.', 'estate.internal')), 'not permitted at apex'],
    [create(address('127.0.0.1', 'a.example.org')), 'is not permitted in zone'],
    [create(address('127.0.0.256', 'b.estate.internal')), 'not a valid IPv4 address'],
    [create({ ...cname('bare', 'txt.estate.internal'), Type: 'TXT' }), 'enclosed in quotation marks'],
    [upsert({ ...address('127.0.0.1', 'b.estate.internal'), SetIdentifier: 'x' }), 'together with SetIdentifier'],
  ];
  for (const [one, message] of refused) await expect(change(one)).rejects.toThrow(message);
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  const apex = ResourceRecordSets.filter((set) => set.Name === 'estate.internal.');
  for (const set of apex) await expect(change(remove(set))).rejects.toThrow('A HostedZone must contain');
});

test('every problem of a batch is reported, and a contradictory batch is one', async () => {
  const both = change(remove(cname('x.')), create(address('bad', 'b.estate.internal')));
  await expect(both).rejects.toThrow(/not found.*not a valid IPv4/);
  const twice = change(upsert(cname('x.')), upsert(cname('y.')));
  await expect(twice).rejects.toThrow('invalid set of changes');
});

test('a record may change its type in one batch', async () => {
  await change(create(address('127.0.0.1', 'a.estate.internal')));
  await change(remove(address('127.0.0.1', 'a.estate.internal')), create(cname('t.', 'a.estate.internal')));
  expect(await names()).toContain('a.estate.internal. CNAME');
});

test('a batch is refused above 1,000 values, where an UPSERT counts twice', async () => {
  const many = (action: 'CREATE' | 'UPSERT') =>
    Array.from(
      { length: 501 },
      (_, i): Change => ({ Action: action, ResourceRecordSet: address('127.0.0.1', `n${i}.estate.internal`) }),
    );
  await expect(change(...many('UPSERT'))).rejects.toThrow('limit of 1000');
  await change(...many('CREATE'));
});

test('sets are listed in reversed-label order, page by page, from where one asks', async () => {
  await change(
    create(address('127.0.0.1', 'b.estate.internal')),
    create(address('127.0.0.1', 'z.a.estate.internal')),
    create({ ...cname('"t"', 'b.estate.internal'), Type: 'TXT' }),
    create(address('127.0.0.1', '*.estate.internal')),
  );
  const seen: string[] = [];
  let start: { StartRecordName?: string | undefined; StartRecordType?: 'A' | undefined } = {};
  for (;;) {
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, MaxItems: 2, ...start }));
    seen.push(...(page.ResourceRecordSets ?? []).map((set) => `${set.Name} ${set.Type}`));
    if (!page.IsTruncated) break;
    start = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType as 'A' };
  }
  expect(seen).toEqual([
    'estate.internal. NS',
    'estate.internal. SOA',
    '\\052.estate.internal. A',
    'z.a.estate.internal. A',
    'b.estate.internal. A',
    'b.estate.internal. TXT',
  ]);
});

test('weights and set identifiers are kept, and told apart on DELETE', async () => {
  route53.admin.createHealthCheck(onAlarm('hc-1', 'a'));
  const reader = (id: string, weight: number) => ({
    ...address('127.0.0.1', 'read.estate.internal'),
    SetIdentifier: id,
    Weight: weight,
    HealthCheckId: 'hc-1',
  });
  await change(create(reader('a', 10)), create(reader('b', 0)));
  await expect(change(remove(reader('a', 11)))).rejects.toThrow("set identifier='a'");
  await expect(change(create(address('127.0.0.1', 'read.estate.internal')))).rejects.toThrow('cannot be created');
  const { ResourceRecordSets } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordName: 'read.estate.internal' }),
  );
  expect(ResourceRecordSets).toMatchObject([
    { SetIdentifier: 'a', Weight: 10, HealthCheckId: 'hc-1' },
    { SetIdentifier: 'b', Weight: 0 },
  ]);
});

test('zones are made, found by name and described; what is not there has its own error', async () => {
  const { HostedZone, ChangeInfo, DelegationSet } = await client.send(
    new CreateHostedZoneCommand({ Name: 'Example.org', CallerReference: 'once' }),
  );
  expect([ChangeInfo?.Status, DelegationSet?.NameServers?.length]).toEqual(['PENDING', 4]);
  await expect(
    client.send(new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: 'once' })),
  ).rejects.toMatchObject({ name: 'HostedZoneAlreadyExists' });
  const found = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'example.org' }));
  expect(found.HostedZones?.map((zone) => zone.Id)).toEqual([HostedZone?.Id]);
  const all = await client.send(new ListHostedZonesByNameCommand({}));
  expect(all.HostedZones?.map((zone) => zone.Name)).toEqual(['estate.internal.', 'example.org.']);
  const ours = await client.send(new GetHostedZoneCommand({ Id: zoneId }));
  expect(ours.HostedZone).toMatchObject({
    Id: `/hostedzone/${zoneId}`,
    Config: { PrivateZone: true },
    ResourceRecordSetCount: 2,
  });
  await expect(client.send(new GetHostedZoneCommand({ Id: 'ZNONE' }))).rejects.toMatchObject({
    name: 'NoSuchHostedZone',
  });
  await expect(client.send(new GetChangeCommand({ Id: 'CNONE' }))).rejects.toMatchObject({ name: 'NoSuchChange' });
});

test('an API that is not modelled says so', async () => {
  await expect(client.send(new GetCheckerIpRangesCommand({}))).rejects.toThrow('does not model GET');
});
