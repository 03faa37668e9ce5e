import { type Database, openDatabase } from '../shared/database/login.ts';
import type { Stage } from './stage.ts';

/** An independent look into a database of the estate, as its master, by its RDS endpoint. */
export const databaseAt = async (stage: Stage, region: string, instance: string): Promise<Database> => {
  Object.assign(process.env, stage.aws.env());
  const { endpointName } = stage.aws.rds.admin.instance(region, instance);
  return openDatabase({ kind: 'secret', secretId: 'estate/master' }, { region, host: endpointName, timeoutMs: 10_000 });
};
