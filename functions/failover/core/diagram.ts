import { PHASES } from './phases.ts';

/** The phase table as a Mermaid state diagram: rows that move, and the side effects of each phase. */
export const phaseDiagram = (): string => {
  const moves = PHASES.filter(({ to }) => to !== 'same').map(
    ({ from, to, when }) => `  ${id(from)} --> ${id(to)}: ${when}`,
  );
  const acts = PHASES.filter(({ step }) => step !== undefined).map(
    ({ from, step, when }) => `  ${id(from)} --> ${id(from)}: ${when} / ${step}`,
  );
  return ['stateDiagram-v2', '  [*] --> healthy', ...moves, ...acts].join('\n');
};

// Mermaid takes no hyphen in a state's name.
const id = (phase: string): string => phase.replaceAll('-', '_');
