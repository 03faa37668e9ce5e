import { describe } from '@jest/globals';
import { recordStoreContract } from './record-store.contract.ts';
import { memoryRecords } from './simulation/memory-records.ts';

describe('the record store in memory', () => {
  recordStoreContract(() => memoryRecords());
});
