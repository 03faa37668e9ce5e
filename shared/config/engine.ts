/** Engines that can fail over, by whose SQL they speak: Aurora's two speak MySQL's and PostgreSQL's. */
const SPOKEN = {
  postgres: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
  'aurora-mysql': 'mysql',
  'aurora-postgresql': 'postgres',
} as const;

export type Engine = keyof typeof SPOKEN;
export type Sql = (typeof SPOKEN)[Engine];

export const ENGINES = Object.keys(SPOKEN) as readonly Engine[];

/** Whose SQL an engine speaks. */
export const sqlOf = (engine: Engine): Sql => SPOKEN[engine];
