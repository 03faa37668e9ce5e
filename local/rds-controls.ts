// What can be done to a database of the local AWS from outside its API, by the words of the control API.
import type { RdsWorld } from './rds/world.ts';

/** Does it; throws one sentence for a word that is none, or an instance that is not there. */
export const actOnDatabase = ({ admin }: RdsWorld, region: string, id: string, verb: string): void => {
  const actions: Record<string, (region: string, id: string) => void> = {
    'host-lost': admin.hostLost,
    'kill-process': admin.killProcess,
    freeze: admin.freeze,
    thaw: admin.thaw,
    return: admin.return_,
    'cut-link': admin.cutLink,
    'heal-link': admin.healLink,
  };
  const action = actions[verb];
  if (!action) throw new Error(`${verb} is none of ${Object.keys(actions).join(', ')}.`);
  action(region, id);
};
