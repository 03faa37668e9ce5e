// Ports for engines that can't listen on port 0 and tell: free ones are found here, and another is tried when someone else was quicker.
import { createServer } from 'node:net';

const DRAW_FROM = 20_000;
const DRAW_TO = 32_000;

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });

/** The first port of `count` free neighbours on loopback, drawn below the ports that the kernel hands out to clients. */
export const freePorts = async (count = 1, host = '127.0.0.1'): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const first = DRAW_FROM + Math.floor(Math.random() * (DRAW_TO - DRAW_FROM - count));
    const neighbours = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index, host)));
    if (neighbours.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free neighbouring ports were found between ${DRAW_FROM} and ${DRAW_TO} on ${host}.`);
};
