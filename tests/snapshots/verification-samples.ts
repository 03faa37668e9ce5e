import type { Settings, VerificationSettings } from '../../functions/snapshots/core/policy.ts';
import { SCHEMA_VERSION, type Verification } from '../../functions/snapshots/core/verification/verification.ts';
import { settings } from './samples.ts';

export const START_MS = Date.parse('2026-08-14T10:00:00Z');

/** A verification of `orders` that was just chosen. */
export const verification = (over: Partial<Verification> = {}): Verification => ({
  schemaVersion: SCHEMA_VERSION,
  name: 'msv-orders-000001',
  revision: 0,
  phase: 'chosen',
  phaseSinceMs: START_MS,
  startedMs: START_MS,
  source: {
    kind: 'instance',
    id: 'orders',
    resourceId: 'db-ORDERS',
    arn: 'arn:aws:rds:eu-west-1:111122223333:db:orders',
    engine: 'postgres',
  },
  snapshot: { id: 'ms-orders-1', arn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:ms-orders-1', slotMs: START_MS },
  throwAways: [{ kind: 'instance', id: 'msv-orders-000001' }],
  attempts: 0,
  ...over,
});

export const verificationSettings: VerificationSettings = {
  everyHours: 168,
  atOnce: 1,
  maxMinutes: 180,
  maxInstanceHoursPerDay: 8,
  subnetGroup: 'isolated',
  securityGroupIds: ['sg-0isolated'],
  checks: [{ database: '^orders$', dbname: 'shop', query: 'select count(*) from orders', expect: { atLeast: 1 } }],
};

export const verifyingSettings = (
  over: Partial<VerificationSettings> = {},
): Settings & { verification: VerificationSettings } => ({
  ...settings,
  verification: { ...verificationSettings, ...over },
});
