import { demoTest } from '../demo-thread.ts';

await demoTest(
  'search-sync',
  ['ministack', 'dynamodb', 'opensearch'],
  'rows are documents, and hits are read back from the table',
  2,
);
