import { demoTest } from '../demo-thread.ts';

await demoTest(
  'snapshots',
  ['ministack', 'dynamodb', 'postgres'],
  'the schedule fires, a live PostgreSQL is in the snapshot, and expiry only plans',
  2,
);
