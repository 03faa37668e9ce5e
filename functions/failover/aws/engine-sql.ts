import type { PairConfig } from '../../../shared/config/schema.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';
import { mysqlPrimarySql, mysqlReplicaSql } from './mysql.ts';
import { primarySql, replicaSql } from './postgres.ts';

type Login = Pick<PairConfig, 'engine' | 'login'>;

/** The SQL of the one that leads, in the words of the pair's engine. */
export const primaryOf = ({ engine, login }: Login, region: string): PrimarySql =>
  engine === 'postgres' ? primarySql(login, region) : mysqlPrimarySql(login, region);

/** The SQL of the one that follows, in the words of the pair's engine. */
export const replicaOf = ({ engine, login }: Login, region: string): ReplicaSql =>
  engine === 'postgres' ? replicaSql(login, region) : mysqlReplicaSql(login, region);
