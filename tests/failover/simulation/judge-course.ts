import { type FailoverRecord, isForwardOnly } from '../../../functions/failover/core/record.ts';
import { START_MS, type World } from './world.ts';

// What must be true of the whole course of a world, where one moment says too little. Numbers are those of README, "Invariants".

/** An old primary that can be reached is fenced within this time of the failover's end, or of its return. */
const FENCED_WITHIN_MS = 120_000;
/** Route 53 takes five requests a second of an account; the SDK's client waits. More than twice that would be a hot loop. */
const ROUTE53_PER_SECOND = 10;
/** Calls of a whole world: 480 s, of which every look of an incident needs about seven. */
const CALLS_PER_WORLD = 4_000;

interface Course {
  /** Who was opened in each epoch. */
  leaders: Map<number, string>;
  /** Moves and new holds: each is told once. */
  toTell: number;
}

const courses = new WeakMap<World, Course>();
const courseOf = (world: World): Course => {
  const course = courses.get(world) ?? { leaders: new Map(), toTell: 0 };
  courses.set(world, course);
  return course;
};

/** Judges one accepted write by what came before it. */
export const judgeCourse = (world: World, before: FailoverRecord | undefined, after: FailoverRecord): void => {
  const course = courseOf(world);
  const isMove = before?.phase !== after.phase;
  if (isMove && after.phase === 'switching-names') {
    const other = course.leaders.get(after.epoch);
    if (other !== undefined && other !== after.leader.instance) world.violate('two leaders in one epoch (I1)');
    course.leaders.set(after.epoch, after.leader.instance);
  }
  const wasOpen = before !== undefined && !isForwardOnly(before.phase);
  if (isMove && wasOpen && after.phase === 'promoting' && before.vetoed !== undefined)
    world.violate('promoted what was called off (I14)');
  const isOrder = ordersIn(after).some((order) => !ordersIn(before).includes(order));
  if (isOrder && before?.paused !== undefined) world.violate('gave an order while paused (I17)');
  if (before !== undefined && isMove) course.toTell += 1;
  else if (after.hold !== undefined && after.hold.because !== before?.hold?.because) course.toTell += 1;
};

const ordersIn = (record: FailoverRecord | undefined): string[] =>
  [record?.intents, ...(record?.retired ?? []).map(({ intents }) => intents)].flatMap((intents) =>
    Object.values(intents ?? {}).map((intent) => `${intent?.id} ${intent?.attempts}`),
  );

/** Judges the end of a world. */
export const judgeCourseEnd = (world: World, record: FailoverRecord | undefined): void => {
  const { scenario, now, pages } = world;
  const { toTell } = courseOf(world);
  if (pages.length > toTell) world.violate('told people twice of one thing (I19)');
  // A worker that dies between its write and its page takes the page along.
  if (scenario.crash === undefined && scenario.freeze === undefined && pages.length < toTell)
    world.violate('kept a hold or a move to itself (I19)');

  const calls = Object.values(world.calls).reduce((sum, count) => sum + count, 0);
  if (calls > CALLS_PER_WORLD) world.violate(`made ${calls} calls (I20)`);
  if (world.busiestRoute53Second > ROUTE53_PER_SECOND) world.violate('asked Route 53 in a hot loop (I20)');

  const isReached = scenario.faults.every(
    ({ kind, atMs, forMs }) =>
      !['observer-cut', 'region-cut', 'store-outage'].includes(kind) ||
      START_MS + atMs + forMs < now - FENCED_WITHIN_MS ||
      START_MS + atMs > now,
  );
  if (record === undefined || !['degraded', 'healthy'].includes(record.phase) || record.paused !== undefined) return;
  const settledMs = Math.min(record.phaseSinceMs, record.passed.degraded ?? record.phaseSinceMs);
  for (const one of world.databases) {
    const ledBefore = record.retired.some(({ resourceId }) => resourceId === one.resourceId);
    const isLongUp = one.upSinceMs !== undefined && now - one.upSinceMs > FENCED_WITHIN_MS;
    if (ledBefore && isLongUp && now - settledMs > FENCED_WITHIN_MS && isReached && one.accepts(now))
      world.violate('left the old primary open after its return (I16)');
    if (ledBefore && world.names.value === one.host) world.violate('the name leads to the old primary (I16)');
  }
};
