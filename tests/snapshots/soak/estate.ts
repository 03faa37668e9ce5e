import { type Kind, words } from './kinds.ts';
import type { Known, Ledger } from './ledger.ts';
import type { PolicyInWords } from './rules.ts';
import { HOUR_MS, type Incident, type Scenario } from './scenario.ts';
import { ACCOUNT, type Records, Refused, regions } from './world.ts';

// The databases and the people around them: what is there at first, and what becomes of it hour by hour.

const TAG = 'mainstay:snapshots';

export interface Resident {
  number: number;
  kind: Kind;
  id: string;
  known: Known;
  /** The first hour in which a miss is no longer explained by what was done to it. */
  disturbedUntilHour: number;
}

export interface Estate {
  residents: Resident[];
  /** Applies what the scenario says for this hour; gives how many incidents there were. */
  liveThrough(hour: number): Promise<number>;
}

/** Moves in: databases of both kinds, and snapshots of others. */
export const openEstate = async (
  scenario: Scenario,
  {
    records,
    ledger,
    policyNow,
    minKeep,
    onBuilt,
  }: {
    records: Records;
    ledger: Ledger;
    /** The default policy, as it is when a database is built. */
    policyNow: () => PolicyInWords;
    minKeep: number;
    onBuilt: (known: Known) => void;
  },
): Promise<Estate> => {
  const { direct } = records;
  const residents: Resident[] = [];
  const later = new Map<number, (() => Promise<void>)[]>();
  const atHour = (hour: number, what: () => Promise<void>) => void later.set(hour, [...(later.get(hour) ?? []), what]);

  const databaseArn = ({ kind, id }: Pick<Resident, 'kind' | 'id'>) =>
    `arn:aws:rds:${regions.primary}:${ACCOUNT}:${words[kind].databaseArn}:${id}`;
  const snapshotArn = (kind: Kind, name: string) =>
    `arn:aws:rds:${regions.primary}:${ACCOUNT}:${words[kind].arn}:${name}`;
  const tag = (arn: string, key: string, value: string) =>
    direct('AddTagsToResource', { ResourceName: arn, 'Tags.Tag.1.Key': key, 'Tags.Tag.1.Value': value });
  const untag = (arn: string, key: string) =>
    direct('RemoveTagsFromResource', { ResourceName: arn, 'TagKeys.member.1': key });

  const build = async (number: number, kind: Kind, id: string): Promise<Known> => {
    const own = number % 5 === 0;
    const tags: Record<string, string> = {
      [TAG]: 'true',
      team: `team ${number % 7}`,
      ...(own && { [`${TAG}:policy`]: 'hourly=3 daily=2' }),
      ...(number % 7 === 0 && { [`${TAG}:min-keep`]: '4' }),
    };
    const answer = await direct(words[kind].make, {
      [words[kind].databaseId]: id,
      ...(kind === 'instance' ? { Engine: 'mysql', DBInstanceClass: 'db.t4g.micro' } : { Engine: 'aurora-mysql' }),
      ...(number % 2 === 0 && { StorageEncrypted: 'true' }),
      ...{ MasterUsername: 'master', MasterUserPassword: 'local-master-password' },
      ...Object.fromEntries(
        Object.entries(tags).flatMap(([key, value], index) => [
          [`Tags.Tag.${index + 1}.Key`, key],
          [`Tags.Tag.${index + 1}.Value`, value],
        ]),
      ),
    });
    const known: Known = {
      resourceId: words[kind].resourceId.exec(answer)?.[1] ?? '',
      selected: true,
      policy: own ? { hourly: 3, daily: 2 } : policyNow(),
      minKeep: number % 7 === 0 ? 4 : minKeep,
      garbled: false,
      exists: true,
    };
    ledger.databases.set(known.resourceId, known);
    onBuilt(known);
    return known;
  };

  const foreign = (id: string, of: Resident, tags: Record<string, string> = {}, resourceId = of.known.resourceId) => {
    const type = id.startsWith('rds:') ? ('automated' as const) : ('manual' as const);
    ledger.foreign.add(id);
    records.plant({
      ...{ id, kind: of.kind, type, instanceId: of.id, resourceId, createdAt: scenario.startMs - 90 * 24 * HOUR_MS },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
  };
  const ownTags = (id: string, resourceId: string, stack = 'mainstay-soak') => ({
    ...{ 'mainstay:stack': stack, 'mainstay:snapshot': id, 'mainstay:resource-id': resourceId },
    ...{ 'mainstay:slot': '2026-09-20T10:00:00Z', 'mainstay:source': 'an old one' },
  });

  for (let number = 0; number < scenario.databases; number++) {
    const id = `orders-${String(number).padStart(3, '0')}`;
    const kind: Kind = number % 4 === 3 ? 'cluster' : 'instance';
    const resident = { number, kind, id, known: await build(number, kind, id), disturbedUntilHour: 0 };
    residents.push(resident);
    const { resourceId } = resident.known;
    foreign(`before-the-migration-${number}`, resident);
    if (number % 3 === 0) foreign(`rds:${id}-2026-09-20-04-10`, resident);
    if (number % 4 === 0) foreign(`awsbackup:job-${number}`, resident, { 'aws:backup:source-resource': resourceId });
    if (number % 4 === 1)
      foreign(`theirs-${number}`, resident, ownTags(`theirs-${number}`, resourceId, 'mainstay-prod'));
    if (number % 4 === 2) foreign(`copy-${number}`, resident, ownTags(`ms-${id}-2026092010-abcdef`, resourceId));
    // The last of a database that is gone: ours by every tag, and all that is left of it.
    if (number % 4 === 3)
      foreign(`last-${number}`, resident, ownTags(`last-${number}`, `db-GONE${number}`), `db-GONE${number}`);
  }

  const suffer = async (resident: Resident, incident: Incident, hour: number): Promise<void> => {
    const { id, kind, known } = resident;
    const its = words[kind];
    const disturbed = (hours: number) => {
      resident.disturbedUntilHour = Math.max(resident.disturbedUntilHour, hour + hours);
    };
    const isStill = () => resident.known === known;
    switch (incident.kind) {
      case 'stop':
        await direct(its.stop, { [its.databaseId]: id });
        disturbed(incident.hours + 1);
        return atHour(hour + incident.hours, async () => {
          await direct(its.start, { [its.databaseId]: resident.id });
        });
      case 'reboot':
        // Over before the next try within the slot: no excuse for a miss.
        await direct('RebootDBInstance', { DBInstanceIdentifier: id });
        return;
      case 'maintenance':
        if (kind === 'cluster') return;
        records.setStatus(
          id,
          scenario.fate('which state', hour, resident.number) < 0.5 ? 'storage-full' : 'a-new-word',
        );
        disturbed(incident.hours + 1);
        return atHour(hour + incident.hours, async () => {
          if (isStill()) records.setStatus(resident.id, 'available');
        });
      case 'rename': {
        const newId = `${id.split('-').slice(0, 2).join('-')}-h${hour}`;
        const how = { DBInstanceIdentifier: id, NewDBInstanceIdentifier: newId, ApplyImmediately: 'true' };
        await direct('ModifyDBInstance', how);
        resident.id = newId;
        return disturbed(1);
      }
      case 'recreate':
        await direct(its.drop, { [its.databaseId]: id, SkipFinalSnapshot: 'true' });
        known.exists = false;
        disturbed(3);
        return atHour(hour + 1, async () => {
          resident.known = await build(resident.number, kind, id);
        });
      case 'garble':
        await tag(databaseArn(resident), `${TAG}:min-keep`, 'plenty');
        known.garbled = true;
        return atHour(hour + incident.hours, async () => {
          if (!isStill()) return;
          if (resident.number % 7 === 0) await tag(databaseArn(resident), `${TAG}:min-keep`, '4');
          else await untag(databaseArn(resident), `${TAG}:min-keep`);
          known.garbled = false;
        });
      case 'deselect':
        await tag(databaseArn(resident), TAG, 'false');
        known.selected = false;
        disturbed(incident.hours + 1);
        return atHour(hour + incident.hours, async () => {
          if (!isStill()) return;
          await tag(databaseArn(resident), TAG, 'true');
          known.selected = true;
        });
      case 'hold':
      case 'copy-by-hand': {
        const oldMs = scenario.startMs + (hour - 1) * HOUR_MS;
        const mine = ledger.of(known.resourceId).filter(({ readyMs }) => readyMs < oldMs);
        const one = mine[Math.floor(scenario.fate('which', hour, resident.number) * mine.length)];
        if (one === undefined) return;
        if (incident.kind === 'copy-by-hand') {
          const copy = `by-hand-${resident.number}-${hour}`;
          ledger.foreign.add(copy);
          const names = { [`Source${its.snapshotId}`]: one.name, [`Target${its.snapshotId}`]: copy };
          await direct(its.copy, { ...names, CopyTags: 'true' });
          return;
        }
        await tag(snapshotArn(kind, one.name), 'mainstay:hold', 'true');
        ledger.held.add(one.name);
        return atHour(hour + incident.hours, async () => {
          await untag(snapshotArn(kind, one.name), 'mainstay:hold');
          ledger.held.delete(one.name);
        });
      }
    }
  };

  return {
    residents,
    liveThrough: async (hour) => {
      let incidents = 0;
      const tolerant = async (what: () => Promise<void>) => {
        try {
          await what();
          incidents += 1;
        } catch (error) {
          // Stopped already, being deleted, not there yet: then that did not happen.
          if (!(error instanceof Refused)) throw error;
        }
      };
      for (const what of later.get(hour) ?? []) await tolerant(what);
      for (const resident of residents) {
        const incident = scenario.incidentOf(hour, resident.number);
        if (incident !== undefined && resident.known.exists) await tolerant(() => suffer(resident, incident, hour));
      }
      return incidents;
    },
  };
};
