/** Run through `npm test` or `npm run jest -- <filter>` (they pass --experimental-vm-modules). */
const swc = {
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
};

/** ESM-only packages that CommonJS packages require(): jest does that natively from Node 24.9 only. */
const required = 'cookie|content-disposition';

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@app/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{apps,libs,infra,test}/**/*.spec.ts'],
  // Images of infra/docker/try-image.mjs hold a package.json of the same name.
  modulePathIgnorePatterns: ['<rootDir>/.local/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', swc],
    [`/node_modules/(${required})/.+\\.js$`]: ['@swc/jest', { jsc: { target: 'es2022' } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(.*/)?(${required})/)`],
  setupFiles: ['reflect-metadata'],
};
