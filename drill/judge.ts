import type { Acknowledged } from '../demo/ledger.ts';
import type { FailoverRecord } from '../functions/failover/core/record.ts';
import type { HistoryEntry } from '../functions/failover/run/ports.ts';
import type { LocalAws } from '../local/local-aws.ts';
import { type Sql, sqlOf } from '../shared/config/engine.ts';
import type { Config, PairConfig } from '../shared/config/schema.ts';
import type { Fault } from './faults.ts';

/** What a drill left behind, as read from outside the product. */
export interface Aftermath {
  fault: Fault;
  aws: LocalAws;
  config: Config;
  pair: PairConfig;
  faultMs: number;
  commitsPerSecond: number;
  rows: { byName: readonly Acknowledged[]; stubborn: readonly Acknowledged[] };
  record: FailoverRecord | undefined;
  history: readonly HistoryEntry[];
  answer: string;
}

/** One row of the drill's table. */
export interface Verdict {
  fault: string;
  /** The sentence that the pair's history ends the incident with. */
  decision: string;
  commitsPerSecond: number;
  /** Fault → first acknowledged commit by name on the promoted replica; undefined for a hold. Seconds. */
  rtoSeconds: number | undefined;
  /** Fault → each phase. Seconds. */
  phases: Record<string, number>;
  acknowledged: number;
  lost: number;
  lostSeconds: number;
  boundSeconds: number | undefined;
  /** Rows that the old primary took after the new one was opened: acknowledged or found in it. */
  onOldAfterNew: number;
  dns: string;
  epoch: number;
  ok: boolean;
  /** What is not as it should be. */
  wrong: string[];
}

const WRITTEN_SINCE: Readonly<Record<Sql, string>> = {
  postgres: 'SELECT number FROM ledger WHERE written_at > to_timestamp($1)',
  mysql: 'SELECT number FROM ledger WHERE written_at > from_unixtime(?)',
  mariadb: 'SELECT number FROM ledger WHERE written_at > from_unixtime(?)',
};

/** Recounts both databases as a superuser past their networks, and judges by that alone. */
export const judge = async (aftermath: Aftermath): Promise<Verdict> => {
  const { fault, aws, config, pair, faultMs, rows, record, history, answer } = aftermath;
  const { primary, recovery } = config.regions;
  const old = aws.rds.admin.instance(primary, pair.primary.instance);
  const next = aws.rds.admin.instance(recovery, pair.replica.instance);
  const isFailover = fault.expect === 'failover';
  const all = [...rows.byName, ...rows.stubborn];

  const leading = isFailover ? next : old;
  const present = new Set(
    (await leading.query('SELECT number FROM ledger', [], 'ledger')).map(({ number }) => Number(number)),
  );
  const first = rows.byName.find(({ atMs, server }) => atMs > faultMs && server === next.address);
  // From here on the new one may have taken a row: entering `verifying`, or the first one seen, whichever is earlier.
  const openedMs = Math.min(
    record?.passed.verifying ?? Number.POSITIVE_INFINITY,
    first?.atMs ?? Number.POSITIVE_INFINITY,
  );
  const onOldAfterNew = Number.isFinite(openedMs)
    ? new Set([
        ...all.filter(({ server, atMs }) => server === old.address && atMs > openedMs).map(({ number }) => number),
        ...(await old
          .query(WRITTEN_SINCE[sqlOf(pair.engine)], [openedMs / 1000], 'ledger')
          .then((found) => found.map(({ number }) => Number(number)))),
      ]).size
    : 0;
  const lost = all.filter(({ number }) => !present.has(number));
  const lostSeconds = Math.max(0, ...lost.map(({ atMs }) => (faultMs - atMs) / 1000));
  const leader = isFailover ? pair.replica.instance : pair.primary.instance;
  const epoch = record?.epoch ?? 0;

  const wrong = [
    ...(answer.startsWith(`${leader}.`) ? [] : [`the name leads to ${answer || 'nothing'}`]),
    ...(epoch === (isFailover ? 1 : 0) ? [] : [`epoch ${epoch}`]),
    ...(onOldAfterNew === 0 || fault.unfenced
      ? []
      : [`${onOldAfterNew} rows on the old primary after the new one opened`]),
    ...(isFailover && first === undefined ? ['no commit by name on the promoted replica'] : []),
    ...(isFailover && lostSeconds > boundOf(record) ? ['more was lost than the bound'] : []),
    ...(fault.losesNothing && lost.length > 0 ? [`${lost.length} acknowledged commits lost by a planned change`] : []),
    ...(!isFailover && lost.length > 0 ? [`${lost.length} acknowledged commits lost without a failover`] : []),
    ...(!isFailover && record?.phase !== 'healthy' ? [`the pair is ${record?.phase}`] : []),
  ];
  return {
    fault: fault.name,
    decision: decisionOf(history, isFailover),
    commitsPerSecond: aftermath.commitsPerSecond,
    rtoSeconds: isFailover && first ? (first.atMs - faultMs) / 1000 : undefined,
    phases: Object.fromEntries(
      Object.entries(record?.passed ?? {})
        .filter(([, atMs]) => atMs >= faultMs)
        .sort(([, one], [, other]) => one - other)
        .map(([phase, atMs]) => [phase, (atMs - faultMs) / 1000]),
    ),
    acknowledged: all.length,
    lost: lost.length,
    lostSeconds,
    boundSeconds: isFailover ? record?.lossSeconds : undefined,
    onOldAfterNew,
    dns: answer,
    epoch,
    ok: wrong.length === 0,
    wrong,
  };
};

/** What may be missing; everything, where a person took that on. */
const boundOf = (record: FailoverRecord | undefined): number =>
  record?.lossSeconds ?? (record?.forced?.accepts.loss === 'any' ? Number.POSITIVE_INFINITY : -1);

const decisionOf = (history: readonly HistoryEntry[], isFailover: boolean): string => {
  const wanted = isFailover
    ? history.find(({ phase }) => phase === 'promoting')
    : history.find(({ phase }) => phase !== 'healthy');
  return (wanted ?? history[0])?.sentence ?? 'nothing was decided: it stayed healthy';
};
