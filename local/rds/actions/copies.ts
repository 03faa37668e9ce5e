import type { Context } from '../context.ts';
import { nameOf, parseArn } from '../names.ts';
import { mergeTags, type Params } from '../params.ts';
import { addSnapshot } from '../records.ts';
import { invalidValue, RdsRefusal } from '../refusal.ts';
import { defaultOptionGroup, optionGroup } from '../settings.ts';
import { fillCopy, isQueued, statusOfCopy } from '../snapshotting.ts';
import type { DatabaseSettings, Kind, RegionState, Snapshot, Tag } from '../types.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';
import { snapshotElement } from './snapshots.ts';

/** Copies in progress to one region, at most (User Guide, USER_CopySnapshot, Limitations); those that wait are in progress. */
const mostCopies = 20;

/**
 * API reference, CopyDBSnapshot and CopyDBClusterSnapshot: called in the destination region; the source is an ARN if it is
 * elsewhere. A presigned URL is taken and never needed: the account's own regions trust each other.
 */
export const copySnapshot =
  (kind: Kind): Action =>
  (context, region, params) => {
    const { sourceParameter, targetParameter } = words[kind];
    params.only(
      ...[sourceParameter, targetParameter, 'KmsKeyId', 'CopyTags', 'Tags'],
      ...(kind === 'instance' ? ['OptionGroupName'] : []),
    );
    const source = sourceOf(context, region, kind, params.required(sourceParameter));
    if (source.status !== 'available') {
      throw words[kind].invalidSnapshotState(
        `Cannot copy the snapshot ${source.id} because it is not currently in the available state.`,
      );
    }
    const isElsewhere = source.region !== region.name;
    const settings: DatabaseSettings = {
      ...source.settings,
      ...encryption(context, region, params, source, isElsewhere),
      optionGroup:
        kind === 'instance' && isElsewhere
          ? targetOptionGroup(context, region, params, source)
          : source.settings.optionGroup,
    };
    const tags = mergeTags([], tagsOf(params, source));
    if (region.copies.size >= mostCopies) {
      throw new RdsRefusal('SnapshotQuotaExceeded', `Cannot copy more than ${mostCopies} snapshots across regions`);
    }
    const snapshot = addSnapshot(context, region, {
      ...{ kind, id: params.required(targetParameter), parameter: targetParameter, copyOf: source, settings, tags },
      ...{ databaseId: source.databaseId, resourceId: source.resourceId, length: context.durations.copyMs },
      status: isQueued(region.copies, source) ? 'pending' : statusOfCopy(source),
    });
    fillCopy(context, snapshot, source);
    return snapshotElement(snapshot, context.clock.now());
  };

/** API reference, KmsKeyId of both: another region needs a key of its own, and an unencrypted cluster snapshot takes none. */
const encryption = (
  { keys }: Context,
  region: RegionState,
  params: Params,
  source: Snapshot,
  isElsewhere: boolean,
): Pick<DatabaseSettings, 'encrypted' | 'kmsKeyId'> => {
  const key = params.text('KmsKeyId');
  const { encrypted, kmsKeyId } = source.settings;
  if (encrypted && isElsewhere && key === undefined) {
    throw invalidValue('Must specify new KMS key for cross region encrypted snapshot copy.');
  }
  if (!encrypted && key !== undefined && source.kind === 'cluster') {
    throw invalidValue('KmsKeyId can not be specified for a copy of an unencrypted DB cluster snapshot');
  }
  if (encrypted) keys.usable(source.region, kmsKeyId);
  if (key === undefined) return { encrypted, kmsKeyId };
  return { encrypted: true, kmsKeyId: keys.usable(region.name, key) };
};

/**
 * User Guide, USER_CopySnapshot, "Option group considerations": option groups belong to a region, and a snapshot whose group
 * has options needs one at the destination that has them too.
 */
const targetOptionGroup = (context: Context, region: RegionState, params: Params, source: Snapshot): string => {
  const needed = context.regions.get(source.region)?.optionGroups.get(source.settings.optionGroup) ?? [];
  const target = optionGroup(region, params) ?? defaultOptionGroup(source.settings);
  const offered = region.optionGroups.get(target) ?? [];
  if (needed.some((option) => !offered.includes(option))) {
    throw invalidValue(
      `The snapshot requires a target option group with the following options: [${needed.join(', ')}]`,
    );
  }
  return target;
};

/** Tags that are given replace those of the source; AWS's own can't be copied, and CopyTags doesn't leave them out. */
const tagsOf = (params: Params, source: Snapshot): readonly Tag[] => {
  const given = params.tags();
  if (given !== undefined) return given;
  if (!params.flag('CopyTags')) return [];
  if (source.tags.some(({ key }) => key.startsWith('aws:'))) {
    throw invalidValue('Tag keys cannot start with the reserved prefix aws:');
  }
  return source.tags;
};

const sourceOf = (context: Context, region: RegionState, kind: Kind, id: string): Snapshot => {
  const arn = parseArn(id);
  const home = arn === undefined || arn.kind !== words[kind].snapshotArn ? region : context.regions.get(arn.region);
  const snapshot = home?.snapshots[kind].get(nameOf(id, home.name, words[kind].snapshotArn));
  if (snapshot === undefined) throw words[kind].snapshotNotFound(id);
  return snapshot;
};
