import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageStack } from '../build/package.ts';
import type { Verdict } from '../drill/judge.ts';
import { drill } from '../drill/process.ts';
import { readConfigFile } from '../shared/config/file.ts';
import { parseConfig } from '../shared/config/load.ts';
import type { Config } from '../shared/config/schema.ts';
import { type Measure, spread } from './measure.ts';

// A lost host on two real servers of an engine, again and again, in the profile `drill` (config/local.yml): the RTO against
// what no failover can go below, each term measured. Production's waits are longer, and the sum is as plain.

const RTO_RATIO = 1.25;
/** The same promotion by the API alone: measured on this many servers of its own. */
const RAW_PROMOTIONS = 3;

const NAMES = { postgres: 'PostgreSQL', mariadb: 'MariaDB' } as const;

/** Fault → first acknowledged commit by name, of `disasters` lost hosts, and what was lost beyond the bound. */
export const recoveryTime = async (
  engine: keyof typeof NAMES,
  disasters: number,
  progress: (line: string) => void,
): Promise<Measure[]> => {
  const config = await readConfigFile('local');
  const [pair] = config.failover.pairs;
  if (pair === undefined) throw new Error('the config has no pair to lose');
  await packageStack('local', progress);

  const raw: number[] = [];
  const verdicts: Verdict[] = [];
  for (let number = 0; number < disasters; number += 1) {
    // In turn, so that a drift of the machine's speed meets both alike.
    if (raw.length < Math.min(RAW_PROMOTIONS, disasters) && number >= (raw.length * disasters) / RAW_PROMOTIONS) {
      raw.push(await promotedByHand(engine));
      progress(`${NAMES[engine]}, a promotion by the API alone: ${raw.at(-1)?.toFixed(1)} s`);
    }
    const verdict = await drill('host-lost', engine);
    if (!('phases' in verdict)) throw new Error(`a drill did not come to its end: ${verdict.wrong.join('; ')}`);
    progress(
      `${NAMES[engine]}, disaster ${number + 1} of ${disasters}: RTO ${verdict.rtoSeconds?.toFixed(1)} s, ${inWords(verdict.phases)}${verdict.ok ? '' : `, NOT OK: ${verdict.wrong.join('; ')}`}`,
    );
    verdicts.push(verdict);
  }

  const promoteSeconds = spread(raw).median;
  const { confirmSeconds, dns } = pair;
  const fenceWait = ({ phases }: Verdict) => (phases.promoting ?? Number.NaN) - (phases.fencing ?? Number.NaN);
  // MariaDB tells no time of its source's last message: silence counts from the first look at what does not change any more.
  const firstLook = ({ phases }: Verdict) => (engine === 'mariadb' ? (phases.suspect ?? Number.NaN) : 0);
  const floor = (verdict: Verdict) =>
    firstLook(verdict) + confirmSeconds + fenceWait(verdict) + promoteSeconds + dns.ttlSeconds;
  const rto = spread(verdicts.map(({ rtoSeconds }) => rtoSeconds ?? Number.POSITIVE_INFINITY));
  const ratio = spread(verdicts.map((verdict) => (verdict.rtoSeconds ?? Number.POSITIVE_INFINITY) / floor(verdict)));
  const floors = spread(verdicts.map(floor));
  const fenceWaits = spread(verdicts.map(fenceWait));
  const lost = Math.max(...verdicts.map(({ onOldAfterNew }) => onOldAfterNew));
  const overBound = verdicts.filter(({ lostSeconds, boundSeconds }) => lostSeconds > (boundSeconds ?? -1)).length;
  const usual = usualSeconds(config);
  const term = (name: string, seconds: number, inProduction: string): Measure => ({
    name: `term: ${name} (production: ${inProduction})`,
    value: seconds,
    unit: 's',
    baseline: seconds,
    ratio: 1,
    met: true,
  });
  const firstLooks = spread(verdicts.map(firstLook));
  const measures: Measure[] = [
    ...(engine === 'mariadb'
      ? [term('fault → first look', firstLooks.median, 'the event that RDS sends, or a look')]
      : []),
    term('confirm window', confirmSeconds, `${usual} s`),
    term('fence wait, fencing → proven', fenceWaits.median, 'as measured, and the time that RDS takes to say failed'),
    term('raw promote, by the API alone', promoteSeconds, 'minutes; `readiness` says what a drill measured'),
    term('TTL of the name', dns.ttlSeconds, 'as configured, 60 s at most'),
    {
      name: `RTO, median of ${disasters} lost hosts`,
      value: rto.median,
      unit: 's',
      baseline: floors.median,
      ratio: ratio.median,
      goal: `≤ ${RTO_RATIO} × the terms`,
      met: ratio.median <= RTO_RATIO,
    },
    {
      name: `RTO, worst of ${disasters}`,
      value: rto.max,
      unit: 's',
      baseline: floors.max,
      ratio: ratio.max,
      goal: `≤ ${RTO_RATIO} × the terms`,
      met: ratio.max <= RTO_RATIO,
    },
    none('rows on the old primary after the new one opened', lost),
    none('disasters that lost more than the published bound', overBound),
    none('disasters whose recount found something wrong', verdicts.filter(({ ok }) => !ok).length),
  ];
  return measures.map((measure) => ({ ...measure, name: `${NAMES[engine]}: ${measure.name}` }));
};

/** The confirm window of a pair that says nothing of it. */
const usualSeconds = (config: Config): number | undefined => {
  const pairs = config.failover.pairs.map(({ confirmSeconds: _, ...rest }) => rest);
  return parseConfig({ ...config, failover: { ...config.failover, pairs } }).failover.pairs[0]?.confirmSeconds;
};

const none = (name: string, value: number): Measure => ({
  name,
  value,
  unit: '',
  baseline: 0,
  ratio: value === 0 ? 0 : Number.POSITIVE_INFINITY,
  goal: '0',
  met: value === 0,
});

const inWords = (phases: Record<string, number>): string =>
  Object.entries(phases)
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)}`)
    .join(', ');

const promotedByHand = async (engine: keyof typeof NAMES): Promise<number> => {
  const script = fileURLToPath(new URL('failover-promote.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', script, engine], {
    timeout: 300_000,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))).seconds;
};
