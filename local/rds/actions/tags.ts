import type { Context } from '../context.ts';
import { type ArnKind, parseArn } from '../names.ts';
import { mergeTags, type Params } from '../params.ts';
import { invalidValue, type RdsRefusal } from '../refusal.ts';
import { tagsXml } from '../render.ts';
import type { RegionState, Tagged } from '../types.ts';
import { retag } from '../views.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';

type Taggable = Exclude<ArnKind, 'es'>;

const missing: Readonly<Record<Taggable, (id: string) => RdsRefusal>> = {
  db: words.instance.notFound,
  snapshot: words.instance.snapshotNotFound,
  cluster: words.cluster.notFound,
  'cluster-snapshot': words.cluster.snapshotNotFound,
};

/** What carries tags under an ARN's kind and name. */
export const taggedAt = (region: RegionState, kind: string, id: string): Tagged | undefined => {
  switch (kind) {
    case 'db':
      return region.instances.get(id);
    case 'cluster':
      return region.clusters.get(id);
    case 'snapshot':
      return region.snapshots.instance.get(id);
    case 'cluster-snapshot':
      return region.snapshots.cluster.get(id);
    default:
      return undefined;
  }
};

/** Whatever carries tags, by its ARN (API reference, AddTagsToResource). */
const resourceOf = (context: Context, region: RegionState, params: Params): Tagged => {
  const name = params.required('ResourceName');
  const arn = parseArn(name);
  if (arn === undefined || arn.region !== region.name || arn.account !== context.account)
    throw invalidValue(`Invalid resource name: ${name}`);
  if (!Object.hasOwn(missing, arn.kind)) {
    throw invalidValue(`Tags of ${arn.kind} are not modelled by the local RDS: ${name}`);
  }
  const resource = taggedAt(region, arn.kind, arn.id);
  if (resource === undefined) throw missing[arn.kind as Taggable](arn.id);
  return resource;
};

export const addTags: Action = (context, region, params) => {
  params.only('ResourceName', 'Tags');
  const resource = resourceOf(context, region, params);
  retag(context, resource, mergeTags(resource.tags, params.tags() ?? []));
  return {};
};

export const removeTags: Action = (context, region, params) => {
  params.only('ResourceName', 'TagKeys');
  const resource = resourceOf(context, region, params);
  const keys = params.list('TagKeys', 'member') ?? [];
  retag(
    context,
    resource,
    resource.tags.filter((tag) => !keys.includes(tag.key)),
  );
  return {};
};

export const listTags: Action = (context, region, params) => {
  params.only('ResourceName', 'Filters');
  return { TagList: tagsXml(resourceOf(context, region, params).tags) };
};
