import { readFileSync } from 'node:fs';

let bundle: string | undefined;

/** The certificate authorities of RDS, shipped beside the bundle (docs: UsingWithRDS.SSL), or the local AWS's own. */
export const authorities = (): string => {
  bundle ??= readFileSync(process.env.MAINSTAY_DB_CA ?? new URL('../rds-ca.pem', import.meta.url), 'utf8');
  return bundle;
};
