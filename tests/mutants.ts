import { parseArgs } from 'node:util';
import { table } from '../cli/table.ts';
import { failover } from './mutants/failover.ts';
import { type Catalogue, verdictText } from './mutants/mutant.ts';
import { objectIndex } from './mutants/object-index.ts';
import { sample } from './mutants/sample/catalogue.ts';
import { searchSync } from './mutants/search-sync.ts';
import { snapshots } from './mutants/snapshots.ts';
import { baseline, tryAll } from './mutants/try.ts';

// npm run mutants -- WING: each guard of a wing taken out in turn; a test must fail, or nothing guards it.

const wings: Readonly<Record<string, Catalogue>> = {
  snapshots,
  failover,
  'object-index': objectIndex,
  'search-sync': searchSync,
};
/** Proves this program itself (tests/mutants/mutants.test.ts); not for people. */
const hidden: Readonly<Record<string, Catalogue>> = { sample };

const AT_ONCE = 2;

const help = [
  'npm run mutants -- WING [--only ID …] [--list] [--json]',
  '',
  `  WING     ${Object.keys(wings).join(', ')}`,
  '  --only   this mutant only; may be given several times',
  '  --list   the mutants, without trying them',
  '  --json   the result for programs',
  '',
  'Each guard of the wing is taken out in turn, and its tests are run: one must fail. Exit code 1 when one survives, when',
  'a guard is no longer found in its source, or when the tests fail without any mutant.',
  '',
  'Example',
  '  npm run mutants -- snapshots --only gate-not-manual',
].join('\n');

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      list: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const catalogue = { ...wings, ...hidden }[positionals[0] ?? ''];
  if (values.help || catalogue === undefined || positionals.length !== 1) {
    console.log(help);
    return values.help ? 0 : 2;
  }
  const unknown = (values.only ?? []).filter((id) => !catalogue.mutants.some((mutant) => mutant.id === id));
  if (unknown.length > 0) {
    console.error(`no such mutant: ${unknown.join(', ')}; --list shows them`);
    return 2;
  }
  const mutants = catalogue.mutants.filter(({ id }) => values.only?.includes(id) ?? true);
  if (values.list) {
    console.log(
      values.json
        ? JSON.stringify(mutants, null, 2)
        : table(
            ['mutant', 'removes', 'in'],
            mutants.map((mutant) => [mutant.id, mutant.removes, mutant.file]),
          ),
    );
    return 0;
  }

  const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
  say(`the tests without a mutant`);
  const red = await baseline(catalogue, mutants);
  if (red.length > 0) {
    console.error(
      `The tests fail without any mutant, so they prove nothing:\n${red.map((line) => `  ${line}`).join('\n')}`,
    );
    return 1;
  }
  const trials = await tryAll(catalogue.project, mutants, AT_ONCE, ({ mutant, verdict }, done) =>
    say(`${done}/${mutants.length} ${mutant.id}: ${verdict.kind === 'caught' ? 'caught' : verdictText(verdict)}`),
  );
  const wrong = trials.filter(({ verdict }) => verdict.kind !== 'caught');
  if (values.json) {
    console.log(
      JSON.stringify(
        trials.map(({ mutant: { id, removes, file }, verdict, seconds }) => ({
          id,
          removes,
          file,
          ...verdict,
          seconds,
        })),
        null,
        2,
      ),
    );
  } else {
    console.log(
      table(
        ['mutant', 'removes', 'caught by', 's'],
        trials.map(({ mutant, verdict, seconds }) => [
          mutant.id,
          cut(mutant.removes, 60),
          cut(verdictText(verdict), 90),
          Math.round(seconds),
        ]),
      ),
    );
    console.log(
      wrong.length === 0
        ? `\nOK: ${trials.length} mutants, each caught.`
        : `\nNOT OK: ${wrong.length} of ${trials.length} mutants not caught: ${wrong.map(({ mutant }) => mutant.id).join(', ')}.`,
    );
  }
  return wrong.length === 0 ? 0 : 1;
};

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

process.exitCode = await main();
