import { sqlOf } from '../../../shared/config/engine.ts';
import type { PairConfig } from '../../../shared/config/schema.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';
import { mysqlPrimarySql, mysqlReplicaSql } from './mysql.ts';
import { primarySql, replicaSql } from './postgres.ts';

type Login = Pick<PairConfig, 'engine' | 'login'> & Partial<Pick<PairConfig, 'kind'>>;

/** The SQL of the one that leads, in the words of the pair's engine. */
export const primaryOf = ({ engine, kind, login }: Login, region: string): PrimarySql => {
  if (kind === 'aurora-global') throw new Error(NO_VOLUMES);
  return sqlOf(engine) === 'postgres' ? primarySql(login, region) : mysqlPrimarySql(login, region);
};

/** The SQL of the one that follows, in the words of the pair's engine: a replica cluster of Aurora MySQL replicates by MySQL's binary log. */
export const replicaOf = ({ engine, kind, login }: Login, region: string): ReplicaSql => {
  if (kind === 'aurora-global') throw new Error(NO_VOLUMES);
  return sqlOf(engine) === 'postgres' ? replicaSql(login, region) : mysqlReplicaSql(login, region);
};

/** Nothing may be concluded of a volume from the words of a binary log or a WAL receiver. */
const NO_VOLUMES = 'the SQL of a global database is not there yet';
