import { isNotFound } from '../../../shared/aws/errors.ts';
import { formerTable, recordTable } from '../../../shared/config/record.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { RecordStore } from '../run/ports.ts';
import { begunOnce, firstAnswer } from '../run/records.ts';
import { recordRegions } from '../run/settings.ts';
import { recordClient, recordReader } from './record-read.ts';
import { dynamoRecords } from './record-store.ts';
import { onlySafe, tableDoubt } from './record-table.ts';

/** One for each table and region, over all invocations of a process: what was found fit stays so. */
const stores = new Map<string, RecordStore>();

/**
 * The record where the config keeps it, by the recovery region's endpoint: the reconciler is there, and calls of DynamoDB stay in
 * their region (docs: prescriptive guidance, dynamodb-global-tables, key facts).
 */
export const configuredRecords = (config: Config): RecordStore => {
  const { recovery } = config.regions;
  const table = recordTable(config);
  const known = stores.get(`${recovery} ${table}`);
  if (known !== undefined) return known;
  const made = watched(config, dynamoRecords(table, recovery));
  stores.set(`${recovery} ${table}`, made);
  return made;
};

/** The same for a person: read in another region of the table where the recovery region does not answer; written there alone. */
export const recordsForPeople = (config: Config): RecordStore => {
  const all = recordRegions(config, config.regions.recovery).map((region) =>
    dynamoRecords(recordTable(config), region),
  );
  return watched(config, {
    ...(all[0] as RecordStore),
    load: (pair) => firstAnswer(all.map((one) => () => one.load(pair))),
    history: (pair, limit) => firstAnswer(all.map((one) => () => one.history(pair, limit))),
  });
};

/** The same for readiness, which says itself what is unfit about the table. */
export const recordsAsTheyAre = (config: Config): RecordStore =>
  begun(config, dynamoRecords(recordTable(config), config.regions.recovery));

/** Refused as long as its table is unfit, or the other kind's has the record. */
const watched = (config: Config, store: RecordStore): RecordStore => {
  const doubt = tableDoubt(recordClient(config.regions.recovery), recordTable(config));
  return onlySafe(begun(config, store), doubt, Date.now);
};

const begun = (config: Config, store: RecordStore): RecordStore => {
  const table = formerTable(config);
  const former = { table, load: ifThere(table, config.regions.recovery).load };
  return begunOnce(store, former, recordTable(config));
};

/** Reads a table that there may never have been. */
const ifThere = (table: string, region: string): Pick<RecordStore, 'load'> => {
  const reader = recordReader(table, recordClient(region));
  return {
    load: (pair) =>
      reader.load(pair).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }),
  };
};
