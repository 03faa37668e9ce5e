import type { Catalogue } from '../mutant.ts';

const gate = { file: 'tests/mutants/sample/gates.ts', tests: ['tests/mutants/sample/gates.test.ts'] };

/** One that is caught, one that survives, one whose text is gone, one that is no program. */
export const sample: Catalogue = {
  project: 'house',
  mutants: [
    { ...gate, id: 'listed', removes: 'the list at the door', find: 'guest.listed &&', replace: '' },
    { ...gate, id: 'hour', removes: 'the hour at which the door opens', find: '&& guest.hour >= 18', replace: '' },
    { ...gate, id: 'gone', removes: 'a gate that is no longer there', find: 'guest.shoes', replace: 'true' },
    { ...gate, id: 'no-program', removes: 'the sense', find: 'guest.listed &&', replace: 'guest.listed && (' },
  ],
};
