import type { LoginConfig } from '../../../shared/config/schema.ts';
import type { Policy } from '../core/policy.ts';
import type { Check } from '../core/readiness-finding.ts';
import { type ReadinessState, readinessNews } from '../core/readiness-names.ts';
import type { Announce } from './ports.ts';
import { type ReadinessPorts, readReadiness } from './readiness.ts';

/** What was told of each pair last, so that nobody is told the same every half hour. */
export interface ReadinessStates {
  load(pair: string): Promise<ReadinessState | undefined>;
  /** Writes when the stored version is the expected one (0: none is stored). */
  save(state: ReadinessState, expectedVersion: number): Promise<'saved' | 'conflict'>;
}

export interface WatchPorts extends ReadinessPorts {
  states: ReadinessStates;
  announce: Pick<Announce, 'page'>;
}

/** Looks at one pair and tells what is new: at the first look all that stands in the way, at once. */
export const watchReadiness = async (ports: WatchPorts, policy: Policy, login: LoginConfig): Promise<Check[]> => {
  const checks = await readReadiness(ports, policy, login);
  const before = await ports.states.load(policy.pair);
  const { next, subject, sentence } = readinessNews(policy.pair, before, checks, ports.clock.now());
  // Told after it is written: of two that look at once, one tells. Where a page is lost, the metric NotReady is left.
  const saved = await ports.states.save(next, before?.version ?? 0);
  if (saved === 'saved' && subject !== undefined && sentence !== undefined)
    await ports.announce.page(policy.pair, subject, sentence);
  return checks;
};
