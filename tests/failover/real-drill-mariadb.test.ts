import { describeWithEngines } from '../engine.ts';
import { rehearsal } from './real/rehearsal.ts';

await describeWithEngines(
  ['postgres', 'mariadb', 'dynamodb', 'ministack'],
  'a drill of a pair of MariaDB on the local AWS, from the command to its receipt',
  rehearsal('mariadb'),
);
