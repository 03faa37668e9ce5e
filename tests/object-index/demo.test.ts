import { demoTest } from '../demo-thread.ts';

await demoTest(
  'object-index',
  ['ministack', 'dynamodb'],
  'files in S3 are rows, and the totals equal a walk of the files',
  3,
);
