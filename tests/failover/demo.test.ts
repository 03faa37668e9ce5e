import { demoTest } from '../demo-thread.ts';

await demoTest(
  'failover',
  ['ministack', 'dynamodb', 'postgres'],
  'a killed process holds; a lost host is fenced, the standby promoted, and the writer goes on by name',
  2,
);
