import { readFileSync } from 'node:fs';
import { request as ask, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { secretLogin } from '../../functions/search-sync/aws/domain-login.ts';
import { ensureIndex } from '../../functions/search-sync/aws/ensure-index.ts';
import { type OpenSearchHttp, openSearchHttp } from '../../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../../functions/search-sync/aws/opensearch-index.ts';
import type { Operation } from '../../functions/search-sync/core/operation.ts';
import { requestOutcome } from '../../functions/search-sync/core/outcome.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { startOpenSearch } from '../../local/engines/opensearch.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { type Authority, openAuthority } from '../../local/rds/authority.ts';
import { roles } from '../../resources/roles.ts';
import { ConfigError, parseConfig } from '../../shared/config/load.ts';
import { describeWithEngines } from '../engine.ts';

const local = () => parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:search/writer-AbCdEf';
const withAuth = (auth: unknown, more: object = {}) => {
  const config = local();
  Object.assign(config.search, { auth }, more);
  return config;
};
const problemsOf = (input: unknown): string[] => {
  try {
    parseConfig(input);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, expected }) => `${path}: ${expected}`);
  }
};

describe('the config says who the functions are to the domain', () => {
  test('a role by default; a secret; nothing else, and no secret for a serverless collection', () => {
    expect(parseConfig(local()).search.auth).toBe('sigv4');
    expect(problemsOf(withAuth({ secretArn: SECRET }))).toEqual([]);
    expect(problemsOf(withAuth({ secretArn: 'search/writer' }))).toEqual([expect.stringContaining('search.auth')]);
    expect(problemsOf(withAuth({ username: 'x', password: 'y' }))).toEqual([expect.stringContaining('search.auth')]);
    const domainArn = 'arn:aws:aoss:eu-west-1:111122223333:collection/abc';
    expect(problemsOf(withAuth({ secretArn: SECRET }, { domainArn }))).toEqual([
      'search.auth: expected sigv4: a serverless collection has no users of its own',
    ]);
  });

  test.each(['SyncRole', 'SearchRole', 'LogsRole', 'UpkeepRole', 'RetentionRole'])(
    '%s may read that secret and no other, and then needs no call of its own to the domain',
    (name) => {
      const policies = (config: unknown) => JSON.stringify(roles(parseConfig(config), 'primary')[name]);
      expect(policies(local())).toContain('es:ESHttpPost');
      expect(policies(local())).not.toContain('secretsmanager');
      const own = policies(withAuth({ secretArn: SECRET }));
      expect(own).toContain(`"Action":["secretsmanager:GetSecretValue"],"Resource":["${SECRET}"]`);
      expect(own).not.toContain('es:');
      const domainArn = 'arn:aws:aoss:eu-west-1:111122223333:collection/abc';
      expect(policies({ ...local(), search: { ...local().search, domainArn } })).toContain('aoss:APIAccessAll');
    },
  );
});

await describeWithEngines(['opensearch', 'ministack'], 'a user of fine-grained access control', () => {
  let run: Run;
  let engine: string;
  let secrets: SecretsManagerClient;
  let authority: Authority;
  let domain: Domain;
  let secretArn: string;
  let nowMs = 0;

  beforeAll(async () => {
    run = await openRun({ owner: 'search-login' });
    const [search, aws] = await Promise.all([startOpenSearch(run), startMinistack(run)]);
    engine = search.endpoint;
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'local' };
    secrets = new SecretsManagerClient({ endpoint: aws.endpoint, region: 'eu-west-1', credentials });
    const SecretString = JSON.stringify({ username: 'writer', password: 'first-pa:ss' });
    secretArn = (await secrets.send(new CreateSecretCommand({ Name: 'search/writer', SecretString }))).ARN ?? '';
    authority = await openAuthority();
    domain = await openDomain(engine, await authority.issue('localhost'));
  }, 180_000);
  afterAll(async () => {
    domain?.server.close();
    domain?.server.closeAllConnections();
    secrets?.destroy();
    await run?.stop();
  }, 30_000);
  beforeEach(async () => {
    nowMs += 600_000;
    domain.password = 'first-pa:ss';
    domain.asked.length = 0;
    await changeSecret('first-pa:ss');
  });

  const changeSecret = (password: string) =>
    secrets.send(
      new PutSecretValueCommand({
        SecretId: secretArn,
        SecretString: JSON.stringify({ username: 'writer', password }),
      }),
    );
  const open = (trusted: string | undefined = authority.certificate, arn = secretArn): OpenSearchHttp =>
    openSearchHttp({
      node: domain.node,
      requestTimeoutMs: 10_000,
      authority: trusted,
      login: secretLogin(secrets, arn, () => nowMs),
    });
  const put: Operation = {
    index: 'documents',
    viaAlias: true,
    id: 'Sa',
    condition: { kind: 'at-least', version: 5n },
    write: { kind: 'index', document: '{"title":"by a user"}' },
  };

  test('makes an index, writes and reads over verified TLS; its secret is read once for many requests', async () => {
    const http = open();
    await ensureIndex(http, 'documents', 'documents');
    const index = openSearchIndex(http, Date.now);
    expect(await index.bulk([put])).toMatchObject({ kind: 'items', items: [{ status: 201 }] });
    expect(await index.reads('documents', ['Sa'])).toMatchObject([{ source: '{"title":"by a user"}' }]);
    expect(new Set(domain.asked)).toEqual(new Set(['writer:first-pa:ss']));
  });

  test('a password that was rotated is read anew when the domain refuses the old one, and nothing is lost', async () => {
    const http = open();
    expect((await http.ask('GET', '/')).status).toBe(200);
    domain.password = 'second';
    await changeSecret('second');
    expect(await openSearchIndex(http, Date.now).bulk([{ ...put, id: 'Sb' }])).toMatchObject({ kind: 'items' });
    expect(domain.asked).toEqual(['writer:first-pa:ss', 'writer:first-pa:ss', 'writer:second']);
  });

  test('a user that the domain does not know is an incident after one request, not a storm of them', async () => {
    domain.password = 'another';
    const answer = await openSearchIndex(open(), Date.now).bulk([put]);
    expect(answer).toMatchObject({ kind: 'refused', status: 401 });
    if (answer.kind === 'refused') expect(requestOutcome(answer, 1).kind).toBe('incident');
    expect(domain.asked).toHaveLength(1);
  });

  test('a server whose certificate is of another authority gets no password', async () => {
    const other = (await openAuthority()).certificate;
    await expect(open(other).ask('GET', '/')).rejects.toThrow(/certificate|self.signed|issuer/i);
    await expect(open('').ask('GET', '/')).rejects.toThrow(/certificate|self.signed|issuer/i);
    expect(domain.asked).toEqual([]);
  });

  test('no password crosses a wire in the clear', () => {
    const login = secretLogin(secrets, secretArn, () => nowMs);
    expect(() => openSearchHttp({ node: 'http://search.internal', requestTimeoutMs: 1_000, login })).toThrow(
      'a password is sent by https only',
    );
  });

  test('what is thrown holds neither the password nor the header that carries it', async () => {
    const http = open();
    await http.ask('GET', '/');
    domain.isCutting = true;
    const thrown = await http.ask('POST', '/_bulk', { lines: '{}\n' }).catch((error: unknown) => error);
    domain.isCutting = false;
    const told = inspect(thrown, { depth: 20, showHidden: true });
    expect(told).toMatch(/NoAnswerError/);
    expect(told).not.toContain('first-pa');
    expect(told).not.toContain(Buffer.from('writer:first-pa:ss').toString('base64'));
  });

  test.each([
    ['{"username":"writer"}', 'lacks a usable password'],
    ['{"username":"a:b","password":"s3cret"}', 'has a colon in it'],
    ['s3cret', 'is not JSON: expected username and password'],
    ['null', 'lacks a usable username and password'],
  ])('the secret %s is refused with its name and none of its values', async (text, why) => {
    await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: text }));
    const thrown = await open()
      .ask('GET', '/')
      .catch((error: unknown) => error);
    expect(String(thrown)).toContain(`the secret ${secretArn}`);
    expect(String(thrown)).toContain(why);
    expect(String(thrown)).not.toContain('s3cret');
  });
});

interface Domain {
  node: string;
  server: Server;
  password: string;
  /** Users that asked, as they came. */
  asked: string[];
  isCutting: boolean;
}

/** A domain's front door: TLS, basic authentication, and a real OpenSearch behind it. */
const openDomain = async (engine: string, { certificate, key }: { certificate: string; key: string }) => {
  const domain = { password: '', asked: [] as string[], isCutting: false } as Domain;
  domain.server = createServer({ cert: certificate, key }, (request, response) => {
    const user = Buffer.from((request.headers.authorization ?? '').slice('Basic '.length), 'base64').toString('utf8');
    if (domain.isCutting) return void request.socket.destroy();
    domain.asked.push(user);
    if (user !== `writer:${domain.password}`) return void response.writeHead(401).end('Unauthorized');
    const { host: _, authorization: __, ...headers } = request.headers;
    const onward = ask(engine + request.url, { method: request.method, headers }, (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => domain.server.listen(0, '127.0.0.1', resolve));
  domain.node = `https://localhost:${(domain.server.address() as AddressInfo).port}`;
  return domain;
};
