import type { GuardReport, WitnessReport } from '../core/evidence.ts';
import type { Policy, Target } from '../core/policy.ts';
import { ask } from './look.ts';
import type { RecordStore } from './ports.ts';

export interface WitnessPorts {
  guard(target: Target, pair: string, epoch: number): Promise<GuardReport>;
  now: () => number;
}

/** Whether the guard can be reached from a third region, and what it said. It has no SQL and no peering of its own. */
export const witnessPair = async (
  ports: WitnessPorts,
  target: Target,
  pair: string,
  epoch: number,
): Promise<WitnessReport> => ({
  atMs: ports.now(),
  guard: await ask(() => ports.guard(target, pair, epoch)),
});

/**
 * How long ago the reconciler looked at the pair that it looked at longest ago, by its record in the other region. Undefined when
 * one of them has no record or cannot be read: no number, and the alarm takes its absence for the worst.
 */
export const reconcilerAgeMs = async (
  records: Pick<RecordStore, 'load'>,
  pairs: readonly string[],
  now: () => number,
): Promise<number | undefined> => {
  const looks = await Promise.all(
    pairs.map((pair) =>
      records.load(pair).then(
        (record) => record?.lastLookMs,
        () => undefined,
      ),
    ),
  );
  const seen = looks.filter((look) => look !== undefined);
  return seen.length === pairs.length && seen.length > 0 ? Math.max(0, now() - Math.min(...seen)) : undefined;
};

/** Whose guard the tick asks: who leads by the record, as far as that can be read. */
export const leaderOf = async (
  records: Pick<RecordStore, 'load'>,
  { pair, primary }: Pick<Policy, 'pair' | 'primary'>,
): Promise<Target> => {
  const record = await ask(() => records.load(pair));
  const { instance, region } = (record.kind === 'ok' && record.report?.leader) || primary;
  return { instance, region };
};

/** What the witness says of the reconciler. */
export const reconcilerSentence = (ageMs: number | undefined): string =>
  ageMs === undefined
    ? 'The reconciler was not seen: a record of it could not be read from a third region, or there is none.'
    : `The reconciler looked at every pair within the last ${Math.ceil(ageMs / 1000)} s.`;
