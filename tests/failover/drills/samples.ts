import type { Book, Drill, Production } from '../../../functions/failover/core/drills/drill.ts';
import { applyDrillOrder } from '../../../functions/failover/core/drills/order.ts';
import { drillTags, type Sight } from '../../../functions/failover/core/drills/throw-away.ts';
import type { Policy } from '../../../functions/failover/core/policy.ts';
import { type FailoverRecord, firstRecord } from '../../../functions/failover/core/record.ts';

export const START_MS = Date.UTC(2026, 7, 14, 10);

export const policy: Policy = {
  pair: 'ledger',
  mode: 'observe',
  fence: 'confirmed',
  primary: { instance: 'ledger-primary', region: 'eu-west-1' },
  replica: { instance: 'ledger-replica', region: 'eu-central-1' },
  applicationRoles: ['app'],
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
  names: { zoneId: 'Z0', writer: 'ledger.example.com', ttlSeconds: 5 },
  confirmSeconds: 10,
  selfHealSeconds: 20,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 1,
};

interface Known extends Production {
  resourceId: string;
}

export const production: { leader: Known; candidate: Known } = {
  leader: { instance: 'ledger-primary', region: 'eu-west-1', resourceId: 'db-LEADER' },
  candidate: { instance: 'ledger-replica', region: 'eu-central-1', resourceId: 'db-CANDIDATE' },
};

/** The pair's own record, quiet. */
export const pairRecord = (nowMs = START_MS): FailoverRecord => ({
  ...firstRecord('ledger', production.leader, production.candidate, nowMs),
  version: 4,
  epoch: 3,
});

/** A book with a drill that was just asked for. */
export const askedBook = (nowMs = START_MS, name = 'abc123'): Book => {
  const order = { verb: 'start', pair: 'ledger', by: 'ada', why: 'quarterly' } as const;
  const outcome = applyDrillOrder({ schemaVersion: 1, version: 0, startedMs: [] }, order, {
    ...{ record: pairRecord(nowMs), policy, name, nowMs },
  });
  if (outcome.kind !== 'done') throw new Error(outcome.sentence);
  return outcome.book;
};

export const drill = (change: Partial<Drill> = {}): Drill => ({ ...(askedBook().open as Drill), ...change });

/** What RDS says of the drill's own primary. */
export const sight = (change: Partial<Sight> = {}): Sight => ({
  instance: 'mainstay-drill-ledger-abc123-a',
  region: 'eu-west-1',
  resourceId: 'db-THROWAWAY',
  status: 'available',
  tags: drillTags({ pair: 'ledger', name: 'abc123' }),
  createdMs: START_MS + 60_000,
  endpoint: { host: 'mainstay-drill-ledger-abc123-a.x.eu-west-1.rds.amazonaws.com', port: 5432 },
  backupRetentionDays: 1,
  securityGroups: [{ id: 'sg-open', active: true }],
  parameterGroup: 'default.postgres18',
  ...change,
});
