import type { LoginConfig } from '../../../shared/config/schema.ts';
import type { Policy } from '../core/policy.ts';
import { type Check, checkReadiness, type InstanceShape } from '../core/readiness.ts';
import { ask, type LookPorts } from './look.ts';
import type { LoginSecrets, RecordStore, Shapes } from './ports.ts';
import { readPair } from './status.ts';

/** The two regions of a pair, each asked by its own API. */
export interface ReadinessPorts extends LookPorts {
  records: RecordStore;
  shapes: Record<'primary' | 'recovery', Shapes>;
  secrets: Record<'primary' | 'recovery', LoginSecrets>;
}

/** The ten checks on what is seen right now. Changes nothing but the guard's heartbeat. */
export const readReadiness = async (ports: ReadinessPorts, policy: Policy, login: LoginConfig): Promise<Check[]> => {
  const { shapes, secrets, clock } = ports;
  const [{ record, evidence }, leader, replica, here, there] = await Promise.all([
    readPair(ports, policy),
    ask(() => known(shapes.primary, policy.primary.instance)),
    ask(() => known(shapes.recovery, policy.replica.instance)),
    ...(['primary', 'recovery'] as const).map((side) =>
      ask(async () => (login.kind === 'secret' ? secrets[side].view(login.secretId) : 'missing')),
    ),
  ] as const);
  const found = login.kind === 'secret' && here && there ? { primary: here, recovery: there } : undefined;
  return checkReadiness({ policy, record, evidence, leader, replica, secrets: found, nowMs: clock.now() });
};

const known = async (shapes: Shapes, instance: string): Promise<InstanceShape> => {
  const shape = await shapes.shape(instance);
  if (shape === undefined) throw new Error(`RDS knows no instance ${instance}`);
  return shape;
};
