import {
  CopyDBSnapshotCommand,
  CreateDBClusterCommand,
  type CreateDBClusterCommandInput,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBSnapshotCommand,
  type DBInstance,
  type DBSnapshot,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type DescribeDBSnapshotsCommandInput,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { Clock } from '../../local/clock.ts';
import type { RdsEnvelope } from '../../local/rds/events.ts';
import { requestHandlerOf } from '../../local/rds/in-process.ts';
import { openRdsRecords, type RdsRecords, type WorldOptions } from '../../local/rds/records-world.ts';
import type { Notification } from '../../local/rds/subscriptions.ts';
import { openVirtualClock } from '../../local/virtual-clock.ts';

export const minuteMs = 60_000;
export const region = 'eu-west-1';
export const elsewhere = 'eu-central-1';
export const master = { MasterUsername: 'master', MasterUserPassword: 'local-master-password' };
export const snapshotArn = (id: string, kind = 'snapshot') => `arn:aws:rds:${region}:111122223333:${kind}:${id}`;

const slow = {
  ...{ createMs: minuteMs, deleteMs: minuteMs, modifyMs: minuteMs, stopMs: minuteMs, startMs: minuteMs },
  ...{ rebootMs: minuteMs, restoreMs: minuteMs, snapshotMs: 10 * minuteMs, copyMs: 10 * minuteMs },
};

/** A world of records on a virtual clock that only the test moves, asked by real SDK clients without a socket. */
export class Records {
  readonly clock: Clock;
  readonly world: RdsRecords;
  readonly events: RdsEnvelope[] = [];
  readonly published: Notification[] = [];
  readonly errors: unknown[] = [];
  readonly #clients = new Map<string, RDSClient>();

  constructor(options: Partial<WorldOptions> = {}) {
    const onError = (error: unknown) => void this.errors.push(error);
    this.clock = openVirtualClock({ startMs: Date.UTC(2026, 7, 14, 10), onError });
    this.world = openRdsRecords({
      ...{ clock: this.clock, account: '111122223333', regions: [region, elsewhere], seed: 1, onError },
      emit: (event) => void this.events.push(event),
      publish: (notification) => void this.published.push(notification),
      ...options,
      durations: { ...slow, ...options.durations },
    });
  }

  rds(name = region): RDSClient {
    const known = this.#clients.get(name);
    if (known) return known;
    const client = new RDSClient({
      ...{ region: name, endpoint: 'http://rds.local', maxAttempts: 1 },
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
      requestHandler: requestHandlerOf(this.world.service),
    });
    this.#clients.set(name, client);
    return client;
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  async create(id: string, more: Partial<CreateDBInstanceCommandInput> = {}): Promise<DBInstance> {
    const input = { DBInstanceIdentifier: id, DBInstanceClass: 'db.m6i.large', Engine: 'postgres', ...master, ...more };
    return (await this.rds().send(new CreateDBInstanceCommand(input))).DBInstance!;
  }

  async createAvailable(id: string, more: Partial<CreateDBInstanceCommandInput> = {}): Promise<DBInstance> {
    await this.create(id, more);
    await this.advance(minuteMs);
    return this.describe(id);
  }

  async describe(id: string, name = region): Promise<DBInstance> {
    const { DBInstances } = await this.rds(name).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return DBInstances![0]!;
  }

  async snapshot(instance: string, id: string, more: object = {}): Promise<DBSnapshot> {
    const input = { DBInstanceIdentifier: instance, DBSnapshotIdentifier: id, ...more };
    return (await this.rds().send(new CreateDBSnapshotCommand(input))).DBSnapshot!;
  }

  async snapshots(input: DescribeDBSnapshotsCommandInput = {}, name = region): Promise<DBSnapshot[]> {
    return (await this.rds(name).send(new DescribeDBSnapshotsCommand(input))).DBSnapshots ?? [];
  }

  /** A cluster of Aurora that is available, without members. */
  async aurora(id: string, more: Partial<CreateDBClusterCommandInput> = {}): Promise<void> {
    const input = { DBClusterIdentifier: id, Engine: 'aurora-postgresql', ...master, ...more };
    await this.rds().send(new CreateDBClusterCommand(input));
    await this.advance(minuteMs);
  }

  plant(id: string, more: object = {}): void {
    this.world.admin.plantSnapshot(region, { id, instanceId: 'gone', createdAt: this.clock.now(), ...more });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy();
    await this.world.stop();
    this.clock.stop();
  }
}

/** Copies a snapshot of the first region into the other one under its own name. */
export const copyOnce = (aws: Records, id: string, more: object = {}) =>
  aws.rds(elsewhere).send(
    new CopyDBSnapshotCommand({
      SourceDBSnapshotIdentifier: snapshotArn(id),
      TargetDBSnapshotIdentifier: id,
      ...more,
    }),
  );
