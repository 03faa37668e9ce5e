import type { Benchmark } from './measure.ts';
import { apiCalls } from './snapshots-calls.ts';
import { harm } from './snapshots-harm.ts';
import { planningCost } from './snapshots-plan.ts';

/** The snapshots wing: what an hour asks of RDS, and what a plan costs. */
export const snapshots: Benchmark = {
  name: 'snapshots',
  summary: 'API calls of a steady hour against the floor and the usual approach; planning against JSON.parse',
  run: async (progress) => [
    ...(await apiCalls(progress)),
    ...(await planningCost(progress)),
    ...(await harm(progress)),
  ],
};
