import type { Policy } from '../../../functions/failover/core/policy.ts';
import { EMPTY } from './database.ts';
import type { Scenario } from './scenario.ts';
import { PRIMARY, REPLICA } from './world.ts';

/** The policy of a scenario's pair. */
export const policyOfScenario = (scenario: Scenario): Policy => ({
  pair: 'ledger',
  engine: scenario.replication?.engine,
  kind: scenario.kind,
  mode: scenario.mode,
  fence: scenario.fence,
  lease: scenario.leaseSeconds === undefined ? undefined : { table: 'mainstay-lease', seconds: scenario.leaseSeconds },
  primary: PRIMARY,
  replica: REPLICA,
  applicationRoles: ['app'],
  fencedSecurityGroups: EMPTY,
  names: {
    zoneId: 'Z1',
    writer: 'ledger.example.internal',
    ttlSeconds: 5,
    mode: scenario.stop ? 'stop' : 'swap',
    zone: scenario.privateZone ? 'private' : 'public',
    reader: 'ledger-ro.example.internal',
  },
  secondChannel: { secretIds: ['app/ledger'] },
  confirmSeconds: scenario.confirmSeconds,
  selfHealSeconds: scenario.selfHealSeconds,
  maxLossSeconds: scenario.maxLossSeconds,
  cooldownSeconds: scenario.cooldownSeconds ?? 3600,
  stepSeconds: 3,
});
