import { expect, test } from '@jest/globals';
import { explainText, statusText } from '../../cli/failover-text.ts';
import { disaster, NOW, ok, policy, record } from '../../functions/failover/core/example.ts';

// What the commands print, where it depends on more than a sentence.

test('explain says what to type, and every gate', () => {
  const text = explainText({ sentence: 'Held.', type: 'mainstay failover …' }, [{ gate: 'G3', whyNot: 'it hears' }]);
  expect(text).toContain('Type: mainstay failover …');
  expect(text).toMatch(/G3 .*it hears/);
  expect(text).toMatch(/G4 .*open/);
});

test('past the point of no return no gate is called open: none is asked', () => {
  const text = explainText({ sentence: 'It goes on.', type: undefined }, 'not-asked');
  expect(text).toContain('No gate is asked any more');
  expect(text).not.toContain('open');
});

test('status shows who holds the lease of a leased pair, and how old its renewal is', () => {
  const lease = {
    ...{ pair: 'ledger', epoch: 0, holder: 'eu-west-1', seq: 4, open: true, groups: [], renewedAtMs: NOW - 3_000 },
    closesAfterSeconds: 9,
  };
  const status = (evidence = disaster({ lease: ok({ atMs: NOW, lease }) })) =>
    statusText({ policy: { ...policy, fence: 'lease' }, record: record(), evidence, sentence: 'So.', type: undefined });
  expect(status()).toContain('lease    held by eu-west-1, renewed 3 s ago');
  expect(status(disaster({ lease: ok({ atMs: NOW }) }))).toContain('lease    nobody keeps it');
  expect(status(disaster())).toContain('lease    not asked');
});
