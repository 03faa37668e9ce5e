import { describe } from '@jest/globals';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { tableContract } from './table-contract.ts';

describe('the table in memory', () => {
  tableContract(async () => inMemoryTable());
});
