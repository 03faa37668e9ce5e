import type { Database, Kind, Pause } from './inventory.ts';
import type { Forecast } from './quota.ts';
import { tagsCut } from './tags.ts';

/** What people should know and nobody tells them: said once per plan, and no fault of the run. */
export type Advice =
  | { kind: 'expiry-paused'; pause: Pause }
  | { kind: 'io-pause'; databases: number; example: Database }
  | { kind: 'raise-quota'; of: Kind; code: string; to: number }
  | { kind: 'tags-cut'; databases: number; example: Database };

// docs: CHAP_Limits — the codes by which Service Quotas knows the two limits.
const QUOTA_CODES: Record<Kind, string> = { instance: 'L-272F1212', cluster: 'L-9B510759' };

// docs: USER_CreateSnapshot — a snapshot of a Single-AZ instance suspends I/O for seconds to minutes; Multi-AZ ones of
// MySQL, MariaDB, Oracle and PostgreSQL are taken on the standby; on SQL Server and Db2 Multi-AZ does not help.
const pausesInput = ({ kind, multiAz, engine }: Database): boolean =>
  kind === 'instance' && (multiAz === false || /sqlserver|db2/.test(engine));

/** What there is to tell about the selected databases, the forecasts and a pause of expiry. */
export const adviceOn = (
  selected: readonly Database[],
  forecasts: readonly Forecast[],
  expiryPause: Pause | undefined,
): Advice[] => {
  const pausing = selected.filter(pausesInput);
  const [example] = pausing;
  const crowded = selected.filter((database) => tagsCut(database) > 0);
  return [
    ...(expiryPause === undefined ? [] : [{ kind: 'expiry-paused', pause: expiryPause } as const]),
    ...forecasts
      .filter(({ fits }) => !fits)
      .map(({ kind, needed, others }): Advice => {
        return { kind: 'raise-quota', of: kind, code: QUOTA_CODES[kind], to: needed + others };
      }),
    ...(example === undefined ? [] : [{ kind: 'io-pause', databases: pausing.length, example } as const]),
    ...(crowded[0] === undefined
      ? []
      : [{ kind: 'tags-cut', databases: crowded.length, example: crowded[0] } as const]),
  ];
};
