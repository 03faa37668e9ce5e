import { describe, expect, test } from '@jest/globals';
import { printProgress } from './progress.ts';

const printed = (isTTY: boolean) => {
  let text = '';
  const report = printProgress({ isTTY, columns: 30, write: (more: string) => (text += more) });
  return { report, text: () => text };
};

describe('progress', () => {
  test('is one line a step where a log is read, however many events a step has', () => {
    const { report, text } = printed(false);
    for (const fraction of [0.1, 0.5, 0.9]) report({ engine: 'ministack', step: 'fetching', fraction });
    report({ engine: 'ministack', step: 'ready', done: true, detail: '17 packages' });
    expect(text()).toBe('ministack  fetching 10 %\nministack  ready (17 packages)\n');
  });

  test('is updated in place on a terminal, cut to its width, and its last line stays', () => {
    const { report, text } = printed(true);
    report({ engine: 'dynamodb', step: 'fetching', detail: 'a-very-long-file-name-of-a-jar.jar' });
    report({ engine: 'dynamodb', step: 'ready', done: true });
    expect(text()).toBe('\r\u001b[2Kdynamodb   fetching (a-very-l\r\u001b[2Kdynamodb   ready\n');
  });
});
