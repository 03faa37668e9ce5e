import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { Client } from 'pg';
import { type Clock, openClock } from '../../local/clock.ts';
import { type Dns, openDns } from '../../local/dns/server.ts';
import { openRun } from '../../local/engines/run.ts';
import type { RdsEnvelope } from '../../local/rds/events.ts';
import type { Durations } from '../../local/rds/types.ts';
import { openRdsWorld, type RdsWorld } from '../../local/rds/world.ts';
import { clientSettings, serve } from './aws-server.ts';

export const account = '111122223333';
export const master = { MasterUsername: 'master', MasterUserPassword: 'local-master-password' };

/** An RDS world with everything that a customer's side needs: clients, DNS, logins. */
export type Harness = {
  readonly world: RdsWorld;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly events: RdsEnvelope[];
  readonly errors: unknown[];
  /** Lets what was asked for begin, then moves the clock on. */
  advance(ms: number): Promise<void>;
  rds(region: string): RDSClient;
  describe(region: string, id: string): Promise<DBInstance>;
  /** Waits (wall time) until the instance is as wanted. */
  until(region: string, id: string, isWanted: (instance: DBInstance) => boolean): Promise<DBInstance>;
  /** A connection as a customer makes it: name → DNS → address, TLS verify-full, the master's password. */
  login(
    name: string,
    options?: { user?: string; password?: string; timeoutMs?: number; database?: string },
  ): Promise<Client>;
  stop(): Promise<void>;
};

export const openHarness = async (durations: Partial<Durations> = {}): Promise<Harness> => {
  const run = await openRun({ owner: 'rds-test', say: () => {} });
  const clock = openClock();
  const dns = await openDns();
  const events: RdsEnvelope[] = [];
  const errors: unknown[] = [];
  const world = await openRdsWorld({
    ...{ run, clock, dns, account, durations },
    regions: ['eu-west-1', 'eu-central-1'],
    emit: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  const server = await serve(world.service);
  const clients = new Map<string, RDSClient>();
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([dns.address]);
  const open = new Set<Client>();

  const rds = (region: string): RDSClient => {
    const client = clients.get(region) ?? new RDSClient(clientSettings(region, server.endpoint));
    clients.set(region, client);
    return client;
  };
  const describe = async (region: string, id: string): Promise<DBInstance> => {
    const { DBInstances = [] } = await rds(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return DBInstances[0]!;
  };

  return {
    ...{ world, clock, dns, events, errors, rds, describe },
    advance: async (ms) => {
      await clock.advance(0);
      await clock.advance(ms);
    },
    until: async (region, id, isWanted) => {
      for (const untilMs = Date.now() + 20_000; ; ) {
        const instance = await describe(region, id);
        if (isWanted(instance)) return instance;
        if (errors.length > 0) throw errors[0];
        if (Date.now() > untilMs) throw new Error(`${id} stayed ${JSON.stringify(instance)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    login: async (
      name,
      { user = 'master', password = master.MasterUserPassword, timeoutMs = 3_000, database = 'ledger' } = {},
    ) => {
      const names = await resolver.resolveCname(name).catch(() => [name]);
      const [host] = await resolver.resolve4(name);
      const client = new Client({
        host: host!,
        port: 5432,
        ...{ user, password, database, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs },
        ssl: { ca: readFileSync(world.caFile, 'utf8'), servername: names[0]! },
      });
      client.on('error', () => {});
      await client.connect();
      open.add(client);
      return client;
    },
    stop: async () => {
      await Promise.all([...open].map((client) => client.end().catch(() => {})));
      for (const client of clients.values()) client.destroy();
      await server.stop();
      await world.stop();
      await dns.stop();
      clock.stop();
      await run.stop();
    },
  };
};
