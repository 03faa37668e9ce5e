/** In the place of MySQL's driver, in bundles for a config that has no pair of its engines. */
export const createConnection = (): never => {
  throw new Error('this bundle was built for a config without a pair of MySQL or MariaDB: build it again');
};
