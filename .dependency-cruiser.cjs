/** Which package may know which. Read it as the architecture diagram: from the left column to the listed ones, and nowhere else. */
const MAY_IMPORT = {
  'libs/domain': [],
  'libs/runtime': [],
  'libs/transparency': [],
  'libs/geography': ['libs/domain'],
  'libs/gazetteer': ['libs/geography', 'libs/log'],
  'libs/contract': ['libs/domain'],
  'libs/log': ['libs/domain', 'libs/runtime'],
  'libs/kafka': ['libs/runtime'],
  'libs/read-models': ['libs/domain', 'libs/log', 'libs/runtime'],
  'libs/http-edge': ['libs/runtime'],
  'apps/intake-api': ['libs/contract', 'libs/domain', 'libs/kafka', 'libs/http-edge', 'libs/runtime'],
  'apps/ingest': [
    'libs/domain',
    'libs/contract',
    'libs/geography',
    'libs/gazetteer',
    'libs/log',
    'libs/kafka',
    'libs/http-edge',
    'libs/runtime',
  ],
  // Kafka and the contract only for the digests of snapshots, which are decisions.
  'apps/projector': [
    'libs/domain',
    'libs/contract',
    'libs/log',
    'libs/kafka',
    'libs/read-models',
    'libs/http-edge',
    'libs/runtime',
  ],
  'apps/relay': ['libs/domain', 'libs/contract', 'libs/log', 'libs/kafka', 'libs/http-edge', 'libs/runtime'],
  'apps/notary': ['libs/log', 'libs/transparency', 'libs/http-edge', 'libs/runtime'],
  // The log only to open committed values for those who may see them (its role may read `sealed` and the keys, no event).
  'apps/query-api': [
    'libs/domain',
    'libs/geography',
    'libs/gazetteer',
    'libs/log',
    'libs/read-models',
    'libs/http-edge',
    'libs/runtime',
    'libs/transparency',
  ],
  // Kafka only to send stewards' decisions, the contract to name them.
  'apps/audit-api': [
    'libs/domain',
    'libs/contract',
    'libs/log',
    'libs/read-models',
    'libs/kafka',
    'libs/transparency',
    'libs/http-edge',
    'libs/runtime',
  ],
  'apps/cli': [
    'libs/domain',
    'libs/contract',
    'libs/geography',
    'libs/gazetteer',
    'libs/log',
    'libs/kafka',
    'libs/read-models',
    'libs/runtime',
    'libs/transparency',
  ],
  infra: ['libs/runtime', 'libs/contract', 'libs/kafka', 'libs/transparency'],
};

const TESTS = '(\\.spec\\.ts$|^libs/[^/]+/(src/)?testing/|^test/)';

/** What only one library may know of the outside world. */
const ONLY_IN = [
  { name: 'kafkajs-only-in-libs-kafka', packages: '^node_modules/kafkajs/', folders: '^libs/kafka/' },
  {
    name: 'fastify-only-in-libs-http-edge',
    packages: '^node_modules/fastify/',
    folders: '^(libs/http-edge|apps/[^/]+-api)/',
  },
  { name: 'jose-only-in-libs-http-edge', packages: '^node_modules/jose/', folders: '^libs/http-edge/' },
  {
    name: 'pg-not-in-pure-libraries',
    packages: '^node_modules/(pg|typeorm)/',
    folders: '^(libs/(runtime|log|read-models)|apps|infra)/',
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Types alone may refer to each other: nothing of it is left when the program runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    // The bootstrap scripts import what the build makes; dist/ need not be there when this is checked.
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '/dist/' } },
    ...Object.entries(MAY_IMPORT).map(([from, allowed]) => ({
      name: `${from.replace('/', '-')}-imports`,
      severity: 'error',
      from: { path: `^${from}/`, pathNot: TESTS },
      to: { path: '^(apps|libs|infra|test)/', pathNot: [from, ...allowed].map((folder) => `^${folder}/`) },
    })),
    {
      name: 'domain-and-geography-are-pure',
      comment:
        'Neither node: itself nor a package that is more than data and functions: the same in every process and for every verifier.',
      severity: 'error',
      from: { path: '^libs/(domain|geography)/', pathNot: TESTS },
      to: { path: '.', pathNot: ['^libs/(domain|geography)/', '^node_modules/(iso-3166|flatbush|@turf/[^/]+)/'] },
    },
    {
      name: 'transparency-needs-node-only',
      comment: 'Whoever checks the log can read and run it by itself.',
      severity: 'error',
      from: { path: '^libs/transparency/', pathNot: TESTS },
      to: { path: '^node_modules/' },
    },
    {
      name: 'libraries-by-their-index-only',
      severity: 'error',
      from: { path: '^(apps/[^/]+|infra|libs/([^/]+))/', pathNot: TESTS },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'apps-do-not-know-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'production-does-not-import-tests',
      severity: 'error',
      from: { path: '^(apps|libs|infra)/', pathNot: TESTS },
      to: { path: TESTS },
    },
    ...ONLY_IN.map(({ name, packages, folders }) => ({
      name,
      severity: 'error',
      from: { path: '^(apps|libs|infra)/', pathNot: [TESTS, folders] },
      to: { path: packages },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@app/source', 'import', 'node', 'default', 'types'],
    },
  },
};
