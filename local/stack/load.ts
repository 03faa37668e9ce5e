// Loads one region's packaged template into the local AWS.
import { planStack, type Template } from './plan.ts';
import { makeStore } from './stores.ts';
import { type Services, wire } from './wiring.ts';

export type LoadedStack = {
  region: string;
  stackName: string;
  /** Stores that were made (or were there), by name. */
  stores: string[];
  functions: string[];
  /** What the template holds and the local AWS does without. */
  without: { logicalId: string; type: string }[];
};

/** Makes the stores, then registers functions and triggers. Throws one error that names every problem of the template. */
export const loadStack = async (
  services: Services,
  template: Template,
  where: { region: string; stackName: string },
  withFunctions = true,
): Promise<LoadedStack> => {
  const { account, endpoint } = services.clients.place;
  const { resources, without } = planStack(template, { account, endpoint, ...where });
  const stores: string[] = [];
  // In order, one by one: a queue comes after the dead letters that it names.
  for (const resource of resources) {
    if (await makeStore(services.clients, where.region, resource)) stores.push(resource.name);
  }
  if (!withFunctions) return { ...where, stores, functions: [], without };
  await wire(services, where.region, resources);
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ name }) => name);
  return { ...where, stores, functions, without };
};
