import type { Config } from 'jest';

// While a mutant is tried (tests/mutants.ts), one source has one text replaced on its way through the transform.
const transformer = process.env.MAINSTAY_MUTANT === undefined ? '@swc/jest' : '<rootDir>/tests/mutants/transform.mjs';

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      transformer,
      { module: { type: 'es6' }, jsc: { target: 'es2024', parser: { syntax: 'typescript' } } },
    ] as [string, Record<string, unknown>],
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  // Packages and benchmarks come and go below it while tests run.
  modulePathIgnorePatterns: ['<rootDir>/\\.mainstay/', '<rootDir>/\\.serverless/', '<rootDir>/dist/'],
};

/** A second engine's rehearsal takes minutes, and goes the way of the first: `npm run soak -- failover` has both. */
const longer = process.env.MAINSTAY_SOAK === undefined ? ['/real-drill-mariadb\\.test\\.ts$'] : [];

const wing = (name: string) => ({
  ...common,
  testPathIgnorePatterns: [...common.testPathIgnorePatterns, ...longer],
  displayName: name,
  testMatch: [`<rootDir>/functions/${name}/**/*.test.ts`, `<rootDir>/tests/${name}/**/*.test.ts`],
});

const wings = ['snapshots', 'failover', 'object-index', 'search-sync'];

const config: Config = {
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'house',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: [
        ...common.testPathIgnorePatterns,
        ...wings.flatMap((name) => [`<rootDir>/functions/${name}/`, `<rootDir>/tests/${name}/`]),
      ],
    },
    ...wings.map(wing),
  ],
};

export default config;
