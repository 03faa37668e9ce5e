/** One figure of a benchmark, beside the baseline that ran in the same process tree. */
export interface Measure {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
  /** The largest ratio (or value, where the goal says so) that meets the goal; undefined where there is none. */
  goal?: string;
  met: boolean;
}

export interface Benchmark {
  name: string;
  summary: string;
  run(progress: (line: string) => void, options?: BenchmarkOptions): Promise<Measure[]>;
}

export interface BenchmarkOptions {
  /** How many disasters the failover wing lives through; 0 leaves them out. */
  disasters?: number | undefined;
}

export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** Minimum, median and maximum of some runs. Throws on none. */
export const spread = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => {
    const value = sorted[index];
    if (value === undefined) throw new RangeError('expected at least one run');
    return value;
  };
  const middle = Math.floor(sorted.length / 2);
  return {
    min: at(0),
    median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2,
    max: at(sorted.length - 1),
  };
};

/**
 * Runs A and B in turn (A B A B …), after `warmUps` rounds that don't count, so that a drift of the machine's speed meets
 * both alike. Each gives one figure a run; `ratio` is of the rounds, each of A to the B beside it.
 */
export const inTurn = async (
  a: () => Promise<number>,
  b: () => Promise<number>,
  { warmUps, repeats }: { warmUps: number; repeats: number },
) => {
  const figures: { a: number[]; b: number[] } = { a: [], b: [] };
  for (let round = -warmUps; round < repeats; round += 1) {
    const [one, other] = [await a(), await b()];
    if (round < 0) continue;
    figures.a.push(one);
    figures.b.push(other);
  }
  const ratios = figures.a.map((value, round) => value / (figures.b[round] ?? Number.NaN));
  return { a: spread(figures.a), b: spread(figures.b), ratio: spread(ratios) };
};
