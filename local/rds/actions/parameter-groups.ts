import { list, type XmlValue } from '../../xml.ts';
import type { Params } from '../params.ts';
import { invalidValue, RdsRefusal } from '../refusal.ts';
import type { ParameterGroup, RegionState } from '../types.ts';
import type { Action } from './action.ts';

// DB parameter groups, as far as an engine starts with them or not: of each family the one parameter for its memory is known here.

/** In 8 kB pages and static; in bytes and dynamic (User Guide, Appendix.PostgreSQL.CommonDBATasks.Parameters; MySQL's by DescribeDBParameters). */
const PAGES = { name: 'shared_buffers', least: 16, most: 1_073_741_823, bytes: 8_192, isStatic: true };
const BYTES = { name: 'innodb_buffer_pool_size', least: 5_242_880, most: 2 ** 63, bytes: 1, isStatic: false };

const memoryOf = (family: string) => (/^(mysql|mariadb)/.test(family) ? BYTES : PAGES);

const notFound = (name: string): RdsRefusal =>
  new RdsRefusal('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 404);

/** RDS has one of these for every family, whose parameters nobody can change. */
const ofRds = (name: string): ParameterGroup | undefined => {
  const family = /^default\.(.+)$/.exec(name)?.[1];
  return family === undefined ? undefined : { family, memoryBytes: undefined };
};

const groupOf = (region: RegionState, name: string): ParameterGroup => {
  const found = region.parameterGroups.get(name.toLowerCase()) ?? ofRds(name.toLowerCase());
  if (found === undefined) throw notFound(name);
  return found;
};

/** The group that a request names, in lower case; refuses one that isn't there. */
export const parameterGroup = (region: RegionState, params: Params): string | undefined => {
  const name = params.text('DBParameterGroupName')?.toLowerCase();
  if (name !== undefined) groupOf(region, name);
  return name;
};

const groupXml = (region: RegionState, account: string, name: string, { family }: ParameterGroup): XmlValue => ({
  DBParameterGroupName: name,
  DBParameterGroupFamily: family,
  Description: name,
  DBParameterGroupArn: `arn:aws:rds:${region.name}:${account}:pg:${name}`,
});

/** API reference, CreateDBParameterGroup: the name is kept in lower case. */
export const createParameterGroup: Action = ({ account }, region, params) => {
  params.only('DBParameterGroupName', 'DBParameterGroupFamily', 'Description', 'Tags');
  const name = params.required('DBParameterGroupName').toLowerCase();
  params.required('Description');
  params.tags();
  if (!/^[a-z](-?[a-z0-9])*$/.test(name) || name.length > 255)
    throw invalidValue(`The parameter DBParameterGroupName is not a valid identifier: ${name}`);
  if (region.parameterGroups.has(name))
    throw new RdsRefusal('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
  const group: ParameterGroup = { family: params.required('DBParameterGroupFamily'), memoryBytes: undefined };
  region.parameterGroups.set(name, group);
  return { DBParameterGroup: groupXml(region, account, name, group) };
};

/** API reference, DescribeDBParameterGroups: by name, or the customer's own. */
export const describeParameterGroups: Action = ({ account }, region, params) => {
  params.only('DBParameterGroupName', 'MaxRecords');
  const wanted = params.text('DBParameterGroupName');
  const found = wanted === undefined ? [...region.parameterGroups] : [[wanted, groupOf(region, wanted)] as const];
  return {
    DBParameterGroups: list(
      'DBParameterGroup',
      found.map(([name, group]) => groupXml(region, account, name, group)),
    ),
  };
};

/** API reference, ModifyDBParameterGroup: a static parameter waits for a reboot. */
export const modifyParameterGroup: Action = (_context, region, params) => {
  params.only('DBParameterGroupName', 'Parameters');
  const name = params.required('DBParameterGroupName').toLowerCase();
  const group = groupOf(region, name);
  if (!region.parameterGroups.has(name))
    throw new RdsRefusal('InvalidDBParameterGroupState', `The parameter group ${name} is RDS's own`);
  const at = 'Parameters.Parameter.1';
  const memory = memoryOf(group.family);
  if (params.text(`${at}.ParameterName`) !== memory.name || params.text('Parameters.Parameter.2.ParameterName'))
    throw invalidValue(`The local RDS knows of ${group.family} the parameter ${memory.name} alone`);
  if (memory.isStatic && params.text(`${at}.ApplyMethod`) !== 'pending-reboot')
    throw invalidValue(`cannot use immediate apply method for static parameter: ${memory.name}`);
  group.memoryBytes = (params.whole(`${at}.ParameterValue`, memory.least, memory.most) ?? 0) * memory.bytes;
  return { DBParameterGroupName: name };
};

/** API reference, DeleteDBParameterGroup: not while an instance has it. */
export const deleteParameterGroup: Action = (_context, region, params) => {
  params.only('DBParameterGroupName');
  const name = params.required('DBParameterGroupName').toLowerCase();
  if (!region.parameterGroups.has(name)) throw notFound(name);
  if ([...region.instances.values()].some(({ settings }) => settings.parameterGroup === name))
    throw new RdsRefusal(
      'InvalidDBParameterGroupState',
      'One or more database instances are still members of this parameter group, so the group cannot be deleted',
    );
  region.parameterGroups.delete(name);
  return {};
};
