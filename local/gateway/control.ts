// /_local/…: what an operator of the local AWS does to it, over HTTP and JSON.
import type { FaultRule } from './faults.ts';
import type { AwsResponse } from './service.ts';

/** What the control API can do; each throws one sentence when it can not. */
export type Controls = {
  status(): Promise<unknown>;
  advance(seconds: number): Promise<unknown>;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  faults(): unknown;
  rds(region: string, id: string, verb: string): void;
  killFunction(name: string): number;
};

/** Answers the control API. */
export const openControl =
  (controls: Controls) =>
  async (method: string, path: string, body: Buffer): Promise<AwsResponse> => {
    try {
      const answer = await act(controls, `${method} ${path.slice('/_local/'.length).replace(/\/$/, '')}`, body);
      return answer === undefined
        ? json(404, { error: `${method} ${path} is nothing that the local AWS can do.` })
        : json(200, answer);
    } catch (error) {
      return json(400, { error: (error as Error).message });
    }
  };

const act = async (controls: Controls, asked: string, body: Buffer): Promise<unknown> => {
  const given = () => JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  switch (asked) {
    case 'GET status':
      return controls.status();
    case 'GET faults':
      return controls.faults();
    case 'POST faults':
      controls.addFault(given() as FaultRule);
      return controls.faults();
    case 'DELETE faults':
      controls.clearFaults();
      return [];
    case 'POST clock/advance':
      return controls.advance(Number(given().seconds));
  }
  const [, region, id, verb] = /^POST rds\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(asked) ?? [];
  if (region && id && verb) {
    controls.rds(region, id, verb);
    return { done: `${verb} ${id} in ${region}` };
  }
  const [, name] = /^POST lambda\/([^/]+)\/kill$/.exec(asked) ?? [];
  return name ? { killed: controls.killFunction(name) } : undefined;
};

const json = (status: number, body: unknown): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body, null, 2)}\n`,
});
