import type { Policy } from '../core/policy.ts';

/** What a pair is made of: DB instances, or one of the two kinds of clusters. */
export type Kind = Policy['kind'];

/** One for each kind, made when it is first asked for: pairs of a kind share their clients. */
export const byKind = <Made>(make: (kind: Kind) => Made): ((kind: Kind) => Made) => {
  const known = new Map<Kind, Made>();
  return (kind) => {
    const made = known.get(kind) ?? make(kind);
    known.set(kind, made);
    return made;
  };
};
