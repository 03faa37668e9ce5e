import { access, readFile } from 'node:fs/promises';
import { packageStack, templatePath } from '../build/package.ts';
import { readConfigFile } from '../shared/config/file.ts';

export interface Resource {
  Type: string;
  DeletionPolicy?: string;
  Properties: Record<string, never>;
}
export type Template = { Resources: Record<string, Resource> };

/** The packaged templates of the local stage, by role; packaged now where `npm test` has not done it. */
export const packagedTemplates = async (): Promise<Record<'primary' | 'recovery' | 'witness', Template>> => {
  const { regions } = await readConfigFile('local');
  const there = await Promise.all(Object.values(regions).map((region) => access(templatePath('local', region)))).catch(
    () => undefined,
  );
  if (there === undefined) await packageStack('local');
  const read = async (region: string) => JSON.parse(await readFile(templatePath('local', region), 'utf8'));
  return {
    primary: await read(regions.primary),
    recovery: await read(regions.recovery),
    witness: await read(regions.witness),
  };
};
