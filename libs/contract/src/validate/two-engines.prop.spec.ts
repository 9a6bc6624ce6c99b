import * as fc from 'fast-check';
import { DECISION_KINDS } from '../decision/decision-kinds.js';
import { conversionPolicy1 } from '#app/domain';
import { VALIDATORS } from '../schema/compile.js';
import { DTO_BY_TYPE } from '../schema/generate.js';
import { sampleAggregate, sampleReport, sampleSite, sampleTrend } from '../testing/sample-messages.js';
import { TYPES } from '../topics.js';
import { explain } from './explain.js';

type Container = Record<string, unknown> | unknown[];
interface Mutation {
  /** Which of all places in the tree, as a fraction. */
  where: number;
  how: 'replace' | 'remove' | 'add' | 'append';
  name: string;
  json: string;
}

const UUID = '0190163d-8694-739b-aea5-966c26f8ad91';
const TRICKY: readonly unknown[] = [
  '2018-02-28',
  '2018-02-30',
  '2020-02-29',
  '1900-01-01',
  '1899-12-31',
  '2199-12-31',
  '2200-01-01',
  '0001-01-01',
  '2018-11-09T06:00:00Z',
  '2018-11-09T06:00:00.123456789+23:59',
  '2018-11-09T06:00:00z',
  '2016-12-31T23:59:60Z',
  '',
  ' ',
  '\u00a0',
  'a\u001eb',
  '\u0085',
  'line\nbreak',
  '😀'.repeat(150),
  'x'.repeat(201),
  'x'.repeat(301),
  UUID,
  UUID.toUpperCase(),
  'http://a',
  'HTTPS://x y',
  'javascript:x',
  'en-GB',
  'Asia/Baghdad',
  'IQ',
  '/a~1b',
  '/a~2b',
  'EXACT',
  'ABOUT',
  'VAGUE',
  'UNKNOWN',
  'NONE_REPORTED',
  'AT_LEAST',
  'DAY',
  'KILLED',
  'NGO',
  'ERASE',
  'REQUEUE',
  'SEAL_SNAPSHOT',
  'VERIFY',
  'RECLASSIFY',
  'constructor',
  [3, 2],
  [3, null],
  [3, 2.5],
  { name: 'x' },
  { position: 0, projection: 1, algorithm: 'a', tables: { t: 'a'.repeat(64) } },
  { t: 'a'.repeat(64) },
  'a'.repeat(64),
  { constructor: [1, 2] },
  { en: { dozens: [24, null] } },
  { en: { dozens: [24, 12] } },
  { EN: 'x' },
  '\ufeff',
  -1,
  -0,
  0,
  1,
  0.5,
  2_147_483_647,
  2_147_483_648,
  1e300,
  90,
  90.1,
  -180,
  181,
  null,
  true,
  false,
  [],
  {},
  [[]],
  [{}],
  [null],
  { ref: 'a' },
  { id: UUID },
  { source: 'urn:a', ref: 'b' },
  { name: 'a', kind: 'NGO' },
  [{ name: 'a', kind: 'NGO' }],
  Array.from({ length: 101 }, () => 'x'),
  Array.from({ length: 21 }, () => ({ authority: 'a', code: 'b' })),
];
const NAMES = [
  'extra',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  'then',
  '0',
  '',
  'ref',
  'id',
  'lo',
  'hi',
  'point',
  'name',
  'code',
  'country',
  'admin',
  'latitude',
  'by',
  'status',
  'incident',
  'paths',
  'rejection',
  'reportId',
  'source',
  'authority',
  'type',
  'kind',
  'url',
  'ids',
  'relayedFrom',
  'classification',
  'grade',
  'digests',
  'position',
  'projection',
  'algorithm',
  'tables',
  'place',
  'occurred',
  'name',
  'weapons',
  'survivor',
  'area',
  'value',
  'breakdown',
  'period',
];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  where: fc.double({ min: 0, max: 0.999999, noNaN: true }),
  how: fc.constantFrom('replace', 'replace', 'remove', 'add', 'append'),
  name: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, fc.string({ maxLength: 5 })),
  json: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...TRICKY).map((value) => JSON.stringify(value)) },
    fc.json({ maxDepth: 2 }),
  ),
});

function containers(node: unknown): Container[] {
  if (typeof node !== 'object' || node === null) return [];
  return [node as Container, ...Object.values(node).flatMap(containers)];
}

function defineMember(target: Container, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function mutate(root: Container, { where, how, name, json }: Mutation): void {
  const all = containers(root);
  const places = all.flatMap((container) => Object.keys(container).map((key) => ({ container, key })));
  const container = all[Math.floor(where * all.length)] ?? root;
  const place = places[Math.floor(where * places.length)];
  const value: unknown = JSON.parse(json);
  if (how === 'add' && !Array.isArray(container)) defineMember(container, name, value);
  else if (how === 'append' && Array.isArray(container)) container.push(value);
  else if (place !== undefined && how === 'remove') delete (place.container as Record<string, unknown>)[place.key];
  else if (place !== undefined) defineMember(place.container, place.key, value);
}

/** As it would come out of a message: JSON.parse makes own members even of `__proto__`. */
function mutated(seed: object, mutations: readonly Mutation[]): unknown {
  const tree = structuredClone(seed) as Container;
  for (const one of mutations) mutate(tree, one);
  return JSON.parse(JSON.stringify(tree));
}

const base = { reason: 'because', by: 'steward' };
const decisions = [
  { ...base, kind: 'REQUEUE', rejection: UUID },
  { ...base, kind: 'ERASE', incident: UUID, paths: ['/summary'], authority: 'law', expect: 3 },
  { ...base, kind: 'ERASE', incident: { source: 'urn:p', ref: 'r' }, paths: [''], authority: 'law' },
  { ...base, kind: 'ERASE', reportId: 'r', source: 'urn:p', paths: ['/tags/0'], authority: 'law' },
  { ...base, kind: 'ERASE', rejection: UUID, authority: 'law' },
  { ...base, kind: 'MERGE', survivor: UUID, absorbed: [{ source: 'urn:p', ref: 'r' }, { id: UUID }] },
  { ...base, kind: 'UNMERGE', event: UUID },
  { ...base, kind: 'SPLIT', incident: UUID, reports: ['r', { source: 'urn:p', reportId: 'r' }], into: UUID },
  { ...base, kind: 'VERIFY', incident: UUID, grade: 'CONFIRMED', grounds: 'a report' },
  { ...base, kind: 'VERIFY', incident: UUID, grade: null, grounds: 'a report' },
  {
    ...base,
    kind: 'RECLASSIFY',
    incident: UUID,
    incidentType: 'IED_ATTACK',
    weapons: [{ type: 'IED', delivery: 'VBIED' }],
    targets: ['BUSINESS'],
    perpetrators: ['Islamic State'],
  },
  { ...base, kind: 'RECLASSIFY', incident: UUID, classification: null },
  { ...base, kind: 'REDATE', incident: UUID, occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' } },
  { ...base, kind: 'REDATE', incident: UUID, occurred: null },
  { ...base, kind: 'RELOCATE', incident: UUID, place: { name: 'Al Qayyarah', country: 'IQ' } },
  { ...base, kind: 'RETRACT', incident: UUID },
  { ...base, kind: 'REINSTATE', incident: UUID },
  { ...base, kind: 'REJECT_DUPLICATE', a: UUID, b: { id: UUID } },
  { ...base, kind: 'SEAL_SNAPSHOT', name: 'october-2018' },
  {
    ...base,
    kind: 'SEAL_SNAPSHOT',
    name: 'october-2018',
    digests: { position: 7, projection: 2, algorithm: 'rows-sha256-v1', tables: { posting: 'a'.repeat(64) } },
  },
  { ...base, kind: 'ACTIVATE_POLICY', policy: { name: '1' } },
  { ...base, kind: 'ACTIVATE_POLICY', policy: { ...conversionPolicy1, phrases: { en: { several: [3, null] } } } },
  { ...base, kind: 'ACTIVATE_BOUNDARY_SET', name: 'cod-ab' },
];
const bare = DECISION_KINDS.map((kind) => ({ ...base, kind }));
const officials = [
  [TYPES.AGGREGATE, sampleAggregate()],
  [TYPES.TREND, sampleTrend()],
  [TYPES.SITE, sampleSite()],
  [TYPES.AGGREGATE_WITHDRAWN, { seriesId: 's', period: { start: '2018-10-01', end: '2018-10-31' }, reason: 'error' }],
  [TYPES.TREND_WITHDRAWN, { trendId: 't', reason: 'error' }],
  [TYPES.SITE_WITHDRAWN, { siteRef: 's', reason: 'error' }],
] as const;
const withdrawal = { reportId: 'r', incident: { ref: 'i' }, reason: 'error' };

describe('ajv and class-validator give the same verdict', () => {
  const seen = { good: 0, bad: 0 };
  const agree = (type: keyof typeof VALIDATORS, data: unknown): void => {
    const dto = DTO_BY_TYPE[type];
    const accepted = VALIDATORS[type](data);
    const problems = explain(dto, data);
    seen[accepted ? 'good' : 'bad'] += 1;
    if (accepted !== (problems.length === 0)) {
      throw new Error(
        `ajv ${accepted ? 'accepts' : JSON.stringify(VALIDATORS[type].errors)}, explained: ${JSON.stringify(problems)}`,
      );
    }
  };

  it('on reports', () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 4 }), (mutations) =>
        agree(TYPES.REPORT, mutated(sampleReport(), mutations)),
      ),
      { numRuns: 1500 },
    );
    expect(seen.good).toBeGreaterThan(100);
    expect(seen.bad).toBeGreaterThan(400);
  });

  it('takes each kind of decision and each type of message as it is', () => {
    for (const decision of decisions)
      expect([decision, explain(DTO_BY_TYPE[TYPES.DECISION], decision)]).toEqual([decision, []]);
    for (const decision of decisions) agree(TYPES.DECISION, decision);
    for (const [type, data] of officials) {
      expect(explain(DTO_BY_TYPE[type], data)).toEqual([]);
      agree(type, data);
    }
  });

  it('on aggregates, trends, sites and their withdrawals', () => {
    fc.assert(
      fc.property(fc.constantFrom(...officials), fc.array(mutation, { maxLength: 3 }), ([type, seed], mutations) =>
        agree(type, mutated(seed, mutations)),
      ),
      { numRuns: 1500 },
    );
  });

  it('on withdrawals and decisions', () => {
    fc.assert(
      fc.property(fc.constantFrom(...decisions, ...bare), fc.array(mutation, { maxLength: 3 }), (seed, mutations) => {
        agree(TYPES.DECISION, mutated(seed, mutations));
        agree(TYPES.REPORT_WITHDRAWN, mutated(withdrawal, mutations));
      }),
      { numRuns: 2500 },
    );
  });

  it('on any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const type of Object.values(TYPES)) agree(type, JSON.parse(json));
      }),
      { numRuns: 500 },
    );
  });
});
