import type { Database, Snapshot } from '../inventory.ts';
import { readinessOf } from '../states.ts';
import { isRestoredFrom, type RestorationPlan } from './plan.ts';

// What to do next, decided from what exists now: so a restoration that was interrupted anywhere is begun again by the same
// words, and goes on.

export interface Endpoint {
  host: string;
  port: number;
}

export type RestoredDatabase = Database & { endpoint?: Endpoint; percentProgress?: number };

/** What there is of a restoration. */
export interface RestorationSeen {
  copy: Snapshot | undefined;
  database: RestoredDatabase | undefined;
  member: RestoredDatabase | undefined;
}

export type FailureReason =
  | 'not-its-own'
  | 'state'
  | 'copy-failed'
  | 'refused'
  | 'no-answer'
  /** Available, and RDS names no endpoint. */
  | 'no-endpoint';

export type RestorationStep =
  | { kind: 'copy'; copyName: string; keyId: string }
  | { kind: 'restore'; from: string }
  | { kind: 'add-member'; member: string; engine: string }
  | { kind: 'wait'; on: string; status: string; percent: number | undefined }
  | { kind: 'done'; endpoint: Endpoint }
  | { kind: 'failed'; because: FailureReason; on: string; detail: string };

/** The next step of a plan, from what is seen. Total: whatever is seen, it never asks for a name that is somebody else's. */
export const nextRestorationStep = (plan: RestorationPlan, seen: RestorationSeen): RestorationStep => {
  const { snapshot, encrypt, to, member } = plan;
  const alien = [
    ...(seen.copy && encrypt?.by === 'copy' && !isRestoredFrom(seen.copy.tags, snapshot) ? [encrypt.copyName] : []),
    ...(seen.database && !isRestoredFrom(seen.database.tags, snapshot) ? [to] : []),
    ...(seen.member && member !== undefined && seen.member.memberOf !== to ? [member] : []),
  ];
  if (alien[0] !== undefined) return { kind: 'failed', because: 'not-its-own', on: alien[0], detail: '' };

  if (seen.database === undefined) {
    if (encrypt?.by !== 'copy') return { kind: 'restore', from: snapshot.id };
    const { copyName, keyId } = encrypt;
    if (seen.copy === undefined) return { kind: 'copy', copyName, keyId };
    const { status, percentProgress } = seen.copy;
    if (status === 'available') return { kind: 'restore', from: copyName };
    return COPYING.has(status)
      ? { kind: 'wait', on: copyName, status, percent: percentProgress }
      : { kind: 'failed', because: 'copy-failed', on: copyName, detail: status };
  }
  const waiting = waitFor(seen.database);
  if (waiting !== undefined) return waiting;
  if (member !== undefined) {
    if (seen.member === undefined) return { kind: 'add-member', member, engine: seen.database.engine };
    const joining = waitFor(seen.member);
    if (joining !== undefined) return joining;
  }
  const { endpoint } = seen.database;
  return endpoint === undefined
    ? { kind: 'failed', because: 'no-endpoint', on: to, detail: '' }
    : { kind: 'done', endpoint };
};

// docs: API_CopyDBSnapshot names no list; `pending` is reported by users (terraform-provider-aws 29399).
const COPYING = new Set(['creating', 'copying', 'pending']);

const waitFor = ({ id, status, percentProgress }: RestoredDatabase): RestorationStep | undefined => {
  const readiness = readinessOf(status);
  if (readiness === 'ready') return undefined;
  return readiness === 'unusable' && status !== 'creating'
    ? { kind: 'failed', because: 'state', on: id, detail: status }
    : { kind: 'wait', on: id, status, percent: percentProgress };
};
