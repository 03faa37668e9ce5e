import { action } from './failover-action.ts';
import { aftermath } from './failover-aftermath.ts';
import { aurora } from './failover-aurora.ts';
import { auroraSigns } from './failover-aurora-signs.ts';
import { auroraWiring } from './failover-aurora-wiring.ts';
import { decision } from './failover-decision.ts';
import { drills } from './failover-drill.ts';
import { drilled } from './failover-drill-course.ts';
import { leased } from './failover-lease.ts';
import { recorded } from './failover-record.ts';
import { replicated } from './failover-replication.ts';
import { roles } from './failover-roles.ts';
import { planned } from './failover-switchover.ts';
import type { Catalogue } from './mutant.ts';

/** The failover wing: whatever stands between a look and a second primary, taken out in turn. */
export const failover: Catalogue = {
  project: 'failover',
  mutants: [
    ...decision,
    ...replicated,
    ...action,
    ...leased,
    ...recorded,
    ...planned,
    ...aftermath,
    ...roles,
    ...aurora,
    ...auroraSigns,
    ...auroraWiring,
    ...drills,
    ...drilled,
  ],
};
