/** An attribute's value as a stream's record carries it, in JSON. */
type Value = Record<string, unknown>;
type Image = Record<string, Value>;

/**
 * Puts back what DynamoDB Local 3.1.0 leaves out of its stream's records: an empty map comes as `{}`, without its type,
 * where DynamoDB says `{"M":{}}`. Empty lists and strings come right, so nothing else is without a type.
 */
export const withEmptyMaps = (image: Image): Image =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, restored(value)]));

const restored = (value: Value): Value => {
  if (Object.keys(value).length === 0) return { M: {} };
  if (value.M !== undefined) return { M: withEmptyMaps(value.M as Image) };
  if (Array.isArray(value.L)) return { L: (value.L as Value[]).map(restored) };
  return value;
};
