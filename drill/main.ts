import { parseArgs } from 'node:util';
import { packageStack } from '../build/package.ts';
import { table } from '../cli/table.ts';
import { missingMariadb } from '../local/engines/mariadb-binaries.ts';
import { FAULTS } from './faults.ts';
import type { Verdict } from './judge.ts';
import { type Broken, drill } from './process.ts';
import { ENGINES } from './stages.ts';

const help = `npm run drill [-- options]: real faults on two real servers, one fresh local AWS each

  --fault NAME  one of ${FAULTS.map(({ name }) => name).join(', ')}; may be repeated; all unless said
  --engine NAME postgres (default) or mariadb: of a pair of that engine
  --json        print the rows as JSON
  --help        this

Example
  npm run drill -- --fault host-lost --fault link-cut
  npm run drill -- --engine mariadb`;

const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true },
    engine: { type: 'string', default: 'postgres' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const engine = ENGINES.find((one) => one === values.engine);
const unknown = [
  ...(values.fault?.filter((name) => !FAULTS.some((fault) => fault.name === name)).map((name) => `fault "${name}"`) ??
    []),
  ...(engine === undefined ? [`engine "${values.engine}"`] : []),
];
if (values.help || unknown.length > 0 || engine === undefined) {
  console.log(unknown.length > 0 ? `no ${unknown.join(', no ')}\n\n${help}` : help);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const missing = engine === 'mariadb' ? await missingMariadb() : undefined;
if (missing !== undefined) {
  console.log(missing);
  process.exit(1);
}
const chosen = FAULTS.filter(({ name }) => values.fault?.includes(name) ?? true);

const startedMs = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

await packageStack('local', say);
const verdicts: (Verdict | Broken)[] = [];
for (const [index, { name, what }] of chosen.entries()) {
  say(`${index + 1} of ${chosen.length}: ${name}: ${what}`);
  verdicts.push(await drill(name, engine));
}

if (values.json) console.log(JSON.stringify(verdicts, null, 2));
else {
  console.log(
    table(
      ['fault', 'commits/s', 'RTO', 'lost', 'oldest lost', 'bound', 'old after new', 'epoch', 'name leads to', ''],
      verdicts.map((row) =>
        'decision' in row
          ? [
              row.fault,
              row.commitsPerSecond.toFixed(0),
              row.rtoSeconds === undefined ? 'held' : `${row.rtoSeconds.toFixed(1)} s`,
              `${row.lost} of ${row.acknowledged}`,
              row.lost === 0 ? '–' : `${row.lostSeconds.toFixed(2)} s`,
              row.boundSeconds === undefined ? '–' : `${row.boundSeconds.toFixed(1)} s`,
              String(row.onOldAfterNew),
              String(row.epoch),
              row.dns.split('.')[0] ?? '',
              row.ok ? 'OK' : 'NOT OK',
            ]
          : [row.fault, '', '', '', '', '', '', '', '', 'NOT OK'],
      ),
    ),
  );
  for (const row of verdicts) {
    if ('decision' in row) console.log(`\n${row.fault}: ${row.decision}`);
    for (const wrong of row.wrong) console.log(`${row.fault} NOT OK: ${wrong}`);
  }
}
const isGood = verdicts.every(({ ok }) => ok);
console.log(
  values.json ? '' : `\n${isGood ? 'OK' : 'NOT OK'} in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
);
process.exit(isGood ? 0 : 1);
