import type { Endpoint, Heard, ReplicaReport } from '../core/evidence.ts';

/** The replica's SQL: its own view of itself, and its opening once it is promoted. */
export interface ReplicaSql {
  view(at: Endpoint, roles: readonly string[], heard?: Heard): Promise<Omit<ReplicaReport, 'atMs'>>;
  /** Gives the application roles their LOGIN back (NOLOGIN may have been replicated) and writes our epoch. */
  open(at: Endpoint, roles: readonly string[], atMs: number, epoch: number): Promise<void>;
}

export type ObserverEvent =
  | { kind: 'observe'; pair: string; at: Endpoint; heard?: Heard | undefined }
  | { kind: 'open'; pair: string; at: Endpoint; epoch: number }
  | { kind: 'resolve'; pair: string; name: string };

/** The replica's own view, stamped. Throws when it cannot be asked: that is no evidence. */
export const observeReplica = async (
  sql: ReplicaSql,
  at: Endpoint,
  nowMs: number,
  roles: readonly string[],
  heard?: Heard,
): Promise<ReplicaReport> => ({
  atMs: nowMs,
  ...(await sql.view(at, roles, heard)),
});
