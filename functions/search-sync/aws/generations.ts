import type { Generations, Written } from '../run/ports.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

// Names with a dot: no index or alias of a config has one. Writes go by an alias of their own, so that a cut-over moves
// no write, and an index that vanished is a missing alias and never an index made anew with guessed types.

/** The alias that only writes to this index use. */
export const writeAlias = (index: string): string => `${index}.write`;

/** The index behind a write alias. */
export const indexOf = (write: string): string => write.replace(/\.write$/, '');

/** The alias of the index that is not searched and takes every write all the same. */
export const shadowAlias = (alias: string): string => `${alias}.shadow`;

/** The port on OpenSearch's aliases. */
export const openSearchGenerations = (http: OpenSearchHttp): Generations => ({
  of: async (alias) => {
    const shadow = shadowAlias(alias);
    const answer = await http.ask('GET', `/_alias/${encodeURIComponent(alias)},${encodeURIComponent(shadow)}`);
    // With one of the two missing the answer is 404 and carries the other one beside the error.
    if (answer.status >= 300 && answer.status !== 404) throw new OpenSearchError(faultOf(answer));
    const body = JSON.parse(answer.text) as Record<string, { aliases?: Record<string, unknown> } | undefined>;
    const behind = (name: string) => Object.keys(body).filter((index) => body[index]?.aliases?.[name] !== undefined);
    return writtenOf(alias, behind(alias), behind(shadow));
  },
  abandon: async (alias, shadow) =>
    changed(http, [{ remove: { index: indexOf(shadow), alias: shadowAlias(alias), must_exist: true } }]),
});

const writtenOf = (alias: string, serving: readonly string[], shadows: readonly string[]): Written => {
  if (serving.length === 0) throw new OpenSearchError(`404 no alias [${alias}]: mainstay search prepare makes it`);
  if (serving.length > 1) throw new OpenSearchError(`the alias ${alias} stands for ${serving.length} indexes`);
  if (shadows.length > 1)
    throw new OpenSearchError(`the alias ${shadowAlias(alias)} stands for ${shadows.length} indexes`);
  const written: Written = { serving: writeAlias(serving[0] as string) };
  return shadows[0] === undefined ? written : { ...written, shadow: writeAlias(shadows[0]) };
};

type Action =
  | { add: { index: string; alias: string } }
  | { remove: { index: string; alias: string; must_exist: true } };

/** All or nothing, in one step of the cluster's state. False: an alias is not where it was said to be, and nothing changed. */
const changed = async (http: OpenSearchHttp, actions: readonly Action[]): Promise<boolean> => {
  const answer = await http.ask('POST', '/_aliases', { body: JSON.stringify({ actions }) });
  if (answer.status === 404) return false;
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  return true;
};

/** What is searched and what is not change places. False: they were not what they were said to be, and nothing changed. */
export const swapGenerations = (
  http: OpenSearchHttp,
  alias: string,
  { serving, shadow }: Written,
): Promise<boolean> => {
  if (shadow === undefined) return Promise.resolve(false);
  const [old, fresh] = [indexOf(serving), indexOf(shadow)];
  return changed(http, [
    { remove: { index: old, alias, must_exist: true } },
    { remove: { index: fresh, alias: shadowAlias(alias), must_exist: true } },
    { add: { index: fresh, alias } },
    { add: { index: old, alias: shadowAlias(alias) } },
  ]);
};
