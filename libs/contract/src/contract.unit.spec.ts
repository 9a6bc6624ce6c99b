import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  jsonSchemas,
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

it('keeps decisions on their topic and everything else off it', () => {
  expect(typeAllowedOn(TOPICS.DECISIONS, TYPES.DECISION)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.DECISION)).toBe(false);
  expect(typeAllowedOn(TOPICS.DECISIONS, TYPES.REPORT)).toBe(false);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.REPORT)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, TYPES.TREND)).toBe(true);
  expect(typeAllowedOn(TOPICS.REPORTS, 'org.example.v1')).toBe(false);
  expect(typeAllowedOn(TOPICS.REJECTED, TYPES.REPORT)).toBe(false);
});

it('reads the sources that a topic may carry', () => {
  const sources = parseTopicSources('conflict.reports.v1=urn:a:,https://b/ ; conflict.decisions.v1=urn:stewards');
  expect(sourceAllowedOn(sources, TOPICS.REPORTS, 'urn:a:x')).toBe(true);
  expect(sourceAllowedOn(sources, TOPICS.REPORTS, 'urn:stewards')).toBe(false);
  expect(sourceAllowedOn(sources, TOPICS.DECISIONS, 'urn:stewards')).toBe(true);
  expect(sourceAllowedOn(sources, 'other', 'urn:a:x')).toBe(false);
  expect(sourceAllowedOn(parseTopicSources('*'), 'any', 'urn:z')).toBe(true);
  expect(sourceAllowedOn(parseTopicSources('t=*'), 't', 'urn:z')).toBe(true);
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
