import { parseArgs } from 'node:util';
import { table } from '../cli/table.ts';
import { bundles } from './bundles.ts';
import { failover } from './failover.ts';
import type { Benchmark } from './measure.ts';
import { objectIndex } from './object-index.ts';
import { searchSync } from './search-sync.ts';
import { snapshots } from './snapshots.ts';

const benchmarks: readonly Benchmark[] = [bundles, snapshots, failover, objectIndex, searchSync];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, disasters: { type: 'string' }, help: { type: 'boolean' } },
});
const chosen = benchmarks.filter(({ name }) => positionals.includes(name));

const disasters = values.disasters === undefined ? undefined : Number(values.disasters);
const isNumber = disasters === undefined || (Number.isInteger(disasters) && disasters >= 0);

if (values.help || !isNumber || chosen.length === 0 || chosen.length < positionals.length) {
  console.log(
    [
      'npm run bench -- NAME [--json] [--disasters N]',
      '',
      ...benchmarks.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`),
      '',
      '  --disasters  how many disasters failover lives through on real servers (10, each about 80 s, and a fifth of that on MariaDB); 0: none',
      '',
      'Example',
      '  npm run bench -- bundles --json',
    ].join('\n'),
  );
  process.exitCode = values.help ? 0 : 2;
} else {
  const measures = [];
  for (const { run } of chosen)
    measures.push(
      ...(await run(values.json ? () => {} : (line) => process.stderr.write(`  ${line}\n`), { disasters })),
    );
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
