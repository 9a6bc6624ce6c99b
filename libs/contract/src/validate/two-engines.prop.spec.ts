import * as fc from 'fast-check';
import { DecisionV1 } from '../decision/decision.js';
import { DECISION_KINDS } from '../decision/decision-kinds.js';
import { ReportV1 } from '../report/report.js';
import { ReportWithdrawnV1 } from '../report/report-withdrawn.js';
import { VALIDATORS } from '../schema/compile.js';
import { sampleReport } from '../testing/sample-messages.js';
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
const TRICKY = [
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
  ...DECISION_KINDS.map((kind) => ({ ...base, kind })),
];
const withdrawal = { reportId: 'r', incident: { ref: 'i' }, reason: 'error' };

describe('ajv and class-validator give the same verdict', () => {
  const seen = { good: 0, bad: 0 };
  const agree = (type: keyof typeof VALIDATORS, data: unknown): void => {
    const dto = { [TYPES.REPORT]: ReportV1, [TYPES.REPORT_WITHDRAWN]: ReportWithdrawnV1, [TYPES.DECISION]: DecisionV1 }[
      type
    ];
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

  it('on withdrawals and decisions', () => {
    fc.assert(
      fc.property(fc.constantFrom(...decisions), fc.array(mutation, { maxLength: 3 }), (seed, mutations) => {
        agree(TYPES.DECISION, mutated(seed, mutations));
        agree(TYPES.REPORT_WITHDRAWN, mutated(withdrawal, mutations));
      }),
      { numRuns: 600 },
    );
  });

  it('on any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const type of [TYPES.REPORT, TYPES.REPORT_WITHDRAWN, TYPES.DECISION] as const)
          agree(type, JSON.parse(json));
      }),
      { numRuns: 500 },
    );
  });
});
