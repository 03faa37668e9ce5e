import { action } from './failover-action.ts';
import { decision } from './failover-decision.ts';
import { drills } from './failover-drill.ts';
import { afterwards } from './failover-lease.ts';
import { roles } from './failover-roles.ts';
import type { Catalogue } from './mutant.ts';

/** The failover wing: whatever stands between a look and a second primary, taken out in turn. */
export const failover: Catalogue = {
  project: 'failover',
  mutants: [...decision, ...action, ...afterwards, ...roles, ...drills],
};
