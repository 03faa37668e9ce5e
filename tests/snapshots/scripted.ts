import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsResponse } from '../../local/gateway/service.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';

export type Ask = Record<string, string>;

const xml = (status: number, body: string): AwsResponse => ({ status, headers: { 'content-type': 'text/xml' }, body });

/** An answer of the Query protocol. */
export const ok = (action: string, result: string): AwsResponse =>
  xml(200, `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);

/** An error in its wire shape. */
export const refusal = (status: number, code: string, message = 'No.'): AwsResponse =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  );

/** An answer of the JSON protocols. */
export const json = (body: object, status = 200): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

/** Real SDK clients over real HTTP against scripted answers; what was asked is kept, the form or the JSON of each request. */
export const openScripted = () => {
  const asked: Ask[] = [];
  const open: { stop(): Promise<void> }[] = [];
  return {
    asked,
    scripted: async (answer: (ask: Ask, turn: number) => AwsResponse | Promise<AwsResponse>, maxAttempts = 1) => {
      const server = await serve({
        handle: async ({ body, headers }) => {
          const text = body.toString();
          const target = headers['x-amz-target']?.split('.').pop();
          const ask: Ask = target
            ? { Action: target, ...JSON.parse(text || '{}') }
            : Object.fromEntries(new URLSearchParams(text));
          asked.push(ask);
          return answer(ask, asked.length);
        },
      });
      const settings = { ...clientSettings('eu-west-1', server.endpoint), maxAttempts };
      const clients = {
        rds: new RDSClient(settings),
        sns: new SNSClient(settings),
        kms: new KMSClient(settings),
        sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
      };
      open.push({
        stop: async () => {
          for (const client of Object.values(clients)) client.destroy();
          await server.stop();
        },
      });
      return clients;
    },
    close: async () => {
      asked.length = 0;
      await Promise.all(open.splice(0).map((one) => one.stop()));
    },
  };
};
