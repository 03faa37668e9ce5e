import type { LoginConfig } from '../../../shared/config/schema.ts';
import type { Policy, Target } from '../core/policy.ts';
import { type Check, checkReadiness, type InstanceShape } from '../core/readiness.ts';
import { ask, type LookPorts } from './look.ts';
import type { LoginSecrets, RecordStore, Shapes } from './ports.ts';
import { readPair } from './status.ts';

/** Each region asked by its own API. */
export interface ReadinessPorts extends LookPorts {
  records: RecordStore;
  shapes: (region: string) => Shapes;
  secrets: (region: string) => LoginSecrets;
}

/** The ten checks on what is seen right now. Changes nothing but the guard's heartbeat. */
export const readReadiness = async (ports: ReadinessPorts, policy: Policy, login: LoginConfig): Promise<Check[]> => {
  const { shapes, secrets, clock } = ports;
  const { record, evidence } = await readPair(ports, policy);
  const shapeOf = ({ region, instance }: Target) => ask(() => known(shapes(region), instance));
  const secretOf = ({ region }: Target) =>
    ask(async () => (login.kind === 'secret' ? secrets(region).view(login.secretId) : 'missing'));
  const [leader, replica, here, there] = await Promise.all([
    shapeOf(record.leader),
    shapeOf(record.candidate),
    secretOf(record.leader),
    secretOf(record.candidate),
  ]);
  const found = login.kind === 'secret' ? { leader: here, replica: there } : undefined;
  return checkReadiness({ policy, record, evidence, leader, replica, secrets: found, nowMs: clock.now() });
};

const known = async (shapes: Shapes, instance: string): Promise<InstanceShape> => {
  const shape = await shapes.shape(instance);
  if (shape === undefined) throw new Error(`RDS knows no instance ${instance}`);
  return shape;
};
