import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { secondChannel } from '../../functions/failover/aws/second-channel.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';

const REGIONS = ['eu-west-1', 'eu-central-1'];

await describeWithEngines(['ministack'], 'the second channel in SSM', () => {
  let run: Run;
  const clients = new Map<string, SSMClient>();
  beforeAll(async () => {
    run = await openRun({ owner: 'failover-parameters' });
    const { endpoint } = await startMinistack(run);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    for (const region of REGIONS) clients.set(region, new SSMClient({ region }));
  }, 120_000);
  afterAll(async () => {
    for (const client of clients.values()) client.destroy();
    await run?.stop();
  }, 20_000);

  const put = (region: string, Name: string, Value: string, Type: 'String' | 'SecureString' = 'String') =>
    clients.get(region)!.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  const get = async (region: string, Name: string) =>
    (await clients.get(region)!.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter;
  const change = {
    ...{ secretIds: [], parameterNames: ['/app/ledger'], regions: REGIONS },
    ...{ epoch: 2, at: { host: 'new.rds', port: 5432 } },
  };

  test('host, port and epoch in both regions, the rest and the type as they were', async () => {
    await put('eu-west-1', '/app/ledger', '{"host":"old.rds","pool":20}');
    await put('eu-central-1', '/app/ledger', '{"host":"old.rds"}', 'SecureString');
    await secondChannel().publish(change);
    const [here, there] = await Promise.all(REGIONS.map((region) => get(region, '/app/ledger')));
    expect(JSON.parse(here?.Value ?? '')).toEqual({ host: 'new.rds', port: 5432, epoch: 2, pool: 20 });
    expect(JSON.parse(there?.Value ?? '')).toEqual({ host: 'new.rds', port: 5432, epoch: 2 });
    expect([here?.Type, there?.Type]).toEqual(['String', 'SecureString']);
  });

  test('said again, nothing is written: a version of a parameter is worth something', async () => {
    const before = (await get('eu-west-1', '/app/ledger'))?.Version;
    await secondChannel().publish(change);
    expect((await get('eu-west-1', '/app/ledger'))?.Version).toBe(before);
  });

  test('an order of an earlier epoch, a parameter that is nowhere, a text that is no JSON: said, and left alone', async () => {
    const earlier = { ...change, epoch: 1, at: { host: 'old.rds', port: 5432 } };
    await expect(secondChannel().publish(earlier)).rejects.toThrow('it is of epoch 2, and ours is 1');
    expect((await get('eu-west-1', '/app/ledger'))?.Value).toContain('new.rds');
    await expect(secondChannel().publish({ ...change, parameterNames: ['/app/none'] })).rejects.toThrow(
      '/app/none is a parameter of none of these regions',
    );
    await put('eu-west-1', '/app/text', 'hunter2');
    const broken = await secondChannel()
      .publish({ ...change, parameterNames: ['/app/text'] })
      .catch(String);
    expect(broken).toContain('no JSON object');
    expect(broken).not.toContain('hunter2');
  });

  test('one that a region does not have is passed over', async () => {
    await put('eu-central-1', '/app/only-there', '{"host":"old.rds"}');
    await secondChannel().publish({ ...change, parameterNames: ['/app/only-there'] });
    expect((await get('eu-central-1', '/app/only-there'))?.Value).toContain('new.rds');
  });
});
