import { expect, test } from '@jest/globals';
import { certifiedName } from './names.ts';
import { parseSecret } from './secret.ts';

const right = { host: 'db', port: '5432', dbname: 'ledger', username: 'guard', password: 'hunter2' };

test('a port written as text is a number', () => {
  expect(parseSecret('s', JSON.stringify(right)).port).toBe(5432);
});

test('a secret with gaps is refused with every field named and no value shown', () => {
  const bad = JSON.stringify({ ...right, host: undefined, port: 'x' });
  expect(() => parseSecret('mainstay/ledger', bad)).toThrow('the secret mainstay/ledger lacks a usable host, port');
  expect(() => parseSecret('mainstay/ledger', bad)).not.toThrow('hunter2');
});

test('a secret that is not JSON is refused without its text', () => {
  expect(() => parseSecret('s', 'hunter2')).toThrow('is not JSON');
  expect(() => parseSecret('s', 'hunter2')).not.toThrow('hunter2');
});

test('the name that a certificate is checked against is the RDS endpoint behind our CNAME, and nothing but RDS is followed', () => {
  expect(certifiedName(['ledger.example.internal', 'a.c9.eu-west-1.rds.amazonaws.com'])).toBe(
    'a.c9.eu-west-1.rds.amazonaws.com',
  );
  expect(certifiedName(['ledger.example.internal', 'evil.example.com'])).toBe('ledger.example.internal');
});
