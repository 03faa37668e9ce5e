// CloudFormation's intrinsic functions, as far as packaged templates use them
// (docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).

type Json = unknown;
type JsonObject = Record<string, Json>;

/** What names in a template stand for. `ref` and `attribute` throw for a name that is not there. */
export type Scope = {
  ref(name: string): Json;
  attribute(logicalId: string, attribute: string): Json;
  condition(name: string): boolean;
  mapping(name: string, top: string, second: string): Json;
};

/** A removed property: `AWS::NoValue`. */
export const NO_VALUE = Symbol('AWS::NoValue');

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resolves every intrinsic in a value; throws one sentence for one that is not modelled. */
export const resolve = (value: Json, scope: Scope): Json => {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isObject(value)) return value;
  const [[name, operand] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::')))
    return intrinsic(name, operand, scope);
  const resolved = Object.entries(value).map(([key, inner]) => [key, resolve(inner, scope)] as const);
  return Object.fromEntries(resolved.filter(([, inner]) => inner !== NO_VALUE));
};

const intrinsic = (name: string, operand: Json, scope: Scope): Json => {
  const list = () => resolve(operand, scope) as Json[];
  switch (name) {
    case 'Ref':
      return operand === 'AWS::NoValue' ? NO_VALUE : scope.ref(String(operand));
    case 'Condition':
      return scope.condition(String(operand));
    case 'Fn::GetAtt': {
      const [logicalId = '', ...attribute] = Array.isArray(operand) ? operand.map(String) : String(operand).split('.');
      return scope.attribute(logicalId, attribute.join('.'));
    }
    case 'Fn::Sub':
      return substitute(operand, scope);
    case 'Fn::Join': {
      const [separator, parts] = list();
      return (parts as Json[]).map(String).join(String(separator));
    }
    case 'Fn::Select': {
      const [index, parts] = list();
      return (parts as Json[])[Number(index)];
    }
    case 'Fn::Split': {
      const [separator, text] = list();
      return String(text).split(String(separator));
    }
    case 'Fn::If': {
      const [condition, yes, no] = operand as [string, Json, Json];
      return resolve(scope.condition(condition) ? yes : no, scope);
    }
    case 'Fn::FindInMap': {
      const [map, top, second] = list().map(String) as [string, string, string];
      return scope.mapping(map, top, second);
    }
    case 'Fn::Equals': {
      const [left, right] = list();
      return left === right;
    }
    case 'Fn::Not':
      return !list()[0];
    case 'Fn::And':
      return list().every(Boolean);
    case 'Fn::Or':
      return list().some(Boolean);
    default:
      throw new Error(`${name} is not modelled by the stack loader.`);
  }
};

const substitute = (operand: Json, scope: Scope): string => {
  const [text, variables] = (Array.isArray(operand) ? operand : [operand, {}]) as [string, JsonObject];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return String(resolve(variables[name], scope));
    const dot = name.indexOf('.');
    return String(dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1)));
  });
};

/** The logical ids that a value names, by Ref, GetAtt or Sub. */
export const namesIn = (value: Json): string[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [Array.isArray(inner) ? String(inner[0]) : (String(inner).split('.')[0] ?? '')];
    const inText =
      key === 'Fn::Sub'
        ? [...String(Array.isArray(inner) ? inner[0] : inner).matchAll(/\$\{([A-Za-z0-9]+)/g)].map((found) => found[1]!)
        : [];
    return [...inText, ...namesIn(inner)];
  });
};
