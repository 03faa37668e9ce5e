import type { Clock } from '../../../local/clock.ts';
import type { PlantedSnapshot } from '../../../local/rds/plant.ts';
import { openRdsRecords } from '../../../local/rds/records-world.ts';
import { openVirtualClock } from '../../../local/virtual-clock.ts';
import { type Kind, words } from './kinds.ts';
import type { Entry } from './ledger.ts';
import type { Scenario } from './scenario.ts';

export const ACCOUNT = '111122223333';
export const regions = { primary: 'eu-west-1', recovery: 'eu-central-1' } as const;
export type Region = keyof typeof regions;

export const MINUTE_MS = 60_000;
export const SNAPSHOT_MS = 4 * MINUTE_MS;
export const COPY_MS = 11 * MINUTE_MS;
/** How long after a change a read may not show it. */
export const STALE_MS = 20_000;

export interface Records {
  clock: Clock;
  ask(region: Region, form: URLSearchParams): Promise<{ status: number; text: string }>;
  /** The API without any fault, for what people do. Gives the answer's text; throws Refused. */
  direct(action: string, params?: Readonly<Record<string, string>>, region?: Region): Promise<string>;
  plant(snapshot: PlantedSnapshot): void;
  setQuota(manualSnapshots: number): void;
  setStatus(id: string, status: string): void;
  /** What has become of a snapshot. */
  look(region: Region, entry: Pick<Entry, 'kind' | 'name'>): Promise<Entry['state']>;
  /** Every snapshot that there is in a region. */
  names(region: Region): Promise<string[]>;
}

export class Refused extends Error {}

/** The local RDS on a clock that stands still between calls: two regions, records without servers, lists that lag behind. */
export const openRecords = (scenario: Scenario, startMs: number): Records => {
  const clock = openVirtualClock({ startMs });
  const { service, admin } = openRdsRecords({
    ...{ clock, account: ACCOUNT, regions: Object.values(regions), emit: () => {}, seed: scenario.seed },
    quotas: { manualSnapshots: 1_000_000, manualClusterSnapshots: 1_000_000, instances: 10_000, clusters: 10_000 },
    durations: {
      ...{ snapshotMs: SNAPSHOT_MS, copyMs: COPY_MS, rebootMs: 8 * MINUTE_MS },
      ...{ stopMs: MINUTE_MS, startMs: MINUTE_MS, createMs: MINUTE_MS, deleteMs: MINUTE_MS },
    },
    staleReadMs: STALE_MS,
  });
  admin.faults(scenario.seed, { snapshotsFail: 0.004, copiesFail: 0.02, pagesRepeat: 0.1 });

  const ask: Records['ask'] = async (region, form) => {
    const { status, body } = await service.handle({
      ...{ service: 'rds', region: regions[region], account: ACCOUNT, method: 'POST', path: '/' },
      ...{ query: new URLSearchParams(), headers: {}, body: Buffer.from(form.toString()) },
    });
    return { status, text: body.toString() };
  };
  const direct: Records['direct'] = async (action, params = {}, region = 'primary') => {
    const answer = await ask(region, new URLSearchParams({ Action: action, Version: '2014-10-31', ...params }));
    if (answer.status !== 200) throw new Refused(`${action}: ${answer.text}`);
    return answer.text;
  };
  const namesOf = async (region: Region, kind: Kind): Promise<string[]> => {
    // A list that moves under its reader names some twice.
    const found = new Set<string>();
    const ofEach = new RegExp(`<${words[kind].snapshotId}>(.*?)<`, 'g');
    for (let marker: string | undefined = ''; marker !== undefined; ) {
      const text: string = await direct(words[kind].describe, marker === '' ? {} : { Marker: marker }, region);
      for (const [, name] of text.matchAll(ofEach)) found.add(name as string);
      marker = /<Marker>(.*?)</.exec(text)?.[1];
    }
    return [...found];
  };
  return {
    ...{ clock, ask, direct },
    plant: (snapshot) => admin.plantSnapshot(regions.primary, snapshot),
    setQuota: (manualSnapshots) =>
      admin.setQuota(regions.primary, { manualSnapshots, manualClusterSnapshots: 1_000_000 }),
    setStatus: (id, status) => admin.setStatus(regions.primary, id, status),
    look: async (region, { kind, name }) => {
      const text = await direct(words[kind].describe, { [words[kind].snapshotId]: name }, region);
      const status = /<Status>(.*?)</.exec(text)?.[1];
      return status === 'available' || status === 'failed' ? status : 'pending';
    },
    names: async (region) => {
      await clock.advance(STALE_MS + 1);
      return [...(await namesOf(region, 'instance')), ...(await namesOf(region, 'cluster'))];
    },
  };
};
