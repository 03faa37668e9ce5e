import { valueText } from '../functions/search-sync/core/value-text.ts';
import { inTurn, type Measure, spread } from './measure.ts';
import { shapes } from './search-sync-items.ts';
import { usualUnmarshall } from './search-sync-usual.ts';

const ITEMS = 2_000;
const MEDIAN_RATIO = 1.5;
const MIN_RATIO = 1.2;

/** AttributeValue → JSON text, against unmarshall and JSON.stringify of the very same items; MB of text a second. */
export const conversion = async (progress: (line: string) => void): Promise<Measure[]> => {
  const unmarshall = await usualUnmarshall();
  const measures: Measure[] = [];
  for (const [name, of] of shapes) {
    const items = Array.from({ length: ITEMS }, (_, n) => of(n));
    const rate = (convert: (item: ReturnType<typeof of>) => string) => async () => {
      const started = performance.now();
      let bytes = 0;
      for (const item of items) bytes += convert(item).length;
      return bytes / 1_000 / (performance.now() - started);
    };
    const { a, b } = await inTurn(
      rate((item) => valueText({ M: item })),
      rate((item) => JSON.stringify(unmarshall(item))),
      { warmUps: 3, repeats: 15 },
    );
    const ratio = a.median / b.median;
    measures.push({
      name: `conversion, ${name}`,
      value: a.median,
      unit: 'MB/s',
      baseline: b.median,
      ratio,
      goal: `≥ ${MIN_RATIO} × unmarshall + stringify`,
      met: ratio >= MIN_RATIO,
    });
    progress(`conversion, ${name}: ${ratio.toFixed(2)} ×`);
  }
  const ratios = spread(measures.map(({ ratio }) => ratio));
  return [
    ...measures,
    {
      name: 'conversion, median of five shapes',
      value: ratios.median,
      unit: '×',
      baseline: 1,
      ratio: ratios.median,
      goal: `≥ ${MEDIAN_RATIO} × unmarshall + stringify`,
      met: ratios.median >= MEDIAN_RATIO,
    },
  ];
};
