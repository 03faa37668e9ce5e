/** Time that only moves when nobody has anything left to do: one world, one order of events. */
export class VirtualTime {
  nowMs = 1_000_000;
  /** A binary heap: the first to wake is at its root. */
  private readonly waiting: Sleeper[] = [];
  private order = 0;

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.push({ atMs: this.nowMs + ms, order: this.order++, wake }));
  }

  /** Wakes sleepers in order until `untilMs`; `tick` runs whenever time moves, and every `beatMs` though nobody sleeps for it. */
  async run(untilMs: number, tick: () => void, beatMs: number): Promise<void> {
    // Once in a world the real clock gets its turn, so that a test's time limit is kept.
    await new Promise<void>((turned) => setImmediate(turned));
    let beatAtMs = this.nowMs + beatMs;
    for (;;) {
      // Node's tick queue comes after every promise that can settle now; nothing here waits for anything else.
      await new Promise<void>((settled) => process.nextTick(settled));
      const next = this.waiting[0];
      for (; beatAtMs <= Math.min(untilMs, next?.atMs ?? untilMs); beatAtMs += beatMs) {
        this.nowMs = Math.max(this.nowMs, beatAtMs);
        tick();
      }
      if (next === undefined || next.atMs > untilMs) break;
      this.pop();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      tick();
      next.wake();
    }
    this.nowMs = untilMs;
  }

  private push(sleeper: Sleeper): void {
    const heap = this.waiting;
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(sleeper, heap[parent] as Sleeper)) break;
      heap[at] = heap[parent] as Sleeper;
      at = parent;
    }
    heap[at] = sleeper;
  }

  private pop(): void {
    const heap = this.waiting;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child += 1;
      if (!isBefore(heap[child] as Sleeper, last)) break;
      heap[at] = heap[child] as Sleeper;
      at = child;
    }
    heap[at] = last;
  }
}

interface Sleeper {
  atMs: number;
  order: number;
  wake: () => void;
}

const isBefore = (one: Sleeper, other: Sleeper): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
