import type { Policy } from '../../../functions/failover/core/policy.ts';
import type { Scenario } from './scenario.ts';
import { FENCED } from './world.ts';

/** The policy of a scenario's pair. */
export const policyOfScenario = (scenario: Scenario): Policy => ({
  pair: 'ledger',
  mode: scenario.mode,
  fence: scenario.fence,
  lease: scenario.leaseSeconds === undefined ? undefined : { table: 'mainstay-lease', seconds: scenario.leaseSeconds },
  primary: { instance: 'old', region: 'eu-west-1' },
  replica: { instance: 'new', region: 'eu-central-1' },
  applicationRoles: ['app'],
  fencedSecurityGroups: { 'eu-west-1': FENCED },
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
  cooldownSeconds: 3600,
  stepSeconds: 3,
});
