import { expect, test } from '@jest/globals';
import { inFlight } from '../../functions/search-sync/run/in-flight.ts';

const numbers = function* (count: number, taken: number[]) {
  for (let n = 0; n < count; n++) {
    taken.push(n);
    yield n;
  }
};

test('an input is taken when its turn comes, at most so many at a time, and results keep the order of the inputs', async () => {
  const taken: number[] = [];
  let open = 0;
  const results = await inFlight(numbers(20, taken), 3, async (n) => {
    open += 1;
    expect(open).toBeLessThanOrEqual(3);
    expect(taken.length).toBeLessThanOrEqual(n + 3);
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5));
    open -= 1;
    return n * 2;
  });
  expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
});

test('with a breath between, what was begun goes on before the next input is made', async () => {
  const taken: number[] = [];
  const order: string[] = [];
  await inFlight(
    numbers(9, taken),
    9,
    async (n) => {
      order.push(`begun ${n}`);
      await new Promise(() => {});
    },
    async () => {
      order.push(`${taken.length} made`);
      if (taken.length === 3) throw new Error('enough was seen');
    },
  ).catch(() => {});
  expect(order.slice(0, 4)).toEqual(['begun 0', '1 made', 'begun 1', '2 made']);
});

test("one that fails while the next is waited for is heard, and is nobody else's end", async () => {
  const work = async (n: number) => {
    if (n === 0) throw new Error('no answer');
    return n;
  };
  const breathe = () => new Promise((resolve) => setTimeout(resolve, 5));
  await expect(inFlight([0, 1, 2], 2, work, breathe)).rejects.toThrow('no answer');
});
