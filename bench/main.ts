import { parseArgs } from 'node:util';
import { table } from '../cli/table.ts';
import { bundles } from './bundles.ts';
import type { Benchmark } from './measure.ts';
import { snapshots } from './snapshots.ts';

const benchmarks: readonly Benchmark[] = [bundles, snapshots];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
});
const chosen = benchmarks.filter(({ name }) => positionals.includes(name));

if (values.help || chosen.length === 0 || chosen.length < positionals.length) {
  console.log(
    [
      'npm run bench -- NAME [--json]',
      '',
      ...benchmarks.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`),
      '',
      'Example',
      '  npm run bench -- bundles --json',
    ].join('\n'),
  );
  process.exitCode = values.help ? 0 : 2;
} else {
  const measures = [];
  for (const { run } of chosen)
    measures.push(...(await run(values.json ? () => {} : (line) => process.stderr.write(`  ${line}\n`))));
  const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
  console.log(
    values.json
      ? JSON.stringify(measures, null, 2)
      : table(
          ['what', 'value', 'unit', 'baseline', 'ratio', 'goal', 'met'],
          measures.map((m) => [
            m.name,
            number(m.value),
            m.unit,
            number(m.baseline),
            m.ratio.toFixed(3),
            m.goal ?? '',
            m.met ? 'yes' : 'NO',
          ]),
        ),
  );
  process.exitCode = measures.every(({ met }) => met) ? 0 : 1;
}
