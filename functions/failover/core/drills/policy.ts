import type { Policy } from '../policy.ts';
import { type Drill, drillPair } from './drill.ts';

/**
 * The pair's policy for its throw-away twin: the same windows and limits. Armed, for a rehearsal that waits for a person rehearses the
 * person; with a confirmed fence, for that is the proof that is to be tried; and nobody's secrets or readers follow it.
 */
export const drillPolicy = (policy: Policy, drill: Pick<Drill, 'pair' | 'leader' | 'replica' | 'writer'>): Policy => ({
  ...policy,
  pair: drillPair(drill.pair),
  mode: 'armed',
  fence: 'confirmed',
  lease: undefined,
  primary: { instance: drill.leader.instance, region: drill.leader.region },
  replica: { instance: drill.replica.instance, region: drill.replica.region },
  names: { ...policy.names, writer: drill.writer, reader: undefined, mode: 'swap' },
  secondChannel: undefined,
});
