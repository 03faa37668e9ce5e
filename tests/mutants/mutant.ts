/** A source with one protection taken out: if no test fails on it, no test guards that protection. */
export interface Mutant {
  /** Short and for the command line: `gate-not-manual`. */
  id: string;
  /** One sentence: what is no longer there. */
  removes: string;
  /** From the root of the repository. */
  file: string;
  /** A text of the file, exactly once in it. */
  find: string;
  replace: string;
  /** The test files of which one should notice; the quickest and likeliest first. */
  tests: readonly string[];
}

/** The mutants of a part of the house, and the jest project that has their tests. */
export interface Catalogue {
  project: string;
  mutants: readonly Mutant[];
}

export type Verdict =
  /** A test failed, as it should. */
  | { kind: 'caught'; by: string }
  | { kind: 'survived' }
  /** The text is not there, or not once: the source went on without its mutant. */
  | { kind: 'stale'; detail: string }
  /** The tests did not get as far as to judge it: a syntax error is no proof. */
  | { kind: 'unjudged'; detail: string };

export interface Trial {
  mutant: Mutant;
  verdict: Verdict;
  seconds: number;
}

/** The column of the table, and the line of the log. */
export const verdictText = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'caught':
      return verdict.by;
    case 'survived':
      return 'SURVIVED: no test noticed';
    case 'stale':
      return `STALE: ${verdict.detail}`;
    case 'unjudged':
      return `UNJUDGED: ${verdict.detail}`;
  }
};

/** What is wrong with a mutant's text in its source, or undefined. */
export const staleness = ({ find, replace }: Mutant, source: string): string | undefined => {
  const times = source.split(find).length - 1;
  if (find === replace) return 'it changes nothing';
  return times === 1 ? undefined : `its text is ${times === 0 ? 'gone' : `there ${times} times`}`;
};
