import type { Policy } from '../core/policy.ts';
import { recordOf } from '../core/record.ts';
import { answeredName, ask, type LookPorts, look } from './look.ts';
import type { RecordStore } from './ports.ts';

/** What is recorded of a pair and what everybody says of it now, the witness and the name included. Changes nothing but the guard's heartbeat. */
export const readPair = async (ports: LookPorts & { records: RecordStore }, policy: Policy) => {
  const { pair, names } = policy;
  const record = recordOf(await ports.records.load(pair), policy, ports.clock.now());
  const [evidence, witness, name] = await Promise.all([
    look(ports, record, policy),
    ask(() => ports.observers.witness(record.leader, pair, record.epoch)),
    ask(async () => {
      const answered = await answeredName(ports, record, policy);
      // In mode stop there is nothing but what DNS answers.
      return names.mode === 'stop'
        ? { value: answered, answered }
        : { ...(await ports.names.read(names.zoneId, names.writer)), answered };
    }),
  ]);
  return { record, evidence: { ...evidence, witness, names: name } };
};
