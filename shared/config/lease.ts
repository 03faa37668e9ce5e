// The failover wing's arithmetic (core/lease.ts), which nothing here may import: a test holds the two equal.

/** The least `maxLossSeconds` that a leased pair can keep: what is committed until its guard has closed the door is lost. */
export const leastLossSeconds = (leaseSeconds: number, stepSeconds: number): number => {
  const waitMs = (leaseSeconds * 1000) / 3 + 15_000 + leaseSeconds * 1000 + 15_000 + 2_000;
  return Math.ceil((waitMs / 1000 + stepSeconds) * 1.5);
};
