import { describe } from '@jest/globals';
import { inMemoryClosings, inMemoryJobs } from '../../functions/object-index/aws/in-memory-jobs.ts';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { jobsContract } from './jobs-contract.ts';
import { tableContract } from './table-contract.ts';

describe('the table in memory', () => {
  tableContract(async () => inMemoryTable());
});

describe('jobs in memory', () => {
  jobsContract(async () => ({ jobs: inMemoryJobs(), closings: inMemoryClosings() }));
});
