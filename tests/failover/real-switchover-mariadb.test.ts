import { describeWithEngines } from '../engine.ts';
import { plannedChange } from './real/planned-change.ts';

await describeWithEngines(['postgres', 'mariadb'], 'a planned change on two MariaDB servers', plannedChange('mariadb'));
