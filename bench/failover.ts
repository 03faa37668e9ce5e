import { lookingCost } from './failover-cost.ts';
import { recoveryTime } from './failover-rto.ts';
import type { Benchmark } from './measure.ts';

const DISASTERS = 10;

/** The failover wing: how fast it is where it must act, and what it costs where it only looks. */
export const failover: Benchmark = {
  name: 'failover',
  summary: `RTO of ${DISASTERS} lost hosts on real servers against what none can go below; what a look and an incident cost`,
  run: async (progress, { disasters = DISASTERS } = {}) => [
    ...(await lookingCost(progress)),
    ...(disasters > 0 ? await recoveryTime(disasters, progress) : []),
  ],
};
