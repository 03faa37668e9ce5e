// What goes wrong between a client and RDS, by a seed or by hand: the rate limit, errors before and after the effect, answers
// that never come, a region that can't be reached, snapshots that come to nothing.
import type { Clock } from '../clock.ts';
import { seededRandom, seedOf } from './random.ts';
import { RdsRefusal } from './refusal.ts';

/** Shares of calls, each from 0 to 1, of one action or of all. */
export type CallFaults = {
  /** Refused with `Throttling`, without effect. */
  readonly throttled?: number;
  /** A 500 without effect. */
  readonly errorBefore?: number;
  /** A 500, although it was done. */
  readonly errorAfter?: number;
  /** No answer, without effect. */
  readonly timeoutBefore?: number;
  /** No answer, although it was done. */
  readonly timeoutAfter?: number;
};

export type FaultRates = CallFaults & {
  /** In place of the general shares, by action: `{ CreateDBSnapshot: { errorAfter: 0.1 } }`. */
  readonly actions?: Readonly<Record<string, CallFaults>>;
  /** Shares of snapshots and copies that end `failed` after their time. */
  readonly snapshotsFail?: number;
  readonly copiesFail?: number;
  /** Share of pages whose last item comes again as the next page's first. */
  readonly pagesRepeat?: number;
};

/** Calls a second that a region answers, and how many at once. AWS publishes no figures (CHAP_Limits). */
export type RateLimit = {
  readonly perSecond: number;
  readonly burst: number;
  readonly code?: 'Throttling' | 'ThrottlingException';
};

/** The caller hears nothing: who serves this world ends the connection without an answer. */
export class NoAnswer extends Error {
  constructor(action: string) {
    super(`no answer to ${action}`);
    // The name by which SDK clients know a request that timed out.
    this.name = 'TimeoutError';
  }
}

type Fault = keyof CallFaults;
const order: readonly Fault[] = ['throttled', 'timeoutBefore', 'errorBefore', 'errorAfter', 'timeoutAfter'];

export type Disturbances = {
  /** Lets a call through, or throws; the answer's fate is what it returns. */
  admit(region: string, action: string): 'answered' | 'error' | 'unanswered';
  comesToNothing(what: 'snapshot' | 'copy', snapshotArn: string): boolean;
  pageRepeats(region: string, action: string): boolean;
  /** From now on, the same for the same seed and calls; without rates everything goes well again. */
  set(seed: number, rates: FaultRates): void;
  clear(): void;
  throttle(region: string, limit: RateLimit | undefined): void;
  /** Cuts a region off for its clients, or lets them in again. What it has begun goes on. */
  outage(region: string, isOut: boolean): void;
  isOut(region: string): boolean;
};

const internalFailure = () => new RdsRefusal('InternalFailure', 'An internal error has occurred.', 500);
const throttled = (code = 'Throttling') => new RdsRefusal(code, 'Rate exceeded');

/** Without any set, every call is let through. */
export const openDisturbances = (clock: Pick<Clock, 'now'>): Disturbances => {
  const buckets = new Map<string, { limit: RateLimit; tokens: number; at: number }>();
  const out = new Set<string>();
  let faults: { seed: number; rates: FaultRates; turns: Map<string, number> } | undefined;

  const take = (region: string): void => {
    const bucket = buckets.get(region);
    if (bucket === undefined) return;
    const now = clock.now();
    bucket.tokens = Math.min(bucket.limit.burst, bucket.tokens + ((now - bucket.at) / 1_000) * bucket.limit.perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) throw throttled(bucket.limit.code);
    bucket.tokens -= 1;
  };

  /** One number for each turn of a subject: another subject's turns don't change it. */
  const draw = (subject: string): number => {
    const turn = (faults!.turns.get(subject) ?? 0) + 1;
    faults!.turns.set(subject, turn);
    return seededRandom(seedOf(faults!.seed, subject, turn))();
  };

  const drawFault = (region: string, action: string): Fault | undefined => {
    if (faults === undefined) return undefined;
    const rates: CallFaults = faults.rates.actions?.[action] ?? faults.rates;
    let left = draw(`${region} ${action}`);
    for (const fault of order) {
      left -= rates[fault] ?? 0;
      if (left < 0) return fault;
    }
    return undefined;
  };

  return {
    admit: (region, action) => {
      if (out.has(region)) throw new NoAnswer(action);
      take(region);
      switch (drawFault(region, action)) {
        case 'throttled':
          throw throttled();
        case 'errorBefore':
          throw internalFailure();
        case 'timeoutBefore':
          throw new NoAnswer(action);
        case 'errorAfter':
          return 'error';
        case 'timeoutAfter':
          return 'unanswered';
        default:
          return 'answered';
      }
    },
    comesToNothing: (what, snapshotArn) => {
      const share = what === 'snapshot' ? faults?.rates.snapshotsFail : faults?.rates.copiesFail;
      return share !== undefined && draw(`${what} ${snapshotArn}`) < share;
    },
    pageRepeats: (region, action) => {
      const share = faults?.rates.pagesRepeat;
      return share !== undefined && draw(`page ${region} ${action}`) < share;
    },
    set: (seed, rates) => {
      faults = { seed, rates, turns: new Map() };
    },
    clear: () => {
      faults = undefined;
    },
    throttle: (region, limit) => {
      if (limit === undefined) buckets.delete(region);
      else buckets.set(region, { limit, tokens: limit.burst, at: clock.now() });
    },
    outage: (region, isOut) => {
      if (isOut) out.add(region);
      else out.delete(region);
    },
    isOut: (region) => out.has(region),
  };
};

/** What becomes of an answer whose action is done; throws when it is lost. */
export const deliver = <Answer>(fate: 'answered' | 'error' | 'unanswered', action: string, answer: Answer): Answer => {
  if (fate === 'error') throw internalFailure();
  if (fate === 'unanswered') throw new NoAnswer(action);
  return answer;
};
