/** Time that only moves when nobody has anything left to do: one world, one order of events. */
export class VirtualTime {
  nowMs = 1_000_000;
  private readonly waiting: { atMs: number; order: number; wake: () => void }[] = [];
  private order = 0;

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.waiting.push({ atMs: this.nowMs + ms, order: this.order++, wake });
    });
  }

  /** Wakes sleepers in order until `untilMs`; `tick` runs whenever time moves. */
  async run(untilMs: number, tick: () => void): Promise<void> {
    for (;;) {
      await new Promise<void>((settled) => setImmediate(settled));
      this.waiting.sort((one, other) => one.atMs - other.atMs || one.order - other.order);
      const next = this.waiting[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.waiting.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      tick();
      next.wake();
    }
    this.nowMs = untilMs;
  }
}
