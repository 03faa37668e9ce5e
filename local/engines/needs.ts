// Which engines this machine has or can have, and all of them fetched.
import { fetchDynamoDb, missingDynamoDb } from './dynamodb.ts';
import { EngineError } from './engine-error.ts';
import { mariadbBinaries, missingMariadb } from './mariadb-binaries.ts';
import { fetchMinistack, missingMinistack } from './ministack.ts';
import { fetchOpenSearch, missingOpenSearch } from './opensearch.ts';
import { missingPostgres, postgresBinaries } from './postgres-binaries.ts';
import { type Progress, printProgress } from './progress.ts';

export type EngineName = 'postgres' | 'mariadb' | 'dynamodb' | 'opensearch' | 'ministack';

/** Whether an engine is in the cache and can be started here; if not, one sentence why and what to do. */
export type EngineStatus = Record<EngineName, { have: boolean; why?: string }>;

const ENGINES: Record<
  EngineName,
  { missing(): Promise<string | undefined>; fetch(progress?: Progress): Promise<unknown> }
> = {
  postgres: { missing: missingPostgres, fetch: postgresBinaries },
  mariadb: { missing: missingMariadb, fetch: mariadbBinaries },
  dynamodb: { missing: missingDynamoDb, fetch: fetchDynamoDb },
  opensearch: { missing: missingOpenSearch, fetch: fetchOpenSearch },
  ministack: { missing: missingMinistack, fetch: fetchMinistack },
};

/** Fetches every engine that can be had, one after the other, and says of each whether it is there now. Never throws. */
export const fetchAll = async (progress: Progress = printProgress()): Promise<EngineStatus> => {
  const status: Partial<EngineStatus> = {};
  for (const name of Object.keys(ENGINES) as EngineName[]) status[name] = await ensure(name, progress);
  return status as EngineStatus;
};

/** What can be had here, for tests to skip or to fail by. An engine that is not in the cache yet is fetched to find out. */
export const engineStatus = (progress?: Progress): Promise<EngineStatus> => fetchAll(progress);

const ensure = async (name: EngineName, progress: Progress): Promise<{ have: boolean; why?: string }> => {
  try {
    const why = await ENGINES[name].missing();
    if (why) return { have: false, why };
    await ENGINES[name].fetch(progress);
    return { have: true };
  } catch (error) {
    if (error instanceof EngineError) return { have: false, why: error.message };
    throw error;
  }
};
