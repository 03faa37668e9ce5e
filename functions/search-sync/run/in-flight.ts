/**
 * Runs `work` over all inputs with at most `limit` at a time; results in the order of the inputs. An input is taken when
 * its turn comes. With `breathe`, the first inputs are not taken all at once: it is waited for before each, so that what
 * was begun is on its way before the next input is made.
 */
export const inFlight = async <In, Out>(
  inputs: Iterable<In>,
  limit: number,
  work: (input: In, index: number) => Promise<Out>,
  breathe?: () => Promise<unknown>,
): Promise<Out[]> => {
  const results: Out[] = [];
  const iterator = inputs[Symbol.iterator]();
  let taken = 0;
  let over = false;
  const lane = async () => {
    for (;;) {
      const next = over ? undefined : iterator.next();
      if (next === undefined || next.done) {
        over = true;
        return;
      }
      const index = taken++;
      results[index] = await work(next.value, index);
    }
  };
  const lanes: Promise<void>[] = [];
  while (lanes.length < limit && !over) {
    if (lanes.length > 0 && breathe !== undefined) await breathe();
    const opened = lane();
    // What fails while the next lane waits to be opened is heard below.
    opened.catch(() => {});
    lanes.push(opened);
  }
  await Promise.all(lanes);
  return results;
};
