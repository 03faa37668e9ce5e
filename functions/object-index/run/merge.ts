import type { QueryPlan, StreamPlan } from '../core/query.ts';
import type { IndexReader, ListedObject } from './ports.ts';

export interface Merged {
  objects: ListedObject[];
  /** Where the next page begins; undefined when there is nothing after it. */
  position: string | undefined;
}

/** Reads from one partition, as much as was asked for and no page more than needed. */
interface Stream {
  plan: StreamPlan;
  ready: ListedObject[];
  /** Everything up to here has been read; undefined before the first page. */
  readUpTo: string | undefined;
  ended: boolean;
}

interface Page {
  order: 'newest' | 'oldest';
  limit: number;
  /** A page ends after so many reads, full or not: a filter that matches little must not run into the deadline. */
  maxReads: number;
}

/** Merges the partitions of a plan into one list in order of date: k-way within a group, group after group. */
export const mergePlan = async (
  reader: Pick<IndexReader, 'readIndex'>,
  plan: QueryPlan,
  page: Page,
  boundaryAfter: (group: StreamPlan[]) => string | undefined,
): Promise<Merged> => {
  const objects: ListedObject[] = [];
  const budget = { reads: page.maxReads };
  let boundary: string | undefined;
  for (const group of plan.groups) {
    if (budget.reads <= 0 && boundary !== undefined) return { objects, position: boundary };
    const stopped = await mergeGroup(reader, plan, page, group, objects, budget);
    if (stopped !== undefined) return { objects, position: stopped };
    boundary = boundaryAfter(group);
  }
  return { objects, position: undefined };
};

/** Merges one group into `objects`; gives the position where it had to stop, or undefined when the group is at its end. */
const mergeGroup = async (
  reader: Pick<IndexReader, 'readIndex'>,
  plan: QueryPlan,
  page: Page,
  group: StreamPlan[],
  objects: ListedObject[],
  budget: { reads: number },
): Promise<string | undefined> => {
  const streams = group.map((one): Stream => ({ plan: one, ready: [], readUpTo: undefined, ended: false }));
  for (;;) {
    const dry = streams.filter(({ ready, ended }) => ready.length === 0 && !ended);
    // The first page of each is read whatever the budget: without it there would be no progress.
    const allowed = dry.filter(({ readUpTo }) => readUpTo === undefined || budget.reads > 0);
    budget.reads -= allowed.length;
    // Each gives about its share of what is still wanted, and is asked again if that was not enough.
    const alive = streams.filter(({ ended }) => !ended).length;
    const share = Math.ceil((page.limit - objects.length) / Math.max(1, alive)) + 4;
    await Promise.all(allowed.map((stream) => readMore(reader, plan, page, stream, share)));
    const next = first(streams, page.order);
    if (next === undefined) return undefined;
    if (next.ready.length === 0) {
      if (budget.reads > 0) continue;
      return next.readUpTo;
    }
    if (objects.length === page.limit) return objects.at(-1)?.sort;
    objects.push(next.ready.shift() as ListedObject);
  }
};

const readMore = async (
  reader: Pick<IndexReader, 'readIndex'>,
  { above, below, filter }: QueryPlan,
  { order }: Page,
  stream: Stream,
  limit: number,
): Promise<void> => {
  const bounds =
    order === 'newest' ? { above, below: stream.readUpTo ?? below } : { above: stream.readUpTo ?? above, below };
  const read = await reader.readIndex({ ...stream.plan, ...bounds, order, filter, limit });
  stream.ready = read.objects;
  stream.ended = read.readUpTo === undefined;
  stream.readUpTo = read.readUpTo ?? stream.readUpTo;
};

/** The stream whose next object comes first. One that has read on without finding anything stands where it has read up to. */
const first = (streams: readonly Stream[], order: 'newest' | 'oldest'): Stream | undefined => {
  const place = ({ ready, readUpTo }: Stream): string => ready[0]?.sort ?? readUpTo ?? '';
  const sign = order === 'newest' ? -1 : 1;
  return streams
    .filter(({ ready, ended }) => ready.length > 0 || !ended)
    .sort((a, b) => (place(a) === place(b) ? a.ready.length - b.ready.length : place(a) < place(b) ? -sign : sign))[0];
};
