import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TCPClient } from 'dns2';
import { answer } from '../../local/dns/answer.ts';
import { type Dns, openDns } from '../../local/dns/server.ts';
import { createZones, type RecordSet } from '../../local/dns/zone.ts';

const set = (name: string, type: RecordSet['type'], ...values: string[]): RecordSet => ({
  name,
  type,
  ttlSeconds: 5,
  values,
});

let dns: Dns;
let resolver: Resolver;

beforeAll(async () => {
  dns = await openDns();
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([dns.address]);
  dns.zones.publish('estate.internal.', [
    {
      ...set('estate.internal.', 'SOA', 'ns.estate.internal. admin.estate.internal. 1 7200 900 1209600 60'),
      ttlSeconds: 900,
    },
    set('estate.internal.', 'NS', 'ns.estate.internal.'),
    set('ledger.estate.internal.', 'CNAME', 'a.c9example.eu-west-1.rds.amazonaws.com.'),
    set('chain.estate.internal.', 'CNAME', 'ledger.estate.internal.'),
    set('lost.estate.internal.', 'CNAME', 'nothing.estate.internal.'),
    set('away.estate.internal.', 'CNAME', 'www.example.org.'),
    set('loop.estate.internal.', 'CNAME', 'loop.estate.internal.'),
    set('a.b.estate.internal.', 'A', '127.0.0.9'),
    set('epoch.estate.internal.', 'TXT', '"epoch=3" "second \\"string\\""'),
    set('many.estate.internal.', 'TXT', ...Array.from({ length: 30 }, (_, i) => `"${'x'.repeat(60)}${i}"`)),
  ]);
  dns.zones.publish('rds.amazonaws.com.', [set('a.c9example.eu-west-1.rds.amazonaws.com.', 'A', '127.0.0.2')]);
});

afterAll(() => dns.stop());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: { code?: string }) => error.code,
  );

test('a CNAME chain is answered through to its address, across zones that we own', async () => {
  expect(await resolver.resolve4('chain.estate.internal', { ttl: true })).toEqual([{ address: '127.0.0.2', ttl: 5 }]);
  expect(await resolver.resolveCname('chain.estate.internal')).toEqual(['ledger.estate.internal']);
});

test('names compare without case', async () => {
  expect(await resolver.resolve4('A.B.Estate.INTERNAL')).toEqual(['127.0.0.9']);
});

test('a name that is not there is NXDOMAIN, also at the end of a chain', async () => {
  expect(await codeOf(resolver.resolve4('no.estate.internal'))).toBe('ENOTFOUND');
  expect(await codeOf(resolver.resolve4('lost.estate.internal'))).toBe('ENOTFOUND');
});

test('a name without that type, or with only names below it, is NODATA', async () => {
  expect(await codeOf(resolver.resolveTxt('a.b.estate.internal'))).toBe('ENODATA');
  expect(await codeOf(resolver.resolve4('b.estate.internal'))).toBe('ENODATA');
});

test('a zone that is not ours is refused', async () => {
  expect(await codeOf(resolver.resolve4('www.example.org'))).toBe('EREFUSED');
});

test('TXT strings keep their boundaries and escapes', async () => {
  expect(await resolver.resolveTxt('epoch.estate.internal')).toEqual([['epoch=3', 'second "string"']]);
});

test('an answer too long for UDP arrives over TCP', async () => {
  expect(await resolver.resolveTxt('many.estate.internal')).toHaveLength(30);
  const [host, port] = dns.address.split(':');
  const overTcp = await TCPClient({ dns: host!, port: Number(port) })('many.estate.internal', 'TXT');
  expect(overTcp.answers).toHaveLength(30);
  expect(overTcp.header.aa).toBe(1);
});

test('SOA is served with its numbers', async () => {
  expect(await resolver.resolveSoa('estate.internal')).toMatchObject({ serial: 1, minttl: 60 });
});

test('a taken port is said with its number', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  await expect(openDns({ port })).rejects.toThrow(`port ${port}`);
  blocker.close();
});

test('a negative answer carries the SOA with the smaller of its two TTLs', () => {
  const found = answer(dns.zones, { name: 'no.estate.internal', type: 'A' }, 0);
  expect(found.authorities).toMatchObject([{ type: 'SOA', ttlSeconds: 60 }]);
});

test('a chain that leaves our zones or goes in circles ends with what we know', () => {
  expect(answer(dns.zones, { name: 'away.estate.internal', type: 'A' }, 0)).toMatchObject({
    code: 'NOERROR',
    answers: [{ type: 'CNAME', value: 'www.example.org.' }],
  });
  expect(answer(dns.zones, { name: 'loop.estate.internal', type: 'A' }, 0).answers).toHaveLength(1);
});

test('weighted sets are answered one at a time, in proportion, and weight 0 never beside others', () => {
  const zones = createZones();
  const reader = (id: string, weight: number, address: string) => ({
    ...set('r.estate.internal.', 'A', address),
    setIdentifier: id,
    weight,
  });
  zones.publish('estate.internal.', [
    reader('a', 3, '127.0.0.1'),
    reader('b', 1, '127.0.0.2'),
    reader('c', 0, '127.0.0.3'),
  ]);
  const seen = [0, 0.5, 0.74, 0.76, 0.999].map(
    (random) => answer(zones, { name: 'r.estate.internal', type: 'A' }, random).answers.map((one) => one.value)[0],
  );
  expect(seen).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2']);
});
