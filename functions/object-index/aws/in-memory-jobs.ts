import type { JobMessage } from '../core/job.ts';
import type { Closing, ClosingBook, Closings, JobMessages, Jobs } from '../run/ports.ts';
import { itemOfJob, jobOfItem } from './job-item.ts';

/** Jobs in memory, as the table keeps them. */
export const inMemoryJobs = (): Jobs => {
  const jobs = new Map<string, ReturnType<typeof itemOfJob>>();
  const parts = new Map<string, string>();
  return {
    read: async (kind, id) => {
      const item = jobs.get(`${kind} ${id}`);
      return item === undefined ? undefined : jobOfItem(item);
    },
    store: async (job, step) => {
      const name = `${job.kind} ${job.id}`;
      if (jobs.get(name)?.step !== step) return false;
      jobs.set(name, itemOfJob(job));
      return true;
    },
    keepPart: async (kind, id, part, found) => {
      const name = `${kind} ${id} ${part}`;
      if (!parts.has(name)) parts.set(name, JSON.stringify(found));
      return JSON.parse(parts.get(name) ?? '');
    },
    readParts: async (kind, id) =>
      [...parts].flatMap(([name, found]) => (name.startsWith(`${kind} ${id} `) ? [JSON.parse(found)] : [])),
  };
};

/** The queue in memory: what was sent. */
export const inMemoryMessages = (): JobMessages & { waiting: JobMessage[] } => {
  const waiting: JobMessage[] = [];
  return { waiting, send: async (message) => void waiting.push(message) };
};

/** Closings in memory. */
export const inMemoryClosings = (): ClosingBook & Closings => {
  const closings = new Map<string, Closing>();
  const name = (customer: string | undefined, day: string) => JSON.stringify([customer ?? null, day]);
  return {
    close: async (closing) => {
      const at = name(closing.customer, closing.day);
      if (closings.has(at)) return false;
      closings.set(at, closing);
      return true;
    },
    ofDay: async (customers, day) =>
      customers.flatMap((customer) => {
        const found = closings.get(name(customer, day));
        return found === undefined ? [] : [found];
      }),
    ofCustomer: async (customer, from, to) =>
      [...closings.values()]
        .filter((one) => one.customer === customer && one.day >= from && one.day <= to)
        .sort((a, b) => (a.day < b.day ? -1 : 1)),
  };
};
