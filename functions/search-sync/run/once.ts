/** Opens something on the first call and keeps it: clients live as long as the execution environment. */
export const once = <Args extends unknown[], Result>(open: (...args: Args) => Result) => {
  let opened: { result: Result } | undefined;
  return (...args: Args): Result => {
    opened ??= { result: open(...args) };
    return opened.result;
  };
};

/** The same for what takes time and may fail: a failure is not kept. */
export const onceAsync = <Args extends unknown[], Result>(open: (...args: Args) => Promise<Result>) => {
  let opening: Promise<Result> | undefined;
  return (...args: Args): Promise<Result> => {
    opening ??= open(...args).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
};
