/**
 * A source that a test reads, and does not import, as the mutant in force has it; `file` from the root of the repository. What is
 * imported goes through transform.mjs. Throws when the mutant's text is not exactly once in it.
 */
export const asMutated = (file: string, source: string): string => {
  const mutant = JSON.parse(process.env.MAINSTAY_MUTANT ?? '{}') as { file?: string; find: string; replace: string };
  if (mutant.file === undefined || !mutant.file.endsWith(`/${file}`)) return source;
  const parts = source.split(mutant.find);
  if (parts.length !== 2) throw new Error(`the text of this mutant is not exactly once in ${file}`);
  return parts.join(mutant.replace);
};
