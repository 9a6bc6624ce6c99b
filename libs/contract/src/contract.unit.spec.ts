import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  isUnderOneOf,
  jsonSchemas,
  ownReportsTopics,
  parseTopicSources,
  publishedSchema,
  REJECTION_CODES,
  rejectionCodeOf,
  sourceAllowedOn,
  TOPICS,
  TYPES,
  typeAllowedOn,
} from './index.js';
import { sampleReport } from './testing/sample-messages.js';

/** Of one publisher alone. */
const OWN = 'conflict.reports.v1.desk';

it('keeps decisions on their topic and everything else off it', () => {
  expect(typeAllowedOn(TOPICS.DECISIONS, TYPES.DECISION)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.DECISION)).toBe(false);
  expect(typeAllowedOn(TOPICS.DECISIONS, TYPES.REPORT)).toBe(false);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.REPORT)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.TREND)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, 'org.example.v1')).toBe(false);
  expect(typeAllowedOn(TOPICS.REJECTED, TYPES.REPORT)).toBe(false);
  expect(typeAllowedOn(OWN, TYPES.REPORT)).toBe(true);
  expect(typeAllowedOn(OWN, TYPES.DECISION)).toBe(false);
  expect(typeAllowedOn('conflict.reports.v10', TYPES.REPORT)).toBe(false);
});

it.each([
  ['https://desk.example', 'https://desk.example', true],
  ['https://desk.example', 'https://desk.example/iraq', true],
  ['https://desk.example', 'https://desk.example:8443', true],
  ['https://desk.example', 'https://desk.example:8443/iraq', true],
  ['https://desk.example', 'https://desk.example?iraq', true],
  ['https://desk.example', 'https://desk.example:x@evil.example', false],
  ['https://desk.example', 'https://desk.example:443@evil.example/', false],
  ['https://desk.example', 'https://desk.example@evil.example', false],
  ['//desk.example', '//desk.example:x@evil.example', false],
  ['//desk.example', '//desk.example/iraq', true],
  ['https://desk.example', 'https://desk.example.net', false],
  ['https://desk.example/', 'https://desk.example', false],
  ['https://desk.example/a', 'https://desk.example/ab', false],
  ['urn:desk', 'urn:desk:iraq', true],
  ['urn:desk:', 'urn:desk:iraq', true],
  ['urn:desk', 'urn:desktop', false],
  ['', 'urn:desk', false],
  ['*', 'urn:desk', true],
])('whoever may send under %s: %s is %s, by token and by topic', (prefix, source, may) => {
  expect(isUnderOneOf([prefix], source)).toBe(may);
  expect(isUnderOneOf([], source)).toBe(false);
  if (prefix !== '') expect(sourceAllowedOn(parseTopicSources(`t=${prefix}`), 't', source)).toBe(may);
});

it('reads the sources that a topic may carry', () => {
  const sources = parseTopicSources('conflict.reports.v1=urn:a:,https://b/ ; conflict.decisions.v1=urn:stewards');
  expect(sourceAllowedOn(sources, TOPICS.REPORTS, 'urn:a:x')).toBe(true);
  expect(sourceAllowedOn(sources, TOPICS.REPORTS, 'urn:stewards')).toBe(false);
  expect(sourceAllowedOn(sources, TOPICS.DECISIONS, 'urn:stewards')).toBe(true);
  expect(sourceAllowedOn(sources, 'other', 'urn:a:x')).toBe(false);
  expect(sourceAllowedOn(parseTopicSources('*'), 'any', 'urn:z')).toBe(true);
  expect(sourceAllowedOn(parseTopicSources('t=*'), 't', 'urn:z')).toBe(true);
  expect(ownReportsTopics(parseTopicSources(`${TOPICS.REPORTS}=*;${OWN}=urn:desk;${TOPICS.DECISIONS}=urn:s`))).toEqual([
    OWN,
  ]);
  expect(() => parseTopicSources('nonsense')).toThrow('LEDGER_TOPIC_SOURCES');
  expect(() => parseTopicSources('a=b;a=c')).toThrow('each topic once');
});

it('publishes schemas that another validator compiles and that take the example of the contract', () => {
  for (const type of Object.values(TYPES)) {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(ajv.validateSchema(publishedSchema(type))).toBe(true);
    expect(typeof ajv.compile(publishedSchema(type))).toBe('function');
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const accepts = ajv.compile(publishedSchema(TYPES.REPORT));
  expect(accepts(sampleReport())).toBe(true);
  expect(accepts({ ...sampleReport(), place: {} })).toBe(false);
});

it('closes every object, requires what the contract requires and moves references to where the reader wants them', () => {
  const schemas = jsonSchemas('#/components/schemas/');
  for (const schema of Object.values(schemas)) expect(schema['additionalProperties']).toBe(false);
  expect(schemas['ReportV1']?.['required']).toEqual([
    'reportId',
    'revision',
    'incident',
    'publishedAt',
    'source',
    'occurred',
    'place',
    'classification',
  ]);
  expect(JSON.stringify(schemas)).not.toContain('$defs');
  expect(JSON.stringify(schemas)).toContain('#/components/schemas/PartyV1');
  expect(JSON.stringify(schemas['SourceV1'])).toContain('"archiveUrl":{"type":["string","null"]');
});

it('has one sentence for every code, and one code for several problems', () => {
  for (const [code, meaning] of Object.entries(REJECTION_CODES)) {
    expect(code).toMatch(/^[A-Z0-9_]+$/u);
    expect(meaning).toMatch(/^[A-Z][^\n]+\.$/u);
  }
  const problem = { pointer: '/a', code: 'UNKNOWN_FIELD', detail: '' } as const;
  expect(rejectionCodeOf([problem, { ...problem, pointer: '/b' }])).toBe('UNKNOWN_FIELD');
  expect(rejectionCodeOf([problem, { ...problem, code: 'REQUIRED' }])).toBe('DATA_INVALID');
});
