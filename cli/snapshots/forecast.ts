import type { Forecast } from '../../functions/snapshots/core/quota.ts';
import { adviceSentence, forecastSentence } from '../../functions/snapshots/core/sentences.ts';
import { warningSentence } from '../../functions/snapshots/core/warning-sentences.ts';
import type { Command } from '../command.ts';
import { table } from '../table.ts';
import { dryCopies, dryRun } from './looking.ts';
import { atOption } from './words.ts';

const forecast: Command = {
  wing: 'snapshots',
  verb: 'forecast',
  summary: 'what the policies will need of the quotas of both regions (exit code 1: it does not fit)',
  example: 'npx mainstay snapshots forecast',
  options: atOption,
  run: async (call) => {
    const [{ plan: planned }, copies] = await Promise.all([dryRun(call), dryCopies(call)]);
    const regions: { region: string; forecasts: readonly Forecast[] }[] = [
      { region: call.region, forecasts: planned.forecasts },
      ...(copies ? [{ region: call.config.regions.recovery, forecasts: copies.plan.forecasts }] : []),
    ];
    const all = regions.flatMap(({ region, forecasts }) => forecasts.map((one) => ({ region, ...one })));
    return {
      json: { fits: all.every(({ fits }) => fits), forecasts: all },
      text: [
        table(
          ['region', 'kind', 'databases', 'needed', 'by others', 'quota', 'used now', ''],
          all.map((one) => [
            ...[one.region, one.kind, one.databases, one.needed, one.others, one.max, one.used],
            one.fits ? 'fits' : `${one.needed + one.others - one.max} too many`,
          ]),
        ),
        '',
        ...regions.flatMap(({ region, forecasts }) => forecasts.map((one) => `${region}: ${forecastSentence(one)}`)),
        ...planned.advice.filter(({ kind }) => kind === 'raise-quota').map(adviceSentence),
        ...planned.warnings
          .filter(({ kind }) => kind === 'unseen' || kind === 'none-selected')
          .map((warning) => `! ${warningSentence(warning)}`),
      ].join('\n'),
      exitCode: all.every(({ fits }) => fits) ? 0 : 1,
    };
  },
};

export const commands: Command[] = [forecast];
