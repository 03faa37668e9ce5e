import { type NamesReport, sameHost } from './evidence.ts';

export interface NameRecord {
  name: string;
  type: 'CNAME' | 'TXT';
  ttlSeconds: number;
  value: string;
  /** Of weighted records: which one, how heavy, and on which health check. */
  identifier?: string | undefined;
  weight?: number | undefined;
  healthCheckId?: string | undefined;
}

/** One atomic batch: every DELETE names exactly what is there, so that a batch planned on an old look is refused whole. */
export interface NamesChange {
  deletes: NameRecord[];
  creates: NameRecord[];
}

export type NamesPlan =
  | { kind: 'ours' }
  | { kind: 'swap'; change: NamesChange }
  /** No record is changed: the health check on our metric chooses the secondary record, or the primary. */
  | { kind: 'flip'; standby: boolean }
  | { kind: 'conflict'; because: string };

/** The name that carries the epoch beside the writer's name. */
export const epochName = (writer: string): string => `_epoch.${writer}`;

/** What the epoch record says: who leads since which epoch. */
export const epochText = (epoch: number, instance: string): string => `epoch=${epoch} leader=${instance}`;

/** The number in an epoch record's text; 0 for none. */
export const epochOf = (text: string | undefined): number => Number(/(?:^|\s|")epoch=(\d+)/.exec(text ?? '')?.[1] ?? 0);

export interface NamesGoal {
  writer: string;
  ttlSeconds: number;
  epoch: number;
  instance: string;
  target: string;
  /** The only value that may be replaced: the leader we know. */
  from: string | undefined;
}

/** The change that moves the writer's name, or why it must not be made: a name that somebody else moved is not ours to overwrite. */
export const planNames = (seen: NamesReport, goal: NamesGoal): NamesPlan => {
  const seenEpoch = epochOf(seen.epochText);
  const text = epochText(goal.epoch, goal.instance);
  if (seenEpoch > goal.epoch) {
    return {
      kind: 'conflict',
      because: `${epochName(goal.writer)} says epoch ${seenEpoch}, and ours is ${goal.epoch}`,
    };
  }
  if (sameHost(seen.value, goal.target) && seen.epochText === text) return { kind: 'ours' };
  if (seen.epochText === text) {
    return {
      kind: 'conflict',
      because: `${goal.writer} was moved to ${seen.value ?? 'nothing'} after epoch ${goal.epoch} had moved it`,
    };
  }
  if (seen.value !== undefined && !sameHost(seen.value, goal.from) && !sameHost(seen.value, goal.target)) {
    return { kind: 'conflict', because: `${goal.writer} names ${seen.value}, which is neither leader of ours` };
  }
  const deletes: NameRecord[] = [];
  if (seen.value !== undefined) {
    deletes.push({
      name: goal.writer,
      type: 'CNAME',
      ttlSeconds: seen.ttlSeconds ?? goal.ttlSeconds,
      value: seen.value,
    });
  }
  if (seen.epochText !== undefined) {
    deletes.push({
      name: epochName(goal.writer),
      type: 'TXT',
      ttlSeconds: seen.epochTtlSeconds ?? goal.ttlSeconds,
      value: seen.epochText,
    });
  }
  const creates: NameRecord[] = [
    { name: goal.writer, type: 'CNAME', ttlSeconds: goal.ttlSeconds, value: goal.target },
    { name: epochName(goal.writer), type: 'TXT', ttlSeconds: goal.ttlSeconds, value: text },
  ];
  return { kind: 'swap', change: { deletes, creates } };
};
