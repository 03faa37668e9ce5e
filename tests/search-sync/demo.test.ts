import { demoTest } from '../demo-thread.ts';

await demoTest(
  'search-sync',
  ['ministack', 'dynamodb', 'opensearch'],
  'rows are documents, hits are read back from the table, and log lines are in the index of their day',
  3,
);
