import type { Measure } from './measure.ts';
import { BATCH, type Engine, newObjects } from './object-index-engine.ts';
import type { Metered } from './object-index-meter.ts';

const OBJECTS = 10_000;
const CUSTOMERS = 10_000;
const USUAL_OBJECTS = 500;

/** Write units per new object, by our meter and as the engine says, for one customer, for many, and for none that is new. */
export const cost = async (engine: Engine, progress: (line: string) => void): Promise<Measure[]> => {
  const measures: Measure[] = [];
  const usual = await engine.open('bare');
  await usual.usual(newObjects(Array.from({ length: USUAL_OBJECTS }, () => 'acme')));
  const usualUnits = perObject(usual.metered.read(), USUAL_OBJECTS);
  const say = (what: string, { table, index, reported, calls }: ReturnType<typeof perObject>) =>
    progress(
      `${what}: ${table.toFixed(3)} write units + ${index.toFixed(3)} of indexes by the documented rules; the engine reports ${reported?.toFixed(3) ?? 'nothing'}; ${calls.toFixed(4)} calls`,
    );
  say('usual handler, per object', usualUnits);

  const one = await engine.open('bare');
  const acme = newObjects(Array.from({ length: OBJECTS }, () => 'acme'));
  await one.ours(acme);
  const single = perObject(one.metered.read(), OBJECTS);
  say('ours, one customer, per object', single);
  measures.push(
    limit('write units per new object of one customer, without indexes', single.table, usualUnits.table, 2.1),
    limit('index writes per new object (three indexes), one customer', single.index, usualUnits.index, 3.001),
    told('the same as DynamoDB Local reports it, with indexes', single.reported, usualUnits.reported),
    await bySecondEngine(engine, progress),
    limit('API calls per object', single.calls, usualUnits.calls, 0.035),
  );

  one.metered.reset();
  await one.ours(acme);
  measures.push(limit('write units per duplicate', perObject(one.metered.read(), OBJECTS).table, usualUnits.table, 0));

  const many = await engine.open('bare');
  await many.ours(newObjects(Array.from({ length: CUSTOMERS }, (_, index) => `c${index}`)));
  const spread = perObject(many.metered.read(), CUSTOMERS);
  say(`ours, ${CUSTOMERS} customers with one object each, per object`, spread);
  measures.push(
    limit(
      `write units per new object of ${CUSTOMERS} customers, with indexes`,
      spread.table + spread.index,
      usualUnits.table + usualUnits.index,
      8.1,
    ),
    told('the same as DynamoDB Local reports it', spread.reported, usualUnits.reported),
  );

  const zipf = await engine.open('bare');
  await zipf.ours(newObjects(zipfCustomers(OBJECTS, 1.1)));
  const skewed = perObject(zipf.metered.read(), OBJECTS);
  say('ours, customers by Zipf(1.1), per object', skewed);
  measures.push(
    told(
      'write units per new object, customers by Zipf(1.1), with indexes',
      skewed.table + skewed.index,
      usualUnits.table + usualUnits.index,
    ),
  );
  progress(`batches of ${BATCH} messages`);
  return measures;
};

/** What ministack says of the same objects: another engine, another accounting. */
const bySecondEngine = async (engine: Engine, progress: (line: string) => void): Promise<Measure> => {
  const [usual, ours] = [await engine.open('ministack'), await engine.open('ministack')];
  const acme = newObjects(Array.from({ length: USUAL_OBJECTS }, () => 'acme'));
  await usual.usual(acme);
  await ours.ours(acme);
  const reported = [ours, usual].map(({ metered }) => perObject(metered.read(), USUAL_OBJECTS).reported);
  progress(
    `ministack reports ${reported[0]?.toFixed(3) ?? 'nothing'}, of the usual handler ${reported[1]?.toFixed(3) ?? 'nothing'}`,
  );
  return told('the same as ministack reports it', reported[0], reported[1]);
};

const perObject = ({ calls, tableUnits, indexUnits, reportedUnits }: Metered, objects: number) => ({
  table: tableUnits / objects,
  index: indexUnits / objects,
  reported: reportedUnits === undefined ? undefined : reportedUnits / objects,
  calls: calls / objects,
});

const limit = (name: string, value: number, baseline: number, most: number): Measure => ({
  name,
  value,
  unit: '',
  baseline,
  ratio: value / baseline,
  goal: `≤ ${most}`,
  met: value <= most,
});

const told = (name: string, value: number | undefined, baseline: number | undefined): Measure => ({
  name,
  value: value ?? Number.NaN,
  unit: '',
  baseline: baseline ?? Number.NaN,
  ratio: (value ?? Number.NaN) / (baseline ?? Number.NaN),
  met: true,
});

/** Customers whose share falls as 1 / rank^s; the same each time. */
export const zipfCustomers = (count: number, s: number, customers = 10_000): string[] => {
  const sums: number[] = [];
  for (let rank = 1; rank <= customers; rank += 1) sums.push((sums.at(-1) ?? 0) + 1 / rank ** s);
  const all = sums.at(-1) ?? 1;
  let state = 42;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const at = (state / 4_294_967_296) * all;
    return `c${sums.findIndex((sum) => sum >= at)}`;
  });
};
