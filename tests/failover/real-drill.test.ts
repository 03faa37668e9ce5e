import { describeWithEngines } from '../engine.ts';
import { rehearsal } from './real/rehearsal.ts';

await describeWithEngines(
  ['postgres', 'dynamodb', 'ministack'],
  'a drill on the local AWS, from the command to its receipt: real servers, a real name, the built functions',
  rehearsal('postgres'),
);
