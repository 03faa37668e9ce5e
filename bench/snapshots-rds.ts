import type { AwsRequest } from '../local/gateway/service.ts';
import { openRdsRecords } from '../local/rds/records-world.ts';
import { openVirtualClock } from '../local/virtual-clock.ts';

// The local RDS in this process, without a socket and without a server: databases are records, calls are counted.

/** A database of the estate, as the wing's core knows it. */
export interface EstateDatabase {
  kind: 'instance';
  id: string;
  resourceId: string;
  arn: string;
  engine: string;
  status: string;
  tags: Readonly<Record<string, string>>;
}

export interface CountedRds {
  region: string;
  account: string;
  /** By action. */
  calls: Map<string, number>;
  /** What an SDK client takes. */
  requestHandler: { handle(request: SdkRequest): Promise<{ response: SdkResponse }> };
  createDatabase(id: string, tags: Readonly<Record<string, string>>): Promise<EstateDatabase>;
  plant(
    database: EstateDatabase,
    snapshot: {
      id: string;
      type: 'manual' | 'automated';
      createdAt: number;
      tags?: Readonly<Record<string, string>>;
    },
  ): void;
  advanceTo(ms: number): Promise<void>;
}

interface SdkRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Buffer;
}

const region = 'eu-west-1';
const account = '111122223333';

/** Opens an empty one whose clock stands at `startMs`. */
export const openCountedRds = (startMs: number): CountedRds => {
  const clock = openVirtualClock({ startMs });
  const world = openRdsRecords({
    ...{ clock, account, regions: [region], emit: () => {}, seed: 1 },
    quotas: { manualSnapshots: 1_000_000, instances: 1_000_000 },
  });

  const calls = new Map<string, number>();
  const send = async (body: string): Promise<SdkResponse> => {
    const action = new URLSearchParams(body).get('Action') ?? '';
    calls.set(action, (calls.get(action) ?? 0) + 1);
    const request: AwsRequest = {
      ...{ service: 'rds', region, account, method: 'POST', path: '/' },
      ...{ query: new URLSearchParams(), headers: {}, body: Buffer.from(body) },
    };
    const { status, headers, body: answer } = await world.service.handle(request);
    return { statusCode: status, headers: { ...headers }, body: Buffer.from(answer) };
  };

  return {
    region,
    account,
    calls,
    requestHandler: { handle: async ({ body }) => ({ response: await send(String(body ?? '')) }) },
    createDatabase: async (id, tags) => {
      const form = new URLSearchParams({
        ...{ Action: 'CreateDBInstance', Version: '2014-10-31', DBInstanceIdentifier: id, Engine: 'mysql' },
        ...{
          DBInstanceClass: 'db.t4g.micro',
          StorageEncrypted: 'true',
          MasterUsername: 'master',
          MasterUserPassword: 'local-master-password',
        },
      });
      for (const [index, [key, value]] of Object.entries(tags).entries()) {
        form.set(`Tags.Tag.${index + 1}.Key`, key);
        form.set(`Tags.Tag.${index + 1}.Value`, value);
      }
      const answer = (await send(form.toString())).body.toString();
      const resourceId = /<DbiResourceId>(.*?)<\/DbiResourceId>/.exec(answer)?.[1];
      const arn = /<DBInstanceArn>(.*?)<\/DBInstanceArn>/.exec(answer)?.[1];
      if (resourceId === undefined || arn === undefined) throw new Error(`${id} was not created: ${answer}`);
      return { kind: 'instance', id, resourceId, arn, engine: 'mysql', status: 'available', tags };
    },
    plant: (database, { tags, ...snapshot }) =>
      world.admin.plantSnapshot(region, {
        ...snapshot,
        instanceId: database.id,
        tags: Object.entries(tags ?? {}).map(([key, value]) => ({ key, value })),
      }),
    advanceTo: (ms) => clock.advance(Math.max(0, ms - clock.now())),
  };
};
