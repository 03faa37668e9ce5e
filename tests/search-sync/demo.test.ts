import { demoTest } from '../demo-thread.ts';

await demoTest(
  'search-sync',
  ['ministack', 'dynamodb', 'opensearch', 'postgres'],
  'rows are documents, hits are read back, a new index is filled and cut over to, slow statements in the log of a real server are found',
  4,
);
