import { demoTest } from '../demo-thread.ts';

await demoTest(
  'search-sync',
  ['ministack', 'dynamodb', 'opensearch'],
  'rows are documents, hits are read back, a new index is filled and cut over to, slow statements of the log are found',
  5,
);
