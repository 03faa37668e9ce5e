import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { primaryOf, replicaOf } from '../../functions/failover/aws/engine-sql.ts';
import { openWire } from './wire/over-tls.ts';

// Which SQL a pair is asked by: what its kind and its engine speak, at the wire.

const login = { kind: 'iam', dbname: 'ledger', username: 'mainstay' } as const;
const REGION = 'eu-central-1';

let wire: Awaited<ReturnType<typeof openWire>>;
beforeAll(async () => {
  wire = await openWire();
});
afterEach(() => wire.stopServers());
afterAll(() => wire.stop());

/** The first statement that a server of MySQL hears, which then says nothing. */
const heard = async (pair: Parameters<typeof replicaOf>[0]) => {
  const asked: string[] = [];
  const at = await wire.at((sql) => {
    asked.push(sql);
    return { rows: [] };
  });
  await primaryOf(pair, REGION).beat(at, 1, 0);
  const written = asked.splice(0)[0];
  await replicaOf(pair, REGION)
    .view(at, [])
    .catch(() => {});
  return [written, asked[0]];
};

test.each([
  ['mysql', 'instance', 'call mainstay.beat(1, 0)', 'call mainstay.standing()'],
  ['mariadb', 'instance', 'call mainstay.beat(1, 0)', 'call mainstay.standing()'],
  ['aurora-mysql', 'aurora-replica', 'call mainstay.beat(1, 0)', 'call mainstay.standing()'],
  // Its volume tells how far it is, and no binary log.
  ['aurora-mysql', 'aurora-global', 'call mainstay.mark(1, 0)', 'call mainstay.volumes()'],
] as const)('%s in a pair of kind %s', async (engine, kind, written, viewed) => {
  expect(await heard({ engine, kind, login })).toEqual([written, viewed]);
});

test.each([
  ['postgres', 'instance'],
  ['aurora-postgresql', 'aurora-global'],
] as const)('%s in a pair of kind %s is not spoken to as MySQL is', async (engine, kind) => {
  expect(await heard({ engine, kind, login })).toEqual([undefined, undefined]);
});
