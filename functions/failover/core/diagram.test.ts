import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { phaseDiagram } from './diagram.ts';
import { GATES } from './gates.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the README shows the phase table as it is', () => {
  expect(readme).toContain(`\`\`\`mermaid\n${phaseDiagram()}\n\`\`\``);
});

test('the README shows every gate as it asks', () => {
  const rows = readme.replace(/ {2,}/g, ' ');
  for (const { name, asks } of GATES) expect(rows).toContain(`| ${name} | ${asks} |`);
});
