import type { Mutant } from './mutant.ts';

// The drill: what stands in front of changing or deleting an instance, and in front of the pair itself, taken out in turn.

const wing = 'functions/failover';
const core = `${wing}/core`;
const pure = [`${core}/drills/throw-away.test.ts`];
const orders = [`${core}/drills/order.test.ts`];
const worlds = [`${core}/drills/step.test.ts`, 'tests/failover/drills/drill.test.ts'];

const leave: [id: string, removes: string, find: string][] = [
  ['our-tag', 'the tag of the pair', 'seen.tags[DRILL_TAGS.pair] === drill.pair,\n    otherwise'],
  ['this-drill', 'the tag of this drill', 'seen.tags[DRILL_TAGS.name] === drill.name,\n    otherwise'],
  [
    'recorded-resource',
    'the resource id that was recorded',
    'drill[part].resourceId !== undefined && seen.resourceId === drill[part].resourceId',
  ],
  [
    'recorded-name',
    'the name and the region that were recorded',
    'seen.instance === drill[part].instance && seen.region === drill[part].region',
  ],
  [
    'not-the-pair',
    'that it is no instance of the pair',
    'seen.instance !== instance && seen.resourceId !== resourceId',
  ],
];

const settled = '(removedMs !== undefined || settled(askedMs, s.nowMs));';

export const drills: Mutant[] = [
  ...leave.map(
    ([id, what, find]): Mutant => ({
      id: `drill-${id}`,
      removes: `from the leave to change or delete an instance: ${what}`,
      file: `${core}/drills/throw-away.ts`,
      find,
      replace: find.endsWith('otherwise') ? 'true,\n    otherwise' : 'true',
      tests: pure,
    }),
  ),
  {
    id: 'drill-adopt-age',
    removes: 'from adoption after a crash: that it is no older than the drill',
    file: `${core}/drills/throw-away.ts`,
    find: 'seen.createdMs >= drill.startedMs - SKEW_MS',
    replace: 'true',
    tests: pure,
  },
  {
    id: 'drill-adopt-asked',
    removes: 'from adoption after a crash: that it was asked for',
    file: `${core}/drills/throw-away.ts`,
    find: '    askedMs !== undefined &&\n    resourceId === undefined',
    replace: '    resourceId === undefined',
    tests: pure,
  },
  {
    id: 'drill-gone-settles',
    removes: 'the wait before "not to be seen" is taken for "not there"',
    file: `${core}/drills/conditions.ts`,
    find: `s[part].kind === 'absent' && ${settled}`,
    replace: "s[part].kind === 'absent';",
    tests: worlds,
  },
  {
    id: 'drill-unseen',
    removes: 'that no answer decides nothing',
    file: `${core}/drills/conditions.ts`,
    find: '  unseen,\n',
    replace: '  unseen: () => false,\n',
    tests: worlds,
  },
  {
    id: 'drill-yields',
    removes: 'that a drill ends when the pair itself is in trouble',
    file: `${core}/drills/conditions.ts`,
    find: "return record !== undefined && record.phase !== 'healthy';",
    replace: 'return record === undefined;',
    tests: worlds,
  },
  {
    id: 'drill-overdue',
    removes: 'the cap on how long throw-aways may stand',
    file: `${core}/drills/conditions.ts`,
    find: 'nowMs - drill.startedMs > MAX_DRILL_MS',
    replace: 'nowMs < drill.startedMs',
    tests: worlds,
  },
  {
    id: 'drill-own-names',
    removes: 'that only a name that leads to a throw-away is deleted',
    file: `${core}/drills/conditions.ts`,
    find: '(value !== undefined && isOurHost(drill, value) && {',
    replace: '(value !== undefined && {',
    tests: worlds,
  },
  {
    id: 'drill-one-seat',
    removes: 'that there is one drill at a time',
    file: `${core}/drills/order.ts`,
    find: 'if (book.open !== undefined) return refuse',
    replace: 'if (book.open?.pair === order.pair && book.open.by === "") return refuse',
    tests: orders,
  },
  {
    id: 'drill-a-day',
    removes: 'the cap on drills a day',
    file: `${core}/drills/order.ts`,
    find: 'startedMs.length >= MOST_A_DAY',
    replace: 'startedMs.length < 0',
    tests: orders,
  },
  {
    id: 'drill-asks-first',
    removes: 'that what is asked for is written down first',
    file: `${wing}/run/drills/step.ts`,
    find: "if ((await drills.save(next, book.version)) === 'conflict') return undefined;",
    replace: '',
    tests: ['tests/failover/drills/step.test.ts'],
  },
  {
    id: 'drill-guard',
    removes: "that an order of a drill is about a drill's instance",
    file: `${core}/policy.ts`,
    find: '  if (pairOf(policy.pair) !== policy.pair) return isDrillInstance(pairOf(policy.pair), instance);\n',
    replace: '',
    tests: ['tests/failover/guard.test.ts'],
  },
  {
    id: 'command-epoch-kept',
    removes: 'that a command which is tried again is about the same epoch',
    file: `${wing}/run/command.ts`,
    find: 'turn === 1 ? order : { ...order, epoch }',
    replace: 'order',
    tests: ['tests/failover/command.test.ts'],
  },
];
