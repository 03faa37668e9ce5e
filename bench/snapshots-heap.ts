import { heapOfPlan } from './snapshots-plan.ts';

// Run by bench/snapshots-plan.ts as a process of its own, under a limit on its heap.
const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error('to be run with --expose-gc');
console.log(JSON.stringify(heapOfPlan(gc)));
