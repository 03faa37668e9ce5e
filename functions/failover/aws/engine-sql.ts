import { type Sql, sqlOf } from '../../../shared/config/engine.ts';
import type { PairConfig } from '../../../shared/config/schema.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';
import { type AuroraEngine, auroraGlobalPrimarySql, auroraGlobalReplicaSql } from './aurora-sql.ts';
import { mysqlPrimarySql, mysqlReplicaSql } from './mysql.ts';
import { primarySql, replicaSql } from './postgres.ts';

type Login = Pick<PairConfig, 'engine' | 'login'> & Partial<Pick<PairConfig, 'kind'>>;

/** The SQL of the one that leads, in the words of the pair's engine. */
export const primaryOf = ({ engine, kind, login }: Login, region: string): PrimarySql => {
  const sql = sqlOf(engine);
  if (kind === 'aurora-global') return auroraGlobalPrimarySql(volumesBy(sql), login, region);
  return sql === 'postgres' ? primarySql(login, region) : mysqlPrimarySql(login, region);
};

/** The SQL of the one that follows, in the words of the pair's engine: a replica cluster of Aurora MySQL has MySQL's binary log. */
export const replicaOf = ({ engine, kind, login }: Login, region: string): ReplicaSql => {
  const sql = sqlOf(engine);
  if (kind === 'aurora-global') return auroraGlobalReplicaSql(volumesBy(sql), login, region);
  return sql === 'postgres' ? replicaSql(login, region) : mysqlReplicaSql(login, region);
};

const volumesBy = (sql: Sql): AuroraEngine => (sql === 'postgres' ? 'postgres' : 'mysql');
