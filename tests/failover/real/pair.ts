import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { rdsBuilding } from '../../../functions/failover/aws/building.ts';
import { rdsDoor } from '../../../functions/failover/aws/door.ts';
import { primaryOf, replicaOf } from '../../../functions/failover/aws/engine-sql.ts';
import { rdsDatabases, rdsInstances } from '../../../functions/failover/aws/instances.ts';
import { alarmFlip } from '../../../functions/failover/aws/name-flip.ts';
import { answerOfResolver } from '../../../functions/failover/aws/name-servers.ts';
import { route53Names } from '../../../functions/failover/aws/names.ts';
import { rdsOldPrimary } from '../../../functions/failover/aws/old-primary.ts';
import { rdsPromotion } from '../../../functions/failover/aws/promotion.ts';
import type { Policy } from '../../../functions/failover/core/policy.ts';
import {
  fencePrimary,
  type GuardPorts,
  observePrimary,
  quiescePrimary,
  unfencePrimary,
} from '../../../functions/failover/run/guard.ts';
import { observeReplica } from '../../../functions/failover/run/observer.ts';
import type { ReconcilerPorts } from '../../../functions/failover/run/reconcile.ts';
import { witnessPair } from '../../../functions/failover/run/witness.ts';
import { openClock } from '../../../local/clock.ts';
import { openDns } from '../../../local/dns/server.ts';
import { statementsOf } from '../../../local/engines/mysql-script.ts';
import { openRun } from '../../../local/engines/run.ts';
import type { LocalService } from '../../../local/gateway/service.ts';
import { openRdsWorld } from '../../../local/rds/world.ts';
import { openRoute53 } from '../../../local/route53/route53.ts';
import { openDatabase } from '../../../shared/database/login.ts';
import { openMysql } from '../../../shared/database/mysql.ts';
import { serve } from '../../local-rds/aws-server.ts';
import { asMutated } from '../../mutants/in-force.ts';
import { memoryRecords } from '../simulation/memory-records.ts';

const PRIMARY = 'eu-west-1';
const RECOVERY = 'eu-central-1';
export const WRITER = 'ledger.estate.internal';
const PROPAGATION_MS = 200;
const secret = { dbname: 'ledger', username: 'mainstay', password: 'guard-password' };

export const policy: Policy = {
  pair: 'ledger',
  mode: 'armed',
  fence: 'confirmed',
  primary: { instance: 'ledger-primary', region: PRIMARY },
  replica: { instance: 'ledger-replica', region: RECOVERY },
  applicationRoles: ['app'],
  fencedSecurityGroups: { [PRIMARY]: 'sg-fenced' },
  names: { zoneId: 'Z0PAIR', writer: WRITER, ttlSeconds: 1 },
  confirmSeconds: 4,
  selfHealSeconds: 8,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 0.5,
};

export type Engine = 'postgres' | 'mariadb';

const text = (file: string): string =>
  asMutated(
    `functions/failover/${file}`,
    readFileSync(new URL(`../../../functions/failover/${file}`, import.meta.url), 'utf8'),
  );

/** What an owner does by hand in each engine: setup.sql as its README says, a table and the application's own role. */
const BY_HAND: Readonly<Record<Engine, { port: number; statements: readonly string[] }>> = {
  postgres: {
    port: 5432,
    statements: [
      text('setup.sql'),
      `alter role mainstay password '${secret.password}'; create role app login password '${secret.password}';
       create table entry (number bigint primary key); grant select, insert on entry to app;`,
    ],
  },
  mariadb: {
    port: 3306,
    statements: [
      ...statementsOf(text('setup.mysql.sql')),
      `alter user mainstay identified by '${secret.password}' require ssl account unlock`,
      `create user app identified by '${secret.password}'`,
      'create table ledger.entry (number bigint primary key)',
      'grant select, insert on ledger.entry to app',
    ],
  },
};

/** An application's login through the name: one numbered row each time. */
export const openWriter = async (engine: Engine) => {
  const login = { kind: 'secret', secretId: 'app' } as const;
  const where = { region: PRIMARY, timeoutMs: 1_000 };
  if (engine === 'postgres') {
    const database = await openDatabase(login, where);
    return {
      write: (number: number) => database.query('insert into entry values ($1)', [number]),
      close: database.close,
    };
  }
  const database = await openMysql(login, where);
  return {
    write: (number: number) => database.query('insert into ledger.entry values (?)', [number]),
    close: database.close,
  };
};

/** Two real servers of one engine with its own replication, a real DNS server, the real adapters; the functions in this process. */
export const openPair = async (engine: Engine = 'postgres') => {
  const run = await openRun({ owner: 'failover-real-pair' });
  const clock = openClock();
  const dns = await openDns();
  const world = await openRdsWorld({
    run,
    clock,
    dns,
    account: '111122223333',
    regions: [PRIMARY, RECOVERY],
    emit: () => {},
  });
  const route53 = openRoute53({ clock, dns, propagationMs: PROPAGATION_MS });
  const secrets: LocalService = {
    handle: async ({ body }) => {
      const { SecretId } = JSON.parse(body.toString()) as { SecretId: string };
      const login =
        SecretId === 'app'
          ? { ...secret, username: 'app' }
          : SecretId === 'master'
            ? { ...secret, username: 'master' }
            : secret;
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({ SecretString: JSON.stringify({ host: WRITER, port: BY_HAND[engine].port, ...login }) }),
      };
    },
  };
  const services: Record<string, LocalService> = {
    rds: world.service,
    route53: route53.service,
    secretsmanager: secrets,
  };
  const server = await serve({
    handle: (request) => services[request.service]?.handle(request) ?? Promise.resolve({ status: 501, body: '' }),
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'local',
    MAINSTAY_DNS: dns.address,
    MAINSTAY_DB_CA: world.caFile,
  });
  const stop = async () => {
    await server.stop();
    await world.stop();
    await dns.stop();
    clock.stop();
    await run.stop();
  };
  try {
    await build();
  } catch (error) {
    await stop();
    throw error;
  }
  return { world, ports: portsOfPair(engine, dns.address), stop, server: dns.address };

  /** By the master's own login, which is no superuser's. */
  async function asMaster(host: string, statement: string): Promise<void> {
    const login = { kind: 'secret', secretId: 'master' } as const;
    const where = { region: PRIMARY, host, timeoutMs: 10_000 };
    const database = await (engine === 'postgres' ? openDatabase(login, where) : openMysql(login, where));
    try {
      await database.query(statement);
    } finally {
      await database.close();
    }
  }

  async function build(): Promise<void> {
    const [here, there] = [new RDSClient({ region: PRIMARY }), new RDSClient({ region: RECOVERY })];
    const made = await here.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: policy.primary.instance,
        Engine: engine,
        DBInstanceClass: 'db.m8g.large',
        AllocatedStorage: 20,
        DBName: 'ledger',
        MasterUsername: 'master',
        MasterUserPassword: secret.password,
        BackupRetentionPeriod: 7,
        VpcSecurityGroupIds: ['sg-open'],
      }),
    );
    const host = await available(here, policy.primary.instance);
    for (const statement of BY_HAND[engine].statements) await asMaster(host, statement);
    await there.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: policy.replica.instance,
        SourceDBInstanceIdentifier: made.DBInstance?.DBInstanceArn ?? '',
        VpcSecurityGroupIds: ['sg-open'],
      }),
    );
    await available(there, policy.replica.instance);
    route53.admin.createZone({ id: policy.names.zoneId, name: 'estate.internal' });
    await route53Names({ only: dns.address, timeoutMs: 1_000 }).swap(policy.names.zoneId, {
      deletes: [],
      creates: [{ name: WRITER, type: 'CNAME', ttlSeconds: 1, value: host }],
    });
    // The first test must not ask for a name that no server has yet.
    await sleep(2 * PROPAGATION_MS);
    here.destroy();
    there.destroy();
  }
};

const available = async (rds: RDSClient, id: string): Promise<string> => {
  for (;;) {
    const [one] = (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances ?? [];
    if (one?.DBInstanceStatus === 'available' && one.Endpoint?.Address) return one.Endpoint.Address;
    await sleep(100);
  }
};

const portsOfPair = (engine: Engine, dns: string): ReconcilerPorts => {
  const pair = { engine, login: { kind: 'secret', secretId: 'guard' } } as const;
  const guards = new Map(
    [PRIMARY, RECOVERY].map((region): [string, GuardPorts] => [
      region,
      {
        region,
        instances: { ...rdsInstances(region), ...rdsDoor(region) },
        sql: primaryOf(pair, region),
        now: Date.now,
      },
    ]),
  );
  const guard = (region: string): GuardPorts => guards.get(region) as GuardPorts;
  const observer = (region: string) => replicaOf(pair, region);
  return {
    records: memoryRecords(),
    observers: {
      guard: (target, _pair, epoch) => observePrimary(guard(target.region), policy, target, epoch),
      witness: (target, pair, epoch) =>
        witnessPair(
          { guard: () => observePrimary(guard(target.region), policy, target, epoch), now: Date.now },
          target,
          pair,
          epoch,
        ),
      replica: (region, _pair, at) => observeReplica(observer(region), at, Date.now(), policy.applicationRoles),
      resolve: (_region, _pair, name) => answerOfResolver(name, 1_000, dns),
    },
    fencing: {
      fence: (order) => fencePrimary(guard(order.target.region), policy, order).then(() => {}),
      quiesce: (order) => quiescePrimary(guard(order.target.region), policy, order),
      unfence: (order) => unfencePrimary(guard(order.target.region), policy, order),
    },
    opening: {
      open: (region, _pair, at, epoch) => observer(region).open(at, policy.applicationRoles, Date.now(), epoch),
    },
    instances: { ...rdsDatabases(), ...rdsPromotion() },
    names: { ...route53Names({ only: dns, timeoutMs: 1_000 }), ...alarmFlip(RECOVERY, 'test') },
    secondChannel: { publish: async () => {} },
    old: rdsOldPrimary(),
    building: rdsBuilding(),
    announce: { leaderChanged: async () => {}, page: async () => {} },
    clock: { now: Date.now, sleep: (ms) => sleep(ms).then(() => {}) },
  };
};
