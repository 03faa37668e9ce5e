import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../local/clock.ts';
import type { Run } from '../../../local/engines/run.ts';
import type { LocalService } from '../../../local/gateway/service.ts';
import type { PlantedSnapshot } from '../../../local/rds/plant.ts';
import { openRdsWorld } from '../../../local/rds/world.ts';
import { openVirtualClock } from '../../../local/virtual-clock.ts';
import { ACCOUNT, REGION } from './wire.ts';

export const SNAPSHOT_MS = 4 * 60_000;

export interface Records {
  service: LocalService;
  clock: Clock;
  plant(snapshot: PlantedSnapshot): void;
  setQuota(manualSnapshots: number): void;
  /** Every snapshot that there is. */
  names(): Promise<string[]>;
}

/** The local RDS on a clock that stands still between calls: records, no servers. */
export const openRecords = async (startMs: number): Promise<Records> => {
  const clock = openVirtualClock({ startMs });
  const dir = await mkdtemp(join(tmpdir(), 'mainstay-soak-'));
  const world = await openRdsWorld({
    run: { dir } as Run,
    clock,
    dns: { zones: { publish: () => {} } },
    account: ACCOUNT,
    regions: [REGION],
    emit: () => {},
    quotas: { manualSnapshots: 1_000_000, instances: 10_000 },
    durations: { snapshotMs: SNAPSHOT_MS, rebootMs: 8 * 60_000, stopMs: 60_000, startMs: 60_000, createMs: 60_000 },
  });
  await rm(dir, { recursive: true, force: true });
  return {
    service: world.service,
    clock,
    plant: (snapshot) => world.admin.plantSnapshot(REGION, snapshot),
    setQuota: (manualSnapshots) => world.admin.setQuota(REGION, { manualSnapshots }),
    names: async () => {
      const found: string[] = [];
      let marker: string | undefined;
      do {
        const form = new URLSearchParams({ Action: 'DescribeDBSnapshots', Version: '2014-10-31' });
        if (marker !== undefined) form.set('Marker', marker);
        const answer = await world.service.handle({
          ...{ service: 'rds', region: REGION, account: ACCOUNT, method: 'POST', path: '/' },
          ...{ query: new URLSearchParams(), headers: {}, body: Buffer.from(form.toString()) },
        });
        const text = answer.body.toString();
        found.push(...[...text.matchAll(/<DBSnapshotIdentifier>(.*?)</g)].map(([, name]) => name as string));
        marker = /<Marker>(.*?)</.exec(text)?.[1];
      } while (marker !== undefined);
      return found;
    },
  };
};
