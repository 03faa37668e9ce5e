import { type Accepted, type FailoverRecord, isForwardOnly, isSwitchover, type Said } from './record.ts';

export type Verb = 'pause' | 'resume' | 'approve' | 'abort' | 'force' | 'ack' | 'switchover';

export interface CommandOrder {
  verb: Verb;
  by: string;
  why: string;
  /** The epoch that the person saw: a command about another one is refused. */
  epoch?: number | undefined;
  /** With `ack`: the instance that follows the new leader already; without it one is built. */
  replica?: string | undefined;
  /** With `force`: what the person takes upon himself. */
  accepts?: Accepted | undefined;
}

export type CommandOutcome =
  | { kind: 'done'; record: FailoverRecord; sentence: string }
  | { kind: 'refused'; sentence: string };

/** Applies a person's command to the record, or says why not. Who and why are always kept. */
export const applyCommand = (record: FailoverRecord, order: CommandOrder, nowMs: number): CommandOutcome => {
  const refuse = (sentence: string): CommandOutcome => ({
    kind: 'refused',
    sentence: `Refused ${record.pair}: ${sentence}.`,
  });
  if (order.why.trim() === '') return refuse('say why with --why "…"; it is kept in the history');
  if (order.epoch !== undefined && order.epoch !== record.epoch) {
    return refuse(`the epoch is ${record.epoch} now, and this command is about ${order.epoch}`);
  }
  const said: Said = { by: order.by, why: order.why, atMs: nowMs };
  const done = (change: Partial<FailoverRecord>, what: string): CommandOutcome => ({
    kind: 'done',
    record: { ...record, ...change, version: record.version + 1 },
    sentence: `${record.pair} (epoch ${record.epoch}): ${what} by ${order.by}: ${order.why}.`,
  });
  switch (order.verb) {
    case 'pause':
      if (isSwitchover(record.phase)) return refuse('a switchover is under way and its writers wait: abort it');
      return record.paused ? refuse(`it is paused already, by ${record.paused.by}`) : done({ paused: said }, 'paused');
    case 'resume':
      return record.paused || record.vetoed
        ? done({ paused: undefined, vetoed: undefined }, 'resumed')
        : refuse('it is neither paused nor vetoed');
    case 'approve':
      if (record.phase !== 'awaiting-approval') return refuse(`nothing awaits approval; the phase is ${record.phase}`);
      return order.epoch === undefined
        ? refuse(`name the epoch that you approve: --epoch ${record.epoch}`)
        : done({ approved: { ...said, epoch: record.epoch } }, 'approved');
    case 'abort':
      if (isForwardOnly(record.phase)) {
        return refuse(
          `the replica is promoted or about to be, which cannot be undone (phase ${record.phase}); pause stops what follows`,
        );
      }
      if (record.phase === 'healthy' && record.switchover)
        return done({ switchover: undefined }, 'switchover called off');
      return record.phase === 'healthy'
        ? refuse('there is no incident to abort')
        : done({ vetoed: said }, 'vetoed until the leader is back');
    case 'force':
      return force(record, order, said, refuse, done);
    case 'switchover':
      if (record.phase !== 'healthy') return refuse(`a switchover needs a healthy pair; the phase is ${record.phase}`);
      if (record.paused) return refuse(`it is paused by ${record.paused.by}`);
      return order.epoch === undefined
        ? refuse(`name the epoch that you saw: --epoch ${record.epoch}`)
        : done({ switchover: said }, `asked for ${record.candidate.instance} to lead`);
    case 'ack':
      return record.phase === 'degraded'
        ? acknowledge(record, order, said, done)
        : refuse(`there is nothing to acknowledge; the phase is ${record.phase}`);
  }
};

/** Said once more, it starts anew: with another replica, or with another try to build one. */
const acknowledge = (
  { intents: { rebuild: _rebuild, ...intents }, previousLeader }: FailoverRecord,
  { replica }: CommandOrder,
  said: Said,
  done: (change: Partial<FailoverRecord>, what: string) => CommandOutcome,
): CommandOutcome => {
  if (replica === undefined || previousLeader === undefined) {
    return done({ acked: said, standby: undefined, intents }, 'acknowledged, a replica to be built,');
  }
  const standby = { instance: replica, region: previousLeader.region };
  return done({ acked: { ...said, replica }, standby, intents }, `acknowledged, ${replica} to follow,`);
};

/** A force opens the gates that guard what is accepted, for one incident: never those by which the leader may be alive. */
const force = (
  record: FailoverRecord,
  { accepts = {}, epoch }: CommandOrder,
  said: Said,
  refuse: (sentence: string) => CommandOutcome,
  done: (change: Partial<FailoverRecord>, what: string) => CommandOutcome,
): CommandOutcome => {
  const words = acceptedInWords(accepts);
  if (!['suspect', 'confirming', 'awaiting-approval', 'fencing'].includes(record.phase)) {
    return refuse(
      isForwardOnly(record.phase)
        ? `it goes on by itself from here; the phase is ${record.phase}`
        : `there is no incident to force; the phase is ${record.phase}`,
    );
  }
  if (epoch === undefined) return refuse(`name the epoch that you force: --epoch ${record.epoch}`);
  if (words === '')
    return refuse('say what you accept: --accept fence, loss=SECONDS, loss=any, cause, cooldown, divergence');
  if (accepts.loss !== undefined && accepts.loss !== 'any' && !(accepts.loss >= 0)) {
    return refuse('an accepted loss is a number of seconds, or any');
  }
  return done({ forced: { ...said, epoch: record.epoch, accepts } }, `forced, accepting ${words},`);
};

const acceptedInWords = ({ loss, fence, cause, cooldown, divergence }: Accepted): string =>
  [
    fence && 'that the old primary may go on taking writes',
    loss !== undefined && (loss === 'any' ? 'any loss' : `the loss of up to ${loss} s of commits`),
    cause && "that RDS's word for the leader is no disaster",
    cooldown && 'a failover within the cooldown',
    divergence && 'that the new leader has transactions which this one never had',
  ]
    .filter(Boolean)
    .join(', ');
