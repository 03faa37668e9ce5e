import { BREAKERS, type Breaker, type Confirmation, PARTS, type Part, type Pause } from '../core/inventory.ts';
import type { Remaining } from '../core/remaining.ts';
import type { Continuation, Continuations, Control, RemainingWork } from './ports.ts';

/** The state table and the queue as plain values; the contract tests hold them to the real ones. */
export interface InMemoryState {
  control: Control;
  remaining: RemainingWork;
  continuations: Continuations;
  /** Messages that were sent, the oldest first. */
  queue: { continuation: Continuation; delaySeconds: number }[];
}

/** Opens an empty one. */
export const openInMemoryState = (): InMemoryState => {
  const pauses = new Map<Part, Pause>();
  const confirmations = new Map<Breaker, Confirmation>();
  const parts = new Map<string, { remaining: Remaining; done: boolean; leaseUntilMs: number }>();
  const queue: InMemoryState['queue'] = [];
  const key = (slotMs: number, part: number) => `${slotMs}#${part}`;
  return {
    queue,
    control: {
      orders: async () => ({
        pauses: PARTS.flatMap((part) => pauses.get(part) ?? []),
        confirmations: BREAKERS.flatMap((of) => confirmations.get(of) ?? []),
      }),
      pause: async (pause) => void pauses.set(pause.part, pause),
      resume: async (part) => pauses.delete(part),
      confirm: async (one) => void confirmations.set(one.of, one),
      useConfirmation: async (one) => {
        const given = confirmations.get(one.of);
        return given !== undefined && text(given) === text(one) && confirmations.delete(one.of);
      },
    },
    remaining: {
      put: async (remaining) => {
        const id = key(remaining.slotMs, remaining.part);
        if (parts.has(id)) return false;
        parts.set(id, { remaining: structuredClone(remaining), done: false, leaseUntilMs: 0 });
        return true;
      },
      take: async (slotMs, part, nowMs, leaseUntilMs) => {
        const found = parts.get(key(slotMs, part));
        if (found === undefined || found.done) return 'over';
        if (found.leaseUntilMs > nowMs) return 'busy';
        const { confirmed, ...rest } = structuredClone(found.remaining);
        const isFirst = found.leaseUntilMs === 0;
        found.leaseUntilMs = leaseUntilMs;
        return isFirst && confirmed !== undefined ? { ...rest, confirmed } : rest;
      },
      done: async (slotMs, part) => {
        const found = parts.get(key(slotMs, part));
        if (found !== undefined) found.done = true;
      },
    },
    continuations: { send: async (continuation, delaySeconds) => void queue.push({ continuation, delaySeconds }) },
  };
};

const text = (value: object): string => JSON.stringify(Object.entries(value).sort());
