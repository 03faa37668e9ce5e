import { describeWithEngines } from '../engine.ts';
import { plannedChange } from './real/planned-change.ts';

await describeWithEngines(['postgres'], 'a planned change on two PostgreSQL servers', plannedChange('postgres'));
