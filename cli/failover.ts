import { userInfo } from 'node:os';
import { reconcilerPorts } from '../functions/failover/aws/compose.ts';
import { recordsForPeople } from '../functions/failover/aws/configured-records.ts';
import { readinessPorts } from '../functions/failover/aws/readiness-compose.ts';
import type { Verb } from '../functions/failover/core/command.ts';
import { decide } from '../functions/failover/core/decide.ts';
import { isOfPair, type Policy } from '../functions/failover/core/policy.ts';
import { type Accepted, isForwardOnly } from '../functions/failover/core/record.ts';
import { sentenceOf, whatToType } from '../functions/failover/core/sentence.ts';
import { giveCommand } from '../functions/failover/run/command.ts';
import { readReadiness } from '../functions/failover/run/readiness.ts';
import { pairNamed, policyOf } from '../functions/failover/run/settings.ts';
import { readPair } from '../functions/failover/run/status.ts';
import { type Command, type CommandCall, UsageError } from './command.ts';
import { drill } from './failover-drill.ts';
import { explainText, historyText, readinessText, statusText } from './failover-text.ts';

const portsOf =
  ({ config }: CommandCall) =>
  (kind: Policy['kind']) => ({ ...reconcilerPorts(config, () => {})(kind), records: recordsForPeople(config) });
/** Records are the same, whatever a pair is made of. */
const recordsOf = (call: CommandCall) => portsOf(call)(undefined);

/** The pairs that a command is about: the named one, or all. */
const pairsOf = ({ config, positionals }: CommandCall) =>
  (positionals[0] === undefined ? config.failover.pairs : [pairNamed(config, positionals[0])]).map((pair) =>
    policyOf(config, pair),
  );

const status: Command = {
  wing: 'failover',
  verb: 'status',
  summary: 'Who leads, what everybody says of it, what the name answers, and what to type',
  usage: '[PAIR]',
  example: 'mainstay failover status',
  run: async (call) => {
    const by = portsOf(call);
    const pairs = await Promise.all(
      pairsOf(call).map(async (policy) => {
        const ports = by(policy.kind);
        const { record, evidence } = await readPair(ports, policy);
        const decision = decide(record, evidence, policy, ports.clock.now());
        const sentence = sentenceOf(decision);
        return {
          policy,
          record,
          evidence,
          diagnosis: decision.situation.diagnosis,
          sentence,
          type: whatToType(decision),
        };
      }),
    );
    return {
      json: pairs.map(({ policy, ...rest }) => ({
        pair: policy.pair,
        mode: policy.mode,
        fence: policy.fence,
        ...rest,
      })),
      text: pairs.map(statusText).join('\n\n') || 'No pairs are configured.',
    };
  },
};

const explain: Command = {
  wing: 'failover',
  verb: 'explain',
  summary: 'Every gate, open or closed and why, on what is seen right now; nothing is changed',
  usage: 'PAIR',
  example: 'mainstay failover explain ledger',
  run: async (call) => {
    const policy = policyOf(call.config, pairNamed(call.config, call.positionals[0]));
    const ports = portsOf(call)(policy.kind);
    const { record, evidence } = await readPair(ports, policy);
    const decision = decide(record, evidence, policy, ports.clock.now());
    const sentence = sentenceOf(decision);
    const type = whatToType(decision);
    const isPast = isForwardOnly(record.phase);
    const json = {
      pair: policy.pair,
      phase: record.phase,
      sentence,
      type,
      whyNot: isPast ? [] : decision.whyNot,
      loss: decision.situation.loss,
    };
    return { json, text: explainText({ sentence, type }, isPast ? 'not-asked' : decision.whyNot) };
  },
};

const readiness: Command = {
  wing: 'failover',
  verb: 'readiness',
  summary: 'What a failover would need, checked: each a sentence, and a fix where something is amiss',
  usage: '[PAIR]',
  example: 'mainstay failover readiness ledger',
  run: async (call) => {
    const by = readinessPorts(call.config, () => {});
    const pairs = await Promise.all(
      pairsOf(call).map(async (policy) => ({
        pair: policy.pair,
        checks: await readReadiness(by(policy.kind), policy, pairNamed(call.config, policy.pair).login),
      })),
    );
    return {
      json: pairs,
      text: pairs.map(readinessText).join('\n\n') || 'No pairs are configured.',
      exitCode: pairs.some(({ checks }) => checks.some(({ state }) => state === 'blocked' || state === 'unknown'))
        ? 1
        : 0,
    };
  },
};

const history: Command = {
  wing: 'failover',
  verb: 'history',
  summary: 'What was decided, and what people said: who and why, newest first',
  usage: 'PAIR',
  example: 'mainstay failover history ledger --limit 20',
  options: { limit: { type: 'string', description: 'how many entries (default 50)' } },
  run: async (call) => {
    const { name } = pairNamed(call.config, call.positionals[0]);
    const limit = Number(call.values.limit ?? 50);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit expects a whole number above 0');
    const entries = await recordsOf(call).records.history(name, limit);
    return { json: entries, text: historyText(entries) };
  },
};

/** These say nothing without the epoch that the person saw. */
const WITH_EPOCH: readonly Verb[] = ['approve', 'switchover'];

const order = (verb: Verb, summary: string): Command => ({
  wing: 'failover',
  verb,
  summary,
  usage: `PAIR ${WITH_EPOCH.includes(verb) ? '--epoch N --why "…"' : '--why "…" [--epoch N]'}`,
  example: `mainstay failover ${verb} ledger --epoch 0 --why "planned network work"`,
  options: {
    why: { type: 'string', description: 'why; kept in the history' },
    epoch: { type: 'string', description: 'the epoch you saw in status; refused when it is another one by now' },
    by: { type: 'string', description: 'who (default: your user name)' },
  },
  run: async (call) => {
    const { name } = pairNamed(call.config, call.positionals[0]);
    const outcome = await giveCommand(recordsOf(call), name, orderOf(verb, call));
    if (outcome === undefined)
      throw new UsageError(`nothing is recorded of ${name} yet: the reconciler has not looked`);
    if (outcome.kind === 'refused') return { json: outcome, text: outcome.sentence, exitCode: 1 };
    return { json: { kind: 'done', sentence: outcome.sentence }, text: outcome.sentence };
  },
});

/** What follows `--accept`: fence, cause, cooldown, divergence, loss=SECONDS or loss=any, with commas between. */
const acceptedOf = (text: string): Accepted => {
  const accepted: Accepted = {};
  for (const word of text.split(',').filter(Boolean)) {
    const [what, value] = word.split('=');
    if (what === 'loss') accepted.loss = value === 'any' ? 'any' : Number(value);
    else if (what === 'fence' || what === 'cause' || what === 'cooldown' || what === 'divergence')
      accepted[what] = true;
    else
      throw new UsageError(`--accept takes fence, cause, cooldown, divergence, loss=SECONDS and loss=any, not ${word}`);
  }
  return accepted;
};

const plainForce = order('force', 'Let an incident go on past what holds it, by accepting what that may cost');
const force: Command = {
  ...plainForce,
  usage: 'PAIR --accept WHAT --epoch N --why "…"',
  example: 'mainstay failover force ledger --epoch 1 --accept fence --why "the host is gone for good"',
  options: {
    ...plainForce.options,
    accept: {
      type: 'string',
      description: 'fence, cause, cooldown, divergence, loss=SECONDS or loss=any; several with commas',
    },
  },
};

const plainAck = order(
  'ack',
  'Say that a failover is understood: a replica is built for the new leader, or the one you name is taken',
);
const ack: Command = {
  ...plainAck,
  usage: 'PAIR --epoch N --why "…" [--replica INSTANCE]',
  example: 'mainstay failover ack ledger --epoch 1 --why "host failure, seen with the owners"',
  options: {
    ...plainAck.options,
    replica: { type: 'string', description: 'the instance that follows the new leader already: nothing is built' },
  },
  run: async (call) => {
    const policy = policyOf(call.config, pairNamed(call.config, call.positionals[0]));
    const { replica: instance } = call.values;
    const sides = [policy.primary, policy.replica];
    if (
      instance !== undefined &&
      !sides.some(({ region }) => isOfPair(policy, { region, instance: String(instance) }))
    ) {
      const names = sides.map((one) => `${one.instance} or ${one.instance}-e<number>`).join(', ');
      throw new UsageError(`--replica takes a name that the guard may touch: ${names}`);
    }
    return plainAck.run(call);
  },
};

const orderOf = (verb: Verb, { values }: CommandCall) => {
  const epoch = values.epoch === undefined ? undefined : Number(values.epoch);
  if (epoch !== undefined && !Number.isInteger(epoch)) throw new UsageError('--epoch expects a whole number');
  return {
    verb,
    by: String(values.by ?? userInfo().username),
    why: String(values.why ?? ''),
    epoch,
    replica: values.replica === undefined ? undefined : String(values.replica),
    accepts: values.accept === undefined ? undefined : acceptedOf(String(values.accept)),
  };
};

/** Every `mainstay failover …`. */
export const commands: Command[] = [
  status,
  explain,
  readiness,
  history,
  drill,
  order('pause', 'Look on, do nothing, until resume'),
  order('resume', 'End a pause, or a veto that abort has put in'),
  order('approve', 'Let an incident of mode approve go on'),
  order(
    'abort',
    'Call an incident or a switchover off, while that is possible; no other one begins until the leader was back',
  ),
  force,
  order('switchover', 'Let the replica lead, by plan, with no row lost: writers wait for a minute at most'),
  ack,
];
