/** What is due at a time; among equal times the one that was added first comes first. */
export type Timer = { readonly dueMs: number; readonly order: number; readonly fire: () => void };

/** Timers by due time: a heap, for a simulated month has a hundred thousand of them. */
export class TimerQueue {
  #heap: Timer[] = [];
  readonly #cancelled = new Set<Timer>();

  add(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  /** Takes a timer that has not fired out. */
  cancel(timer: Timer): void {
    this.#cancelled.add(timer);
  }

  /** The next one, which stays. */
  first(): Timer | undefined {
    while (this.#heap[0] !== undefined && this.#cancelled.delete(this.#heap[0])) this.#removeFirst();
    return this.#heap[0];
  }

  /** The next one, taken out. */
  take(): Timer | undefined {
    const first = this.first();
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  clear(): void {
    this.#heap = [];
    this.#cancelled.clear();
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
