import { parseArn } from '../names.ts';
import { mergeTags, type Params } from '../params.ts';
import { instanceNotFound, invalidValue, snapshotNotFound } from '../refusal.ts';
import { tagsXml } from '../render.ts';
import type { Instance, RegionState, Snapshot } from '../types.ts';
import type { Action } from './instances.ts';

/** Whatever carries tags, by its ARN (API reference, AddTagsToResource). */
const resourceOf = (region: RegionState, params: Params): Instance | Snapshot => {
  const name = params.required('ResourceName');
  const arn = parseArn(name);
  if (arn === undefined || arn.region !== region.name) throw invalidValue(`Invalid resource name: ${name}`);
  if (arn.kind === 'db') {
    const instance = region.instances.get(arn.id);
    if (instance === undefined) throw instanceNotFound(arn.id);
    return instance;
  }
  if (arn.kind === 'snapshot') {
    const snapshot = region.snapshots.get(arn.id);
    if (snapshot === undefined) throw snapshotNotFound(arn.id);
    return snapshot;
  }
  throw invalidValue(`Tags of ${arn.kind} are not modelled by the local RDS: ${name}`);
};

export const addTags: Action = (_context, region, params) => {
  params.only('ResourceName', 'Tags');
  const resource = resourceOf(region, params);
  resource.tags = mergeTags(resource.tags, params.tags() ?? []);
  return {};
};

export const removeTags: Action = (_context, region, params) => {
  params.only('ResourceName', 'TagKeys');
  const resource = resourceOf(region, params);
  const keys = params.list('TagKeys', 'member') ?? [];
  resource.tags = resource.tags.filter((tag) => !keys.includes(tag.key));
  return {};
};

export const listTags: Action = (_context, region, params) => {
  params.only('ResourceName', 'Filters');
  return { TagList: tagsXml(resourceOf(region, params).tags) };
};
