import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rdsStage } from '../../../functions/failover/aws/drills/stage.ts';
import { DRILL_TAGS, type Sight } from '../../../functions/failover/core/drills/throw-away.ts';
import { serve } from '../../local-rds/aws-server.ts';
import { drill, production, sight } from './samples.ts';

// The only file that deletes an instance, against an RDS that answers as told: what it sends, and what it does not.

const xml = (action: string, inner: string): string =>
  `<${action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${action}Result>${inner}</${action}Result></${action}Response>`;
const instanceXml = ({ instance, resourceId, status, tags }: Sight): string =>
  `<DBInstances><DBInstance><DBInstanceIdentifier>${instance}</DBInstanceIdentifier><DbiResourceId>${resourceId}</DbiResourceId><DBInstanceStatus>${status}</DBInstanceStatus><Engine>${engine}</Engine><TagList>${Object.entries(
    tags,
  )
    .map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
    .join('')}</TagList></DBInstance></DBInstances>`;

let there: Sight;
let engine = 'postgres';
/** The parameter that was asked for. */
let parameter: (string | null)[] = [];
let snapshots: string;
let asked: string[] = [];
let server: Awaited<ReturnType<typeof serve>>;
const before = process.env.AWS_ENDPOINT_URL;

beforeAll(async () => {
  server = await serve({
    handle: async ({ body, region }) => {
      const form = new URLSearchParams(body.toString());
      const action = form.get('Action') ?? '';
      if (action === 'ModifyDBParameterGroup')
        parameter = ['Name', 'Value'].map((what) => form.get(`Parameters.Parameter.1.Parameter${what}`));
      asked.push(`${region} ${action}`);
      const answers: Record<string, string> = {
        DescribeDBInstances: instanceXml(there),
        DescribeDBSnapshots: snapshots,
      };
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml(action, answers[action] ?? '') };
    },
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterAll(async () => {
  if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = before;
  await server.stop();
});
beforeEach(() => {
  there = sight();
  engine = 'postgres';
  asked = [];
});

const mine = drill({ leader: { ...drill().leader, askedMs: 1, resourceId: 'db-THROWAWAY' } });
const stage = rdsStage();
const LOOK = 'eu-west-1 DescribeDBInstances';

describe('what changes or deletes looks again first', () => {
  test('and goes on with its own throw-away', async () => {
    await stage.takeOut(mine, 'sg-fenced');
    await stage.reboot(mine);
    await stage.remove(mine, 'leader');
    expect(asked).toEqual([
      ...[LOOK, 'eu-west-1 ModifyDBParameterGroup', 'eu-west-1 ModifyDBInstance'],
      ...[LOOK, 'eu-west-1 RebootDBInstance'],
      ...[LOOK, 'eu-west-1 DeleteDBInstance'],
    ]);
  });

  test.each([
    ['postgres', 'shared_buffers', '1073741823'],
    ['mysql', 'innodb_buffer_pool_size', '8796093022208'],
    ['mariadb', 'innodb_buffer_pool_size', '8796093022208'],
  ])('and an engine of %s gets more memory than any host has', async (of, name, value) => {
    engine = of;
    await stage.takeOut(mine, 'sg-fenced');
    expect(parameter).toEqual([name, value]);
  });

  test('and an engine of which no such parameter is known keeps its network', async () => {
    engine = 'oracle-ee';
    await expect(stage.takeOut(mine, 'sg-fenced')).rejects.toThrow('keeps oracle-ee from starting');
    expect(asked).toEqual([LOOK]);
  });

  test.each<[string, Partial<Sight>, typeof mine]>([
    ['without our tags', { tags: {} }, mine],
    ["with another pair's tag", { tags: { ...sight().tags, [DRILL_TAGS.pair]: 'orders' } }, mine],
    ['of another drill', { tags: { ...sight().tags, [DRILL_TAGS.name]: 'fedcba' } }, mine],
    ['that is another one under the same name', { resourceId: 'db-SOMEBODY' }, mine],
    ['whose resource id was not recorded', {}, drill({ leader: { ...drill().leader, askedMs: 1 } })],
    [
      'of the pair itself, tags and record notwithstanding',
      { instance: production.leader.instance, resourceId: production.leader.resourceId },
      drill({ leader: { ...production.leader, askedMs: 1 } }),
    ],
  ])('and leaves an instance %s alone', async (_what, change, one) => {
    there = sight(change);
    for (const change of [
      () => stage.takeOut(one, 'sg-fenced'),
      () => stage.reboot(one),
      () => stage.remove(one, 'leader'),
    ])
      await expect(change()).rejects.toThrow('is left alone');
    expect(asked).toEqual([LOOK, LOOK, LOOK]);
  });
});

test('the newest available snapshot of this very instance is restored, not one of an earlier instance of its name', async () => {
  const one = (id: string, resourceId: string, day: number, status = 'available') =>
    `<DBSnapshot><DBSnapshotIdentifier>${id}</DBSnapshotIdentifier><DbiResourceId>${resourceId}</DbiResourceId><Status>${status}</Status><SnapshotCreateTime>2026-08-0${day}T00:00:00Z</SnapshotCreateTime></DBSnapshot>`;
  snapshots = `<DBSnapshots>${[
    one('older', 'db-LEADER', 1),
    one('newest', 'db-LEADER', 2),
    one('under-way', 'db-LEADER', 3, 'creating'),
    one('of-another', 'db-BEFORE', 4),
  ].join('')}</DBSnapshots>`;
  expect(await stage.newestSnapshot(production.leader)).toMatchObject({ id: 'newest' });
});
