// A packaged template as a list of resources in the order of their dependencies, with every intrinsic resolved.
import { type Identity, identify, type Place, standingOf } from './identity.ts';
import { namesIn, resolve, type Scope } from './intrinsics.ts';

export type Template = {
  Parameters?: Record<string, { Default?: unknown }>;
  Conditions?: Record<string, unknown>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Resources: Record<
    string,
    { Type: string; Condition?: string; DependsOn?: string | string[]; Properties?: Record<string, unknown> }
  >;
};

export type PlannedResource = {
  logicalId: string;
  type: string;
  name: string;
  properties: Record<string, unknown>;
} & Identity;

export type Plan = {
  resources: PlannedResource[];
  /** What the local AWS does without. */
  without: { logicalId: string; type: string }[];
};

/** Resolves a template. Throws one error that names every type that is not known and every name that is not there. */
export const planStack = (template: Template, place: Place): Plan => {
  const problems = Object.entries(template.Resources)
    .filter(([, { Type }]) => standingOf(Type) === 'unknown')
    .map(([logicalId, { Type }]) => `${logicalId}: resources of type ${Type} are not modelled here`);
  const planned = new Map<string, PlannedResource>();
  const scope = scopeOf(template, place, planned);
  const included = Object.keys(template.Resources).filter((id) => {
    const condition = template.Resources[id]?.Condition;
    return condition === undefined || scope.condition(condition);
  });
  for (const logicalId of inOrder(template, included)) {
    const { Type: type, Properties } = template.Resources[logicalId]!;
    try {
      const properties = resolve(Properties ?? {}, scope) as Record<string, unknown>;
      planned.set(logicalId, { logicalId, type, properties, ...identify(type, logicalId, properties, place) });
    } catch (error) {
      problems.push(`${logicalId}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0)
    throw new Error(`This template can not be loaded:\n${problems.map((one) => `  ${one}`).join('\n')}`);
  const all = [...planned.values()];
  return {
    resources: all.filter(({ type }) => standingOf(type) === 'made'),
    without: all
      .filter(({ type }) => standingOf(type) === 'without')
      .map(({ logicalId, type }) => ({ logicalId, type })),
  };
};

const scopeOf = (template: Template, place: Place, planned: Map<string, PlannedResource>): Scope => {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': place.account,
    'AWS::Region': place.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': place.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${place.region}:${place.account}:stack/${place.stackName}/local`,
  };
  const scope: Scope = {
    ref: (name) => {
      const value = pseudo[name] ?? template.Parameters?.[name]?.Default ?? planned.get(name)?.ref;
      if (value === undefined) throw new Error(`there is no resource or parameter ${name}`);
      return value;
    },
    attribute: (logicalId, attribute) => {
      const value = planned.get(logicalId)?.attributes[attribute];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute} here`);
      return value;
    },
    condition: (name) => {
      if (!(name in (template.Conditions ?? {}))) throw new Error(`there is no condition ${name}`);
      return Boolean(resolve(template.Conditions?.[name], scope));
    },
    mapping: (map, top, second) => template.Mappings?.[map]?.[top]?.[second],
  };
  return scope;
};

/** Dependencies first; a circle is broken where it is met, and then shows as a name that is not there. */
const inOrder = (template: Template, included: string[]): string[] => {
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (logicalId: string): void => {
    if (ordered.has(logicalId) || visiting.has(logicalId) || !included.includes(logicalId)) return;
    visiting.add(logicalId);
    const { DependsOn = [], Properties } = template.Resources[logicalId]!;
    for (const name of [...[DependsOn].flat(), ...namesIn(Properties)]) visit(name);
    ordered.add(logicalId);
  };
  for (const logicalId of included) visit(logicalId);
  return [...ordered];
};
