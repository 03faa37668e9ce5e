import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { parse } from 'yaml';
import { fromConfig } from '../resources/from-config.ts';
import { roles } from '../resources/roles.ts';
import { clientConfig } from '../shared/aws/client-config.ts';
import { errorText } from '../shared/aws/errors.ts';
import { configPath } from '../shared/config/file.ts';
import { parseConfig, roleOf } from '../shared/config/load.ts';
import type { Config, RegionRole } from '../shared/config/schema.ts';
import { pinnedRole } from '../shared/lambda/pinned.ts';
import { buildBundles } from './bundle.ts';

// What the framework hands to a plugin, as far as this one uses it.
interface Framework {
  service: {
    functions: Record<string, { deployIn?: RegionRole[]; deployWith?: string }>;
    provider: { region: string; stage: string };
    resources?: { Resources?: Record<string, unknown> };
  };
  configSchemaHandler: { defineFunctionProperties(provider: string, schema: object): void };
  processedInput: { commands: string[]; options: { region?: string; stage?: string; function?: string } };
}

interface VariableSource {
  resolve(call: {
    address: string;
    options: Record<string, string | undefined>;
    resolveConfigurationProperty(path: string[]): Promise<unknown>;
    resolveVariable(variable: string): Promise<unknown>;
  }): Promise<{ value: unknown }>;
}

const require = createRequire(import.meta.url);

/**
 * Makes one serverless.yml serve every region: a function or resource file that belongs to another role is left out, what
 * repeats is generated from the config, and the bundles are built before they are packaged or invoked.
 */
export default class Mainstay {
  readonly hooks: Record<string, () => Promise<void> | void>;
  readonly configurationVariablesSources: Record<string, VariableSource>;

  constructor(framework: Framework) {
    framework.configSchemaHandler.defineFunctionProperties('aws', {
      type: 'object',
      properties: {
        deployIn: { type: 'array', items: { enum: ['primary', 'recovery', 'witness'] }, minItems: 1 },
        deployWith: { type: 'string' },
      },
    });
    const stage = () => framework.service.provider.stage;
    this.configurationVariablesSources = { mainstay: { resolve: resolveVariable } };
    this.hooks = {
      initialize: () => place(framework),
      'before:package:createDeploymentArtifacts': () => build(stage()),
      'before:deploy:function:packageFunction': () => build(stage()),
      'before:invoke:local:invoke': async () => {
        // `npm test` has built them, and other tests run them now.
        if (process.env.MAINSTAY_PACKAGED !== '1') await build(stage());
        await lookAround(framework);
      },
    };
  }
}

const build = async (stage: string): Promise<void> => {
  await buildBundles(stage);
};

const configOf = (stage: string): Config => {
  try {
    return parseConfig(parse(readFileSync(configPath(stage), 'utf8')), configPath(stage));
  } catch (error) {
    throw refusal(errorText(error));
  }
};

/** `${mainstay:role}`, `${mainstay:resources}`, `${mainstay:region.<role>}`, `${mainstay:network.here}`, `${mainstay:network.verification}`. */
const resolveVariable: VariableSource['resolve'] = async ({
  address,
  resolveVariable: variable,
  resolveConfigurationProperty,
}) => {
  const stage = String(await variable('sls:stage'));
  const region = String(await resolveConfigurationProperty(['provider', 'region']));
  const config = configOf(stage);
  const role = roleIn(config, region);
  const [what, which] = address.split('.');
  if (what === 'role') return { value: role };
  if (what === 'region') return { value: config.regions[which as RegionRole] };
  if (what === 'network') return { value: networkOf(config, which, role) };
  if (what !== 'resources') throw refusal(`\${mainstay:${address}} is none of role, region, network and resources`);
  const files = (await resolveConfigurationProperty(['custom', 'resources'])) as Record<string, string[]>;
  return {
    value: [...(files.everywhere ?? []), ...(files[role] ?? [])]
      .map((entry) => entry.split(' with '))
      .filter(([, path]) => isConfigured(config, path))
      .map(([file]) => `\${file(resources/${file}.yml)}`),
  };
};

/** Whether the config holds what a function or a resource file is deployed for, such as `snapshots.copies`. */
const isConfigured = (config: Config, path: string | undefined): boolean =>
  path === undefined ||
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config) !==
    undefined;

/** Where a function in a VPC is put; nowhere for one that is left out, for a variable must have some value. */
const networkOf = ({ network, snapshots }: Config, which: string | undefined, role: RegionRole) => {
  const place = which === 'verification' ? snapshots.verification?.network : role !== 'witness' && network[role];
  return place || { subnetIds: [], securityGroupIds: [] };
};

const roleIn = (config: Config, region: string): RegionRole => {
  const role = roleOf(config, region);
  if (role === undefined)
    throw refusal(`refused: the config of stage ${config.stage} has no role for region ${region}`);
  return role;
};

/** Leaves out the functions of other roles and adds what the config repeats. */
const place = ({ service, processedInput }: Framework): void => {
  if (service.provider === undefined || Object.keys(service.functions ?? {}).length === 0) return;
  const config = configOf(service.provider.stage);
  const { commands, options } = processedInput;
  if (commands[0] === 'invoke' && options.region === undefined) moveToFunction(service, config, options.function);
  const role = roleIn(config, service.provider.region);
  for (const [name, { deployIn, deployWith }] of Object.entries(service.functions)) {
    if ((deployIn && !deployIn.includes(role)) || !isConfigured(config, deployWith)) delete service.functions[name];
  }
  const generated = { ...roles(config, role), ...fromConfig(config, role) };
  service.resources = { ...service.resources, Resources: { ...service.resources?.Resources, ...generated } };
};

/** `invoke -f reconciler` without a region means the region that the reconciler lives in. */
const moveToFunction = (service: Framework['service'], config: Config, name = ''): void => {
  const home = service.functions[name]?.deployIn?.[0];
  if (home) service.provider.region = config.regions[home];
};

/** Before a local invocation: who are we? Without any AWS this is the one sentence that says what is lacking. */
const lookAround = async ({ service }: Framework): Promise<void> => {
  const { stage, region } = service.provider;
  const where = process.env.AWS_ENDPOINT_URL ?? `AWS in ${region}`;
  const sts = new STSClient(clientConfig(region, { requestTimeoutMs: 5_000, maxAttempts: 2 }));
  const { Account } = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
    throw refusal(
      `no AWS to run this against: ${where} did not answer (${errorText(error)}). Start one with "npm run local" and export what it prints, or use credentials of account ${configOf(stage).account}`,
    );
  });
  pinnedRole(configOf(stage), Account, region);
  if (Account) process.env.MAINSTAY_CALLER_ACCOUNT = Account;
};

/** An error that the framework prints as one sentence, without a stack. */
const refusal = (message: string): Error => {
  const ServerlessError = require('serverless/lib/serverless-error') as new (message: string, code: string) => Error;
  return new ServerlessError(message, 'MAINSTAY_REFUSED');
};
