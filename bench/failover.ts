import { missingMariadb } from '../local/engines/mariadb-binaries.ts';
import { lookingCost } from './failover-cost.ts';
import { recoveryTime } from './failover-rto.ts';
import type { Benchmark, Measure } from './measure.ts';

const DISASTERS = 10;
/** Of five disasters of PostgreSQL one more is MariaDB's: the reconciler is the same, only the servers are others. */
const FOR_ONE_OF_MARIADB = 5;

/** The failover wing: how fast it is where it must act, and what it costs where it only looks. */
export const failover: Benchmark = {
  name: 'failover',
  summary: `RTO of ${DISASTERS} lost hosts on real servers against what none can go below; what a look and an incident cost`,
  run: async (progress, { disasters = DISASTERS } = {}) => [
    ...(await lookingCost(progress)),
    ...(disasters > 0 ? await recoveryTime('postgres', disasters, progress) : []),
    ...(disasters > 0 ? await ofMariadb(disasters, progress) : []),
  ],
};

const ofMariadb = async (disasters: number, progress: (line: string) => void): Promise<Measure[]> => {
  const missing = await missingMariadb();
  if (missing === undefined) return recoveryTime('mariadb', Math.ceil(disasters / FOR_ONE_OF_MARIADB), progress);
  progress(`no rows of MariaDB: ${missing}`);
  return [];
};
