/**
 * Names of attributes as names of fields. OpenSearch refuses or misreads some: a name at the root that begins with `_`
 * may be a metadata field, a dot is a path, an empty or blank part is an error. Those characters are written as
 * `~` and a digit, the way JSON pointers do it: reversible, and two attributes never share a field.
 */
const dotsEscaped = (name: string): string =>
  name.includes('~') || name.includes('.') ? name.replaceAll('~', '~0').replaceAll('.', '~1') : name;

/** The field of an attribute at the root of the item. */
export const rootFieldName = (attribute: string): string =>
  attribute.startsWith('_') ? `~2${dotsEscaped(attribute.slice(1))}` : nestedFieldName(attribute);

/** The field of an attribute inside a map. */
export const nestedFieldName = (attribute: string): string => {
  if (/[\s=]/.test(attribute) || attribute === '') {
    // `=` divides path and value inside OpenSearch's flat_object; control characters and blanks alone are refused.
    const marked = dotsEscaped(attribute).replaceAll('=', '~4');
    return marked.trim() === '' ? `~3${marked}` : marked;
  }
  return dotsEscaped(attribute);
};

/** The attribute of a field: undoes rootFieldName and nestedFieldName. */
export const attributeName = (field: string): string => {
  const marked = field.startsWith('~2') ? `_${field.slice(2)}` : field.startsWith('~3') ? field.slice(2) : field;
  return marked.replaceAll('~4', '=').replaceAll('~1', '.').replaceAll('~0', '~');
};
