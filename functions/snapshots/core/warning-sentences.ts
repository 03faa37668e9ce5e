import { formatSlot } from './calendar.ts';
import { beyondConfirmedText, confirmCommand } from './order-sentences.ts';
import { pauseText } from './orders.ts';
import type { Warning } from './warnings.ts';
import { KIND_NAMES, named, plural } from './words.ts';

/** What a person should look at. */
export const warningSentence = (warning: Warning): string => {
  switch (warning.kind) {
    case 'none-selected':
      return `No database is selected: of ${plural(warning.seen, 'database')} none carries the tag ${warning.tagKey}=true.`;
    case 'unseen':
      return `The ${warning.unseen.what}${warning.unseen.kind ? ` (${KIND_NAMES[warning.unseen.kind].toLowerCase()})` : ''} could not be seen: ${warning.unseen.detail}.`;
    case 'circuit-breaker':
      return `${beyondConfirmedText(warning.stopped, warning.passed, warning.allowed) ?? `Nothing is deleted: ${plural(warning.stopped, 'deletion')} in one run is more than the ${warning.allowed} allowed`}; look at "mainstay snapshots plan", and if that is meant, let it pass once: ${confirmCommand('snapshots')}.`;
    case 'creation-broken':
      return warning.newestGoodMs === undefined
        ? `${named(warning.database)} has no good snapshot, and as it is (${warning.database.status}) none can be taken.`
        : `${named(warning.database)} has had no new snapshot since ${formatSlot(warning.newestGoodMs)}: nothing of it is deleted.`;
    case 'cluster-not-tagged':
      return `${named(warning.member)} carries the tag, and its cluster ${warning.cluster} does not: neither gets a snapshot; tag the cluster.`;
    case 'creation-paused':
      return `No snapshots are taken: creation is paused ${pauseText(warning.pause)}.`;
    case 'key-unusable':
      return `${plural(warning.snapshots, 'snapshot')} ${warning.snapshots === 1 ? 'needs' : 'need'} the KMS key ${warning.keyId || 'that RDS does not name'}, ${warning.state === 'unusable' ? 'which cannot be used: no backup until it can' : 'of which nobody could say whether it can be used'}; none of them is deleted.`;
    case 'still-creating':
      return `${warning.snapshot.id} has been in the making since ${formatSlot(warning.slotMs)}: its database gets no other until it ends.`;
  }
};
