import type { Answer } from './evidence.ts';

export type CheckName =
  | 'replica'
  | 'backups'
  | 'shape'
  | 'security-groups'
  | 'encryption'
  | 'login'
  | 'names'
  | 'heartbeat'
  | 'setup'
  | 'fence'
  | 'drill'
  | 'record'
  | 'zone'
  | 'readers'
  | 'standby-records'
  | 'old-primary'
  | 'reconciler'
  // One for each of several: what is new about one of them is told, whatever is known of the others.
  | `reader:${string}`
  | `tag:${string}`;

/** `blocked`: a failover would be held or useless. `warning`: it would work, and hurt. `unknown`: it could not be looked at. */
export type CheckState = 'ready' | 'warning' | 'blocked' | 'unknown';

export interface Check {
  name: CheckName;
  state: CheckState;
  sentence: string;
  fix?: string | undefined;
}

/** What one check says: a sentence, and what to do where something is amiss. */
export type Finding = Omit<Check, 'name'>;

/** Nothing is amiss. */
export const ready = (sentence: string): Finding => ({ state: 'ready', sentence });

/** A failover would work, and hurt. */
export const warning = (sentence: string, fix: string): Finding => ({ state: 'warning', sentence, fix });

/** A failover would be held or useless. */
export const blocked = (sentence: string, fix: string): Finding => ({ state: 'blocked', sentence, fix });

/** Nobody could say. */
export const unknown = (what: string, answer: Answer<unknown>): Finding => ({
  state: 'unknown',
  sentence: `${what} could not be asked (${answer.kind === 'no-answer' ? answer.because : 'not asked'}).`,
  fix: 'Look again; if it stays so, a failover would know no more than this.',
});
