import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDns } from '../../../local/dns/server.ts';
import { openAuthority } from '../../../local/rds/authority.ts';
import { type Reply, startWireServer, type WireServer } from './mysql-server.ts';

export const HOST = 'ledger.c9example.eu-west-1.rds.amazonaws.com';
export const ADDRESS = '127.0.0.1';

/** A name under RDS's domain, an authority that its certificates are signed by, and servers that say what a test wants. */
export const openWire = async () => {
  const servers: WireServer[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-wire-'));
  const before = { ...process.env };
  const authority = await openAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  const dns = await openDns();
  dns.zones.publish('rds.amazonaws.com.', [
    {
      name: 'rds.amazonaws.com.',
      type: 'SOA',
      ttlSeconds: 60,
      values: ['ns.rds.amazonaws.com. a.rds.amazonaws.com. 1 1 1 1 1'],
    },
    { name: `${HOST}.`, type: 'A', ttlSeconds: 5, values: [ADDRESS] },
  ]);
  Object.assign(process.env, {
    MAINSTAY_DNS: dns.address,
    MAINSTAY_DB_CA: join(folder, 'ca.pem'),
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const stopServers = async () => {
    await Promise.all(servers.splice(0).map((one) => one.stop()));
  };
  return {
    servers,
    stopServers,
    /** A server under HOST, with a certificate of this name; with an empty one it offers no TLS. */
    at: async (answer: (sql: string) => Reply, certified = HOST) => {
      const certificate = certified === '' ? undefined : await authority.issue(certified);
      const server = await startWireServer(ADDRESS, certificate, answer);
      servers.push(server);
      return { host: HOST, port: server.port };
    },
    stop: async () => {
      await stopServers();
      await dns.stop();
      process.env = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
