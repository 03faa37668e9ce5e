// The transform that jest uses while a mutant is in force (jest.config.ts): swc's, but one file has one text replaced on
// its way. So nothing is copied, and the tree on disk is never changed.
import swc from '@swc/jest';

const { file, find, replace } = JSON.parse(process.env.MAINSTAY_MUTANT ?? '{}');

const mutate = (source, filename) => {
  if (filename !== file) return source;
  if (source.split(find).length !== 2) throw new Error(`the text of this mutant is not exactly once in ${file}`);
  return source.replace(find, () => replace);
};

export default {
  createTransformer: (options) => {
    const plain = swc.createTransformer(options);
    return {
      ...plain,
      process: (source, filename, how) => plain.process(mutate(source, filename), filename, how),
      processAsync: (source, filename, how) => plain.processAsync(mutate(source, filename), filename, how),
      // Its own key for the mutated file alone: everything else comes from the cache of ordinary runs.
      getCacheKey: (source, filename, how) => plain.getCacheKey(mutate(source, filename), filename, how),
    };
  },
};
