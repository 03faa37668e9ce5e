import type { Finding } from './stage.ts';

const WIDTHS = [12, 50, 58, 6];

/** The closing table, each cell wrapped to its column: what was done, what an independent check found, OK or not. */
export const reportOf = (findings: readonly Finding[]): string =>
  [
    row(['wing', 'what was done', 'what an independent check found', '']),
    WIDTHS.map((width) => '─'.repeat(width)).join('  '),
    ...findings.map(({ wing, did, check, ok }) => row([wing, did, check, ok ? 'OK' : 'NOT OK'])),
  ].join('\n');

const row = (cells: readonly string[]): string => {
  const columns = cells.map((cell, column) => wrap(cell, WIDTHS[column] ?? 20));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((lines, column) => (lines[line] ?? '').padEnd(WIDTHS[column] ?? 0))
      .join('  ')
      .trimEnd(),
  ).join('\n');
};

const wrap = (text: string, width: number): string[] => {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
};
