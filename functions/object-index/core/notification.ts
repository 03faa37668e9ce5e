// Our part of a bucket's notification configuration. The API replaces the whole of it, so it is read, merged and shown first.

/** One entry of any kind (queue, topic, function), as far as merging looks at it. */
export interface NotificationEntry {
  id: string | undefined;
  target: string;
  events: readonly string[];
  prefix: string;
  suffix: string;
}

/** All that S3 sends about an object which changes what the index keeps. */
export const INDEX_EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectRemoved:*',
  // A lifecycle rule's deletions are not among ObjectRemoved (docs: notification-how-to-event-types-and-destinations).
  's3:LifecycleExpiration:*',
  's3:LifecycleTransition',
] as const;

export const NOTIFICATION_ID = 'mainstay-object-index';

/** The events of a bucket whose policy reads tags, too. */
export const eventsFor = ({ needsTags }: { needsTags: boolean }): readonly string[] =>
  needsTags ? [...INDEX_EVENTS, 's3:ObjectTagging:*'] : INDEX_EVENTS;

/** Our entry for a queue. */
export const indexEntry = (queueArn: string, events: readonly string[] = INDEX_EVENTS): NotificationEntry => ({
  id: NOTIFICATION_ID,
  target: queueArn,
  events,
  prefix: '',
  suffix: '',
});

export type AttachPlan =
  | {
      kind: 'attach' | 'replace' | 'detach';
      sentence: string;
      removed: NotificationEntry[];
      added: NotificationEntry[];
    }
  | { kind: 'nothing'; sentence: string }
  | { kind: 'refuse'; sentence: string; overlaps: NotificationEntry[] };

/** What attaching would change. Refuses where S3 would: one event of one key may have one destination of a configuration. */
export const planAttach = (
  bucket: string,
  existing: readonly NotificationEntry[],
  queueArn: string,
  events: readonly string[] = INDEX_EVENTS,
): AttachPlan => {
  const ours = indexEntry(queueArn, events);
  const [mine, others] = split(existing);
  const overlaps = others.filter((entry) => overlap(entry, ours));
  if (overlaps.length > 0) {
    const list = overlaps.map((entry) => `${entry.id ?? 'an entry without id'} → ${entry.target}`).join(', ');
    return {
      kind: 'refuse',
      overlaps,
      sentence: `Refused: ${bucket} already sends events that the index needs elsewhere (${list}), and S3 sends each event of a key to one destination only. Let that destination fan out to ${queueArn}, or turn on EventBridge.`,
    };
  }
  const [only] = mine;
  if (mine.length === 1 && only !== undefined && same(only, ours)) {
    return { kind: 'nothing', sentence: `${bucket} is attached already.` };
  }
  return {
    kind: mine.length > 0 ? 'replace' : 'attach',
    removed: mine,
    added: [ours],
    sentence: `${bucket} would send ${events.length} kinds of events to ${queueArn}; ${others.length} other entries stay as they are.`,
  };
};

/** What detaching would change: only our entry goes. */
export const planDetach = (bucket: string, existing: readonly NotificationEntry[]): AttachPlan => {
  const [mine, others] = split(existing);
  if (mine.length === 0) return { kind: 'nothing', sentence: `${bucket} is not attached.` };
  return {
    kind: 'detach',
    removed: mine,
    added: [],
    sentence: `${bucket} would stop sending events to the index; ${others.length} other entries stay as they are. Its rows stay, and grow stale.`,
  };
};

const split = (existing: readonly NotificationEntry[]): [NotificationEntry[], NotificationEntry[]] => [
  existing.filter(({ id }) => id === NOTIFICATION_ID),
  existing.filter(({ id }) => id !== NOTIFICATION_ID),
];

const same = (a: NotificationEntry, b: NotificationEntry): boolean =>
  a.target === b.target &&
  a.prefix === b.prefix &&
  a.suffix === b.suffix &&
  [...a.events].sort().join() === [...b.events].sort().join();

// docs: notification-how-to-filtering. Two entries clash when an event of one key could match both.
const overlap = (a: NotificationEntry, b: NotificationEntry): boolean =>
  a.events.some((one) => b.events.some((other) => covers(one, other) || covers(other, one))) &&
  (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
  (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));

const covers = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.endsWith(':*') && narrow.startsWith(wide.slice(0, -1)));
