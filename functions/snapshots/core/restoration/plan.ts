import { formatInstant } from '../calendar.ts';
import type { Inventory, Snapshot, Tags } from '../inventory.ts';
import type { Settings } from '../policy.ts';
import type { Choice, Refusal, RefusalReason, RestorationWish } from './restoration.ts';

// From the chosen snapshot to a database of its own name: never over one that exists.

/** On what a restoration made: the ARN of the snapshot that it came from. By this tag a second try knows its own. */
export const RESTORED_FROM = 'mainstay:restored-from';

/** How the database that the snapshot was taken from stands, where it still exists in this region. */
export interface Placement {
  instanceClass?: string;
  subnetGroup?: string;
  securityGroupIds?: readonly string[];
  /** Only one that is not RDS's default: a snapshot does not remember it. */
  parameterGroup?: string;
  multiAz?: boolean;
}

/** RDS restores three things: an instance; a cluster without instances (Aurora); a cluster that brings its own (Multi-AZ). */
export type Form = 'instance' | 'aurora' | 'multi-az-cluster';

/** What a person should know or do; the sentences are in restoration-sentences.ts. */
export type Note =
  | 'someone-elses'
  | 'earlier-database'
  | 'moment-not-exact'
  | 'key-unseen'
  | 'copy-is-left'
  | 'network-of-source'
  | 'network-default'
  | 'parameter-group-of-source'
  | 'parameter-group-default'
  | 'one-instance'
  | 'single-az'
  | 'backups-begin-anew'
  | 'tags'
  | 'password';

export interface RestorationPlan {
  /** `continue`: a database of that name exists and is this restoration's own. */
  kind: 'restore' | 'continue';
  choice: Choice;
  snapshot: Snapshot;
  form: Form;
  to: string;
  /** The instance of an Aurora cluster. */
  member: string | undefined;
  /** `copy`: through an encrypted copy of that name, for an instance's restore takes no key. */
  encrypt: { keyId: string; by: 'copy'; copyName: string } | { keyId: string; by: 'restore' } | undefined;
  instanceClass: string | undefined;
  subnetGroup: string | undefined;
  securityGroupIds: readonly string[] | undefined;
  parameterGroup: string | undefined;
  tags: Tags;
  notes: readonly Note[];
}

/** The plan of a restoration, or why there is none. `placement` is that of the chosen snapshot's own database. */
export const planRestoration = (
  choice: Choice,
  wish: RestorationWish,
  placement: Placement | undefined,
  inventory: Inventory,
  settings: Pick<Settings, 'tagKey'>,
  nowMs: number,
): RestorationPlan | Refusal => {
  const refuse = (because: RefusalReason, detail: string): Refusal => ({
    kind: 'refused',
    because,
    what: wish.what,
    detail,
    pointInTime: choice.pointInTime,
  });
  const to = wish.to?.toLowerCase() ?? freeName(choice.snapshot.databaseId, inventory, nowMs);
  if (!isDatabaseName(to)) return refuse('bad-name', to);
  const taken = inventory.databases.find(({ id }) => id === to);
  // Begun with another snapshot of the same database (a newer one has come since): that one is continued.
  const snapshot =
    taken === undefined
      ? choice.snapshot
      : choice.candidates.find((one) => one.kind === taken.kind && isRestoredFrom(taken.tags, one));
  if (snapshot === undefined) return refuse('name-taken', to);

  const form = formOf(snapshot, choice);
  const member = form === 'aurora' ? memberName(to) : undefined;
  if (inventory.databases.some(({ id, memberOf }) => id === member && memberOf !== to))
    return refuse('name-taken', member ?? '');
  const instanceClass = wish.instanceClass ?? placement?.instanceClass;
  if (form !== 'instance' && instanceClass === undefined) return refuse('class-needed', to);

  const encrypt = encryptionOf(snapshot, wish.encryptWith, to);
  const subnetGroup = wish.subnetGroup ?? placement?.subnetGroup;
  // Groups of one VPC do not fit another's subnets: the source's go only with the source's subnets.
  const securityGroupIds =
    wish.securityGroupIds ?? (wish.subnetGroup === undefined ? placement?.securityGroupIds : undefined);
  const { parameterGroup } = placement ?? {};
  const noted: [Note, boolean][] = [
    ['someone-elses', !choice.own],
    ['earlier-database', choice.own && choice.database === undefined && inventory.databases.some(isNamesake(snapshot))],
    ['moment-not-exact', !choice.moment.exact],
    ['key-unseen', snapshot.kmsKeyId !== undefined && inventory.keys?.[snapshot.kmsKeyId] !== 'usable'],
    ['copy-is-left', encrypt?.by === 'copy'],
    ['network-of-source', wish.subnetGroup === undefined && placement?.subnetGroup !== undefined],
    ['network-default', subnetGroup === undefined],
    ['parameter-group-of-source', parameterGroup !== undefined],
    ['parameter-group-default', parameterGroup === undefined],
    ['one-instance', form === 'aurora'],
    ['single-az', placement?.multiAz === true && form === 'instance'],
    ['backups-begin-anew', true],
    ['tags', true],
    ['password', true],
  ];
  return {
    kind: taken === undefined ? 'restore' : 'continue',
    choice,
    snapshot,
    form,
    to,
    member,
    encrypt,
    instanceClass,
    subnetGroup,
    securityGroupIds,
    parameterGroup,
    tags: restoredTags(snapshot, settings.tagKey),
    notes: noted.flatMap(([note, holds]) => (holds ? [note] : [])),
  };
};

const MAX_VALUE = 256;

/** The tag's value: the snapshot's ARN, cut where a tag must end (somebody's name may have 255 characters). */
export const restoredFrom = ({ arn }: Snapshot): string => arn.slice(0, MAX_VALUE);

/** True when these are the tags of something that was restored, or copied on the way, from this snapshot. */
export const isRestoredFrom = (tags: Tags, snapshot: Snapshot): boolean =>
  tags[RESTORED_FROM] === restoredFrom(snapshot);

/** People's own tags come along, ours do not: a restored database is not snapshotted, and no snapshot of it is ours, until somebody says so. */
const restoredTags = ({ tags, arn }: Snapshot, tagKey: string): Tags => ({
  [RESTORED_FROM]: arn.slice(0, MAX_VALUE),
  ...Object.fromEntries(
    Object.entries(tags)
      .filter(([key]) => !/^(mainstay|aws|rds):/i.test(key) && key !== tagKey && !key.startsWith(`${tagKey}:`))
      .slice(0, 49),
  ),
});

const formOf = (snapshot: Snapshot, { database }: Choice): Form =>
  snapshot.kind === 'instance'
    ? 'instance'
    : /^aurora/.test(snapshot.engine ?? database?.engine ?? 'aurora')
      ? 'aurora'
      : 'multi-az-cluster';

// docs: API_CopyDBSnapshot — a key given for an unencrypted snapshot encrypts the copy. API_CopyDBClusterSnapshot refuses
// that, and API_RestoreDBClusterFromSnapshot takes the key itself; API_RestoreDBInstanceFromDBSnapshot has none.
const encryptionOf = (snapshot: Snapshot, keyId: string | undefined, to: string): RestorationPlan['encrypt'] =>
  keyId === undefined || keyId === snapshot.kmsKeyId
    ? undefined
    : snapshot.kind === 'cluster'
      ? { keyId, by: 'restore' }
      : { keyId, by: 'copy', copyName: `${to}-encrypted` };

// docs: API_RestoreDBInstanceFromDBSnapshot — 1 to 63 letters, digits, hyphens; first a letter; none last, no two in a row.
const MAX_NAME = 63;
const isDatabaseName = (name: string): boolean => name.length <= MAX_NAME && /^[a-z](-?[a-z0-9])*$/.test(name);

const cut = (name: string, length: number): string => name.slice(0, length).replace(/-+$/, '');
const memberName = (to: string): string => `${cut(to, MAX_NAME - '-1'.length)}-1`;

/** `orders-restored-202608140105`: cut to length, with a number behind it where that is taken. */
const freeName = (databaseId: string, { databases }: Inventory, nowMs: number): string => {
  const stamp = formatInstant(nowMs).slice(0, 'yyyy-mm-ddThh:mm'.length).replace(/[-:T]/g, '');
  const tail = `-restored-${stamp}`;
  const name = `${cut(databaseId, MAX_NAME - tail.length - '-99-1'.length)}${tail}`;
  const taken = new Set(databases.map(({ id }) => id));
  for (let number = 2; number < 100 && taken.has(name); number++) {
    if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
  }
  return name;
};

const isNamesake =
  ({ kind, databaseId }: Snapshot) =>
  (one: { kind: string; id: string }) =>
    one.kind === kind && one.id === databaseId;
