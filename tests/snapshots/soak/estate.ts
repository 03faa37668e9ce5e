import type { Known, Ledger } from './ledger.ts';
import type { PolicyInWords } from './rules.ts';
import { HOUR_MS, type Incident, type Scenario } from './scenario.ts';
import { ACCOUNT, REGION, Refused, type Wire } from './wire.ts';

// The databases and the people around them: what is there at first, and what becomes of it hour by hour.

const TAG = 'mainstay:snapshots';

export interface Resident {
  number: number;
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

/** Moves in: databases, and snapshots of others. */
export const openEstate = async (
  scenario: Scenario,
  {
    wire,
    ledger,
    policyNow,
    minKeep,
    plant,
  }: {
    wire: Wire;
    ledger: Ledger;
    /** The default policy, as it is when a database is built. */
    policyNow: () => PolicyInWords;
    minKeep: number;
    plant: (snapshot: {
      id: string;
      type: 'manual' | 'automated';
      instanceId: string;
      resourceId?: string;
      createdAt: number;
      tags: { key: string; value: string }[];
    }) => void;
  },
): Promise<Estate> => {
  const residents: Resident[] = [];
  const later = new Map<number, (() => Promise<void>)[]>();
  const atHour = (hour: number, what: () => Promise<void>) => void later.set(hour, [...(later.get(hour) ?? []), what]);

  const arnOf = (kind: 'db' | 'snapshot', id: string) => `arn:aws:rds:${REGION}:${ACCOUNT}:${kind}:${id}`;
  const tag = (arn: string, key: string, value: string) =>
    wire.direct('AddTagsToResource', { ResourceName: arn, 'Tags.Tag.1.Key': key, 'Tags.Tag.1.Value': value });
  const untag = (arn: string, key: string) =>
    wire.direct('RemoveTagsFromResource', { ResourceName: arn, 'TagKeys.member.1': key });

  const build = async (number: number, id: string): Promise<Known> => {
    const own = number % 5 === 0;
    const tags: Record<string, string> = {
      [TAG]: 'true',
      team: `team ${number % 7}`,
      ...(own && { [`${TAG}:policy`]: 'hourly=3 daily=2' }),
      ...(number % 7 === 0 && { [`${TAG}:min-keep`]: '4' }),
    };
    const answer = await wire.direct('CreateDBInstance', {
      ...{ DBInstanceIdentifier: id, Engine: 'mysql', DBInstanceClass: 'db.t4g.micro' },
      ...{ MasterUsername: 'master', MasterUserPassword: 'local-master-password' },
      ...Object.fromEntries(
        Object.entries(tags).flatMap(([key, value], index) => [
          [`Tags.Tag.${index + 1}.Key`, key],
          [`Tags.Tag.${index + 1}.Value`, value],
        ]),
      ),
    });
    const known: Known = {
      resourceId: /<DbiResourceId>(.*?)</.exec(answer)?.[1] ?? '',
      selected: true,
      policy: own ? { hourly: 3, daily: 2 } : policyNow(),
      minKeep: number % 7 === 0 ? 4 : minKeep,
      garbled: false,
      exists: true,
    };
    ledger.databases.set(known.resourceId, known);
    return known;
  };

  const foreign = (id: string, of: Resident, tags: Record<string, string> = {}, resourceId = of.known.resourceId) => {
    const type = id.startsWith('rds:') ? ('automated' as const) : ('manual' as const);
    ledger.foreign.add(id);
    plant({
      ...{ id, type, instanceId: of.id, resourceId, createdAt: scenario.startMs - 90 * 24 * HOUR_MS },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
  };
  const ownTags = (id: string, resourceId: string, stack = 'mainstay-soak') => ({
    ...{ 'mainstay:stack': stack, 'mainstay:snapshot': id, 'mainstay:resource-id': resourceId },
    ...{ 'mainstay:slot': '2026-09-20T10:00:00Z', 'mainstay:source': 'an old one' },
  });

  for (let number = 0; number < scenario.databases; number++) {
    const id = `orders-${String(number).padStart(3, '0')}`;
    const resident = { number, id, known: await build(number, id), disturbedUntilHour: 0 };
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
    const { id, known } = resident;
    const disturbed = (hours: number) => {
      resident.disturbedUntilHour = Math.max(resident.disturbedUntilHour, hour + hours);
    };
    switch (incident.kind) {
      case 'stop':
        await wire.direct('StopDBInstance', { DBInstanceIdentifier: id });
        disturbed(incident.hours + 1);
        return atHour(hour + incident.hours, async () => {
          await wire.direct('StartDBInstance', { DBInstanceIdentifier: id });
        });
      case 'reboot':
        await wire.direct('RebootDBInstance', { DBInstanceIdentifier: id });
        return disturbed(1);
      case 'rename': {
        const newId = `${id.split('-').slice(0, 2).join('-')}-h${hour}`;
        const how = { DBInstanceIdentifier: id, NewDBInstanceIdentifier: newId, ApplyImmediately: 'true' };
        await wire.direct('ModifyDBInstance', how);
        resident.id = newId;
        return disturbed(1);
      }
      case 'recreate':
        await wire.direct('DeleteDBInstance', { DBInstanceIdentifier: id, SkipFinalSnapshot: 'true' });
        known.exists = false;
        disturbed(3);
        return atHour(hour + 1, async () => {
          resident.known = await build(resident.number, id);
        });
      case 'garble':
        await tag(arnOf('db', id), `${TAG}:min-keep`, 'plenty');
        known.garbled = true;
        return atHour(hour + incident.hours, async () => {
          if (resident.known !== known) return;
          if (resident.number % 7 === 0) await tag(arnOf('db', resident.id), `${TAG}:min-keep`, '4');
          else await untag(arnOf('db', resident.id), `${TAG}:min-keep`);
          known.garbled = false;
        });
      case 'deselect':
        await tag(arnOf('db', id), TAG, 'false');
        known.selected = false;
        disturbed(incident.hours + 1);
        return atHour(hour + incident.hours, async () => {
          if (resident.known !== known) return;
          await tag(arnOf('db', resident.id), TAG, 'true');
          known.selected = true;
        });
      case 'hold':
      case 'copy-by-hand': {
        const mine = ledger
          .of(known.resourceId)
          .filter(({ availableMs }) => availableMs < scenario.startMs + hour * HOUR_MS - HOUR_MS);
        const one = mine[Math.floor(scenario.fate('which', hour, resident.number) * mine.length)];
        if (one === undefined) return;
        if (incident.kind === 'copy-by-hand') {
          const copy = `by-hand-${resident.number}-${hour}`;
          ledger.foreign.add(copy);
          const how = { SourceDBSnapshotIdentifier: one.name, TargetDBSnapshotIdentifier: copy, CopyTags: 'true' };
          await wire.direct('CopyDBSnapshot', how);
          return;
        }
        await tag(arnOf('snapshot', one.name), 'mainstay:hold', 'true');
        ledger.held.add(one.name);
        return atHour(hour + incident.hours, async () => {
          await untag(arnOf('snapshot', one.name), 'mainstay:hold');
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
