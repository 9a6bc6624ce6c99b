import { conversionPolicy1 } from '#app/domain';
import type { DTO_BY_TYPE } from '../schema/generate.js';
import { sampleAggregate, sampleReport, sampleSite, sampleTrend } from '../testing/sample-messages.js';
import { TYPES } from '../topics.js';
import { validateData } from './validate-data.js';

type Tree = Record<string, unknown>;

/** The sample report with one member set (or, with undefined, removed) at a JSON Pointer. */
function reportWith(pointer: string, value: unknown): Tree {
  const report = sampleReport();
  const path = pointer.split('/').slice(1);
  const last = path.pop() ?? '';
  const parent = path.reduce<Tree>((node, name) => node[name] as Tree, report);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return report;
}

const problems = (type: string, data: unknown): string[] =>
  validateData(type, data).map(({ pointer, code }) => `${pointer} ${code}`);
/** Of a conversion policy, beside its version. */
const policyMembers = ['phrases', 'nouns', 'nounsAlone', 'otherwise'];
const killed = (value: object): Tree => reportWith('/casualties', [{ measure: 'KILLED', value }]);

describe('report.v1', () => {
  it('takes the example of the contract', () => {
    expect(problems(TYPES.REPORT, sampleReport())).toEqual([]);
  });

  it('takes the least that is required', () => {
    expect(
      problems(TYPES.REPORT, {
        reportId: 'r',
        revision: 1,
        incident: { id: '0190163d-8694-739b-aea5-966c26f8ad91' },
        publishedAt: '2018-11-09T06:00:00+03:00',
        source: { name: 'S', kind: 'NGO' },
        occurred: { start: '2018-11-01', end: '2018-11-30', precision: 'MONTH' },
        place: { country: 'IQ' },
        classification: { incidentType: 'AIR_STRIKE' },
      }),
    ).toEqual([]);
  });

  it.each([
    '/retrievedAt',
    '/language',
    '/source/url',
    '/source/relayedFrom',
    '/occurred/timeZone',
    '/place/name',
    '/place/admin',
    '/classification/weapons',
    '/classification/targets',
    '/classification/weapons/0/delivery',
    '/actors',
    '/actors/0/by',
    '/casualties',
    '/casualties/0/status',
    '/casualties/0/value/point',
    '/summary',
    '/tags',
    '/confidential',
    '/confidential/exactLocation',
    '/confidential/victims',
    '/incident/id',
  ])('takes null for the optional member %s', (pointer) => {
    expect(problems(TYPES.REPORT, reportWith(pointer, null))).toEqual([]);
  });

  it.each([
    '/reportId',
    '/revision',
    '/incident',
    '/publishedAt',
    '/occurred',
    '/classification',
    '/classification/incidentType',
    '/source',
    '/source/name',
    '/source/kind',
    '/place',
    '/occurred/start',
    '/casualties/0/measure',
    '/casualties/0/value',
    '/casualties/0/value/lo',
    '/actors/0/name',
    '/classification/weapons/0/type',
    '/confidential/victims/0/subjectRef',
  ])('needs %s', (pointer) => {
    expect(problems(TYPES.REPORT, reportWith(pointer, undefined))).toEqual([`${pointer} REQUIRED`]);
    expect(problems(TYPES.REPORT, reportWith(pointer, null))).toEqual([`${pointer} REQUIRED`]);
  });

  it.each([
    '/extra',
    '/source/extra',
    '/incident/extra',
    '/occurred/extra',
    '/place/extra',
    '/place/admin/0/extra',
    '/classification/extra',
    '/actors/0/by/extra',
    '/casualties/0/extra',
    '/casualties/0/value/extra',
    '/confidential/extra',
    '/confidential/victims/0/extra',
    '/constructor',
    '/hasOwnProperty',
    '/source/toString',
    '/casualties/0/value/valueOf',
    '/place/isPrototypeOf',
  ])('refuses the unknown member %s', (pointer) => {
    expect(problems(TYPES.REPORT, reportWith(pointer, 'x'))).toEqual([`${pointer} UNKNOWN_FIELD`]);
  });

  it.each<[string, unknown, string]>([
    ['/reportId', 7, 'WRONG_TYPE'],
    ['/reportId', '', 'EMPTY_STRING'],
    ['/reportId', '  ', 'INVALID_FORMAT'],
    ['/reportId', 'a\u001eb', 'INVALID_FORMAT'],
    ['/reportId', 'x'.repeat(201), 'TOO_LONG'],
    ['/revision', 0, 'OUT_OF_RANGE'],
    ['/revision', 1.5, 'NOT_INTEGER'],
    ['/revision', '1', 'WRONG_TYPE'],
    ['/revision', 2_147_483_648, 'OUT_OF_RANGE'],
    ['/publishedAt', '2018-11-09', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '2018-11-09T06:00:00', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '2018-11-09T24:00:00Z', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '2018-02-30T06:00:00Z', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '0001-01-01T00:00:00Z', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '2016-12-31T23:59:60Z', 'INVALID_TIMESTAMP'],
    ['/publishedAt', '2018-11-09T06:00:00+03:60', 'INVALID_TIMESTAMP'],
    ['/publishedAt', 1541743200, 'WRONG_TYPE'],
    ['/occurred/start', '0001-01-01', 'INVALID_DATE'],
    ['/occurred/start', '2018-02-30', 'INVALID_DATE'],
    ['/occurred/start', '2018-02-29', 'INVALID_DATE'],
    ['/occurred/start', '1900-02-29', 'INVALID_DATE'],
    ['/occurred/start', '2018-13-01', 'INVALID_DATE'],
    ['/occurred/start', '2018-00-10', 'INVALID_DATE'],
    ['/occurred/start', '2018-11-08T00:00:00Z', 'INVALID_DATE'],
    ['/occurred/start', '1899-12-31', 'INVALID_DATE'],
    ['/occurred/end', '2200-01-01', 'INVALID_DATE'],
    ['/occurred/end', '2018-11-07', 'DATES_REVERSED'],
    ['/occurred/precision', 'HOUR', 'UNKNOWN_VALUE'],
    ['/source/kind', 'media_national', 'UNKNOWN_VALUE'],
    ['/source/url', 'javascript:alert(1)', 'INVALID_FORMAT'],
    ['/incident', 'ref', 'WRONG_TYPE'],
    ['/incident', {}, 'EXACTLY_ONE_REQUIRED'],
    ['/incident', { ref: 'a', id: '0190163d-8694-739b-aea5-966c26f8ad91' }, 'EXACTLY_ONE_REQUIRED'],
    ['/incident/ref', ['a'], 'WRONG_TYPE'],
    ['/place', {}, 'PLACE_MISSING'],
    ['/place', { admin: [] }, 'PLACE_MISSING'],
    ['/place', [], 'WRONG_TYPE'],
    ['/place/latitude', null, 'POINT_INCOMPLETE'],
    ['/place/longitude', undefined, 'POINT_INCOMPLETE'],
    ['/place/latitude', 90.0001, 'OUT_OF_RANGE'],
    ['/place/longitude', -181, 'OUT_OF_RANGE'],
    ['/place/latitude', '36.34', 'WRONG_TYPE'],
    ['/place/admin/0/authority', 7, 'WRONG_TYPE'],
    ['/place/admin/0/code', undefined, 'PLACE_MISSING'],
    ['/classification/incidentType', 'BOOM', 'UNKNOWN_VALUE'],
    ['/classification/targets', 'BUSINESS', 'WRONG_TYPE'],
    ['/classification/targets/0', 'BANK', 'UNKNOWN_VALUE'],
    ['/classification/weapons/0', null, 'WRONG_TYPE'],
    ['/actors', {}, 'WRONG_TYPE'],
    ['/actors/0', [], 'WRONG_TYPE'],
    ['/actors/0/name', true, 'WRONG_TYPE'],
    ['/casualties/0/measure', 'DEAD', 'UNKNOWN_VALUE'],
    ['/casualties/0/value/lo', -1, 'OUT_OF_RANGE'],
    ['/casualties/0/value/lo', 2.5, 'NOT_INTEGER'],
    ['/casualties/0/value/hi', -3, 'OUT_OF_RANGE'],
    ['/casualties/0/value/hi', '3', 'WRONG_TYPE'],
    ['/casualties/0/value/point', -1, 'OUT_OF_RANGE'],
    ['/tags/0', null, 'WRONG_TYPE'],
    ['/tags', Array.from({ length: 101 }, () => 'x'), 'TOO_MANY_ITEMS'],
    ['/confidential/victims/0/age', 200, 'OUT_OF_RANGE'],
  ])('refuses at %s the value %j', (pointer, value, code) => {
    const found = problems(TYPES.REPORT, reportWith(pointer, value));
    const place = ['POINT_INCOMPLETE', 'PLACE_MISSING'].includes(code) && pointer.split('/').length > 2;
    expect(found).toEqual([`${place ? pointer.split('/').slice(0, -1).join('/') : pointer} ${code}`]);
  });

  it.each([
    [{ qualifier: 'AT_LEAST', lo: 5, hi: null }],
    [{ qualifier: 'EXACT', lo: 9, hi: 3 }],
    [{ qualifier: 'UNKNOWN' }],
    [{ qualifier: 'NONE_REPORTED' }],
    [{ qualifier: 'VAGUE', phrase: 'dozens' }],
    [{ qualifier: 'ABOUT', point: 20 }],
    [{ qualifier: 'ABOUT', lo: 15, hi: 25 }],
    [{ qualifier: 'UNKNOWN', lo: null, hi: null, point: null }],
  ])('takes the value %j', (value) => {
    expect(problems(TYPES.REPORT, killed(value))).toEqual([]);
  });

  it.each([
    [{ qualifier: 'EXACT' }, ['lo', 'hi']],
    [{ qualifier: 'AT_LEAST', lo: 5 }, ['hi']],
    [{ qualifier: 'BETWEEN', lo: null, hi: 3 }, ['lo']],
    [{ qualifier: 'ABOUT', point: null }, ['lo', 'hi']],
    [{ qualifier: 'AT_MOST', hi: 3 }, ['lo']],
  ])('misses bounds in the value %j', (value, missing) => {
    expect(problems(TYPES.REPORT, killed(value))).toEqual(
      missing.map((name) => `/casualties/0/value/${name} REQUIRED`),
    );
  });

  it.each([null, 7, 'x', true, []])('refuses %j as data', (data) => {
    expect(problems(TYPES.REPORT, data)).toEqual([' WRONG_TYPE']);
  });

  it('gives every problem, never a value', () => {
    const report = {
      ...reportWith('/casualties/0/value/lo', -42),
      secretName: 'Ahmed-the-witness',
      language: 'Kurdisch-ÄÖ',
    };
    const found = validateData(TYPES.REPORT, report);
    expect(found.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/casualties/0/value/lo',
      '/language',
      '/secretName',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/Ahmed|Kurdisch|42/u);
  });

  it('explains a flood in little time', () => {
    const report = reportWith(
      '/casualties',
      Array.from({ length: 300_000 }, () => 1),
    );
    const start = performance.now();
    expect(problems(TYPES.REPORT, report)).toEqual(['/casualties TOO_MANY_ITEMS']);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('counts length in characters, not in code units', () => {
    expect(problems(TYPES.REPORT, reportWith('/reportId', '😀'.repeat(200)))).toEqual([]);
    expect(problems(TYPES.REPORT, reportWith('/reportId', '😀'.repeat(201)))).toEqual(['/reportId TOO_LONG']);
  });
});

describe('report-withdrawn.v1', () => {
  const withdrawal = { reportId: 'r', incident: { ref: 'i' }, reason: 'published in error' };
  it('takes a withdrawal', () => {
    expect(problems(TYPES.REPORT_WITHDRAWN, withdrawal)).toEqual([]);
  });
  it.each(['reportId', 'incident', 'reason'])('needs %s', (name) => {
    expect(problems(TYPES.REPORT_WITHDRAWN, { ...withdrawal, [name]: undefined })).toEqual([`/${name} REQUIRED`]);
  });
  it('is closed', () => {
    expect(problems(TYPES.REPORT_WITHDRAWN, { ...withdrawal, revision: 1 })).toEqual(['/revision UNKNOWN_FIELD']);
  });
});

describe('decision.v1', () => {
  const id = '0190163d-8694-739b-aea5-966c26f8ad91';
  const base = { reason: 'because', by: 'steward@example.org' };
  const digests = { position: 7, projection: 2, algorithm: 'rows-sha256-v1', tables: { posting: 'a'.repeat(64) } };
  const erase = { ...base, kind: 'ERASE', authority: 'GDPR art. 17', paths: ['/confidential/victims/0'] };

  it.each([
    [{ ...base, kind: 'REQUEUE', rejection: id }],
    [{ ...base, kind: 'DISCARD', rejection: id, expect: 1, paths: null }],
    [{ ...erase, incident: id }],
    [{ ...erase, incident: { id } }],
    [{ ...erase, incident: { source: 'urn:p', ref: 'r' } }],
    [{ ...erase, reportId: 'r', source: 'urn:p' }],
    [{ ...erase, reportId: 'r', paths: [''] }],
    [{ ...erase, rejection: id, paths: undefined }],
    [{ ...base, kind: 'MERGE', survivor: id, absorbed: [id] }],
    [{ ...base, kind: 'VERIFY', incident: id, grade: null, grounds: 'the source withdrew it', expect: 3 }],
    [{ ...base, kind: 'RECLASSIFY', incident: id, weapons: [], incidentType: null, classification: null }],
    [{ ...base, kind: 'RECLASSIFY', incident: id, classification: null }],
    [{ ...base, kind: 'RELOCATE', incident: id, place: null }],
    [{ ...base, kind: 'ACTIVATE_POLICY', policy: { ...conversionPolicy1, version: 2 } }],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: 'october-2018' }],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: 'october-2018', digests }],
  ])('takes %j', (decision) => {
    expect(problems(TYPES.DECISION, decision)).toEqual([]);
  });

  it.each<[object, string[]]>([
    [{ ...base, kind: 'REQUEUE' }, ['/rejection REQUIRED']],
    [{ ...base, kind: 'REQUEUE', rejection: 'x' }, ['/rejection INVALID_UUID']],
    [{ ...base, kind: 'DISCARD', rejection: id, authority: 'x' }, ['/authority NOT_OF_THIS_KIND']],
    [{ ...erase }, [' EXACTLY_ONE_REQUIRED']],
    [{ ...erase, incident: id, rejection: id }, [' EXACTLY_ONE_REQUIRED']],
    [{ ...erase, incident: id, authority: undefined }, ['/authority REQUIRED']],
    [{ ...erase, incident: id, paths: [] }, ['/paths REQUIRED']],
    [{ ...erase, incident: id, paths: ['tags'] }, ['/paths/0 INVALID_FORMAT']],
    [{ ...erase, incident: { id, ref: 'x' } }, ['/incident UNKNOWN_FIELD']],
    [{ ...erase, incident: { source: 's' } }, ['/incident/ref REQUIRED']],
    [{ ...erase, incident: id, source: 'urn:p' }, ['/source NOT_OF_THIS_KIND']],
    [{ ...base, rejection: id }, ['/kind REQUIRED']],
    [{ ...base, kind: 'BURN', rejection: id }, ['/kind UNKNOWN_VALUE']],
    [{ kind: 'REQUEUE', rejection: id }, ['/reason REQUIRED', '/by REQUIRED']],
    [{ ...base, kind: 'REQUEUE', rejection: id, expect: -1 }, ['/expect OUT_OF_RANGE']],
    [{ ...base, kind: 'REQUEUE', rejection: id, extra: 1 }, ['/extra UNKNOWN_FIELD']],
    [{ ...base, kind: 'MERGE', survivor: id, absorbed: [] }, ['/absorbed TOO_FEW_ITEMS']],
    [{ ...base, kind: 'MERGE', survivor: id, absorbed: [id, 'x'] }, ['/absorbed/1 INVALID_UUID']],
    [{ ...base, kind: 'VERIFY', incident: id, grade: 'CORROBORATED', grounds: 'g' }, ['/grade UNKNOWN_VALUE']],
    [{ ...base, kind: 'VERIFY', incident: id, grade: 'CONFIRMED' }, ['/grounds REQUIRED']],
    [{ ...base, kind: 'VERIFY', incident: id, grounds: 'g' }, ['/grade REQUIRED']],
    [{ ...base, kind: 'RECLASSIFY', incident: id }, [' REQUIRED']],
    [
      { ...base, kind: 'RECLASSIFY', incident: id, weapons: [{ type: 'IED', by: { name: 'x', kind: 'NGO' } }] },
      ['/weapons/0/by UNKNOWN_FIELD'],
    ],
    [{ ...base, kind: 'REDATE', incident: id }, ['/occurred REQUIRED']],
    [
      { ...base, kind: 'REDATE', incident: id, occurred: { start: '2018-10-02', end: '2018-10-01', precision: 'DAY' } },
      ['/occurred/end DATES_REVERSED'],
    ],
    [{ ...base, kind: 'RELOCATE', incident: id, place: {} }, ['/place PLACE_MISSING']],
    [{ ...base, kind: 'SPLIT', incident: id, reports: [], into: id }, ['/reports TOO_FEW_ITEMS']],
    [{ ...base, kind: 'RETRACT', incident: id, name: 'x' }, ['/name NOT_OF_THIS_KIND']],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: '4711' }, ['/name INVALID_FORMAT']],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: '2018-10-01' }, ['/name INVALID_FORMAT']],
    [{ ...base, kind: 'RETRACT', incident: id, digests }, ['/digests NOT_OF_THIS_KIND']],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: 'a1', digests: 'x' }, ['/digests WRONG_TYPE']],
    [{ ...base, kind: 'SEAL_SNAPSHOT', name: 'a1', digests: { ...digests, extra: 1 } }, ['/digests UNKNOWN_FIELD']],
    [
      { ...base, kind: 'SEAL_SNAPSHOT', name: 'a1', digests: { ...digests, position: -1, tables: {} } },
      ['/digests/position OUT_OF_RANGE', '/digests/tables TOO_FEW_ITEMS'],
    ],
    [
      { ...base, kind: 'SEAL_SNAPSHOT', name: 'a1', digests: { ...digests, tables: { posting: 'A'.repeat(64) } } },
      ['/digests/tables INVALID_FORMAT'],
    ],
    [
      { ...base, kind: 'ACTIVATE_POLICY', policy: { version: 2 } },
      policyMembers.map((name) => `/policy/${name} REQUIRED`),
    ],
    [
      { ...base, kind: 'ACTIVATE_POLICY', policy: { ...conversionPolicy1, otherwise: [3, 1] } },
      ['/policy/otherwise INVALID_FORMAT'],
    ],
  ])('refuses %j', (decision, expected) => {
    expect(problems(TYPES.DECISION, decision)).toEqual(expected);
  });
});

describe('aggregates, trends and sites', () => {
  it('take the examples of the contract', () => {
    expect(problems(TYPES.AGGREGATE, sampleAggregate())).toEqual([]);
    expect(problems(TYPES.TREND, sampleTrend())).toEqual([]);
    expect(problems(TYPES.SITE, sampleSite())).toEqual([]);
  });

  it.each<[keyof typeof DTO_BY_TYPE, object, string[]]>([
    [TYPES.AGGREGATE, { ...sampleAggregate(), indicator: 'HAPPINESS' }, ['/indicator UNKNOWN_VALUE']],
    [
      TYPES.AGGREGATE,
      { ...sampleAggregate(), value: { qualifier: 'EXACT', lo: -1, hi: 2 } },
      ['/value/lo OUT_OF_RANGE'],
    ],
    [
      TYPES.AGGREGATE,
      { ...sampleAggregate(), breakdown: [{ area: { code: 'IQ-NI' } }] },
      ['/breakdown/0/value REQUIRED'],
    ],
    [TYPES.AGGREGATE_WITHDRAWN, { seriesId: 's' }, ['/reason REQUIRED']],
    [TYPES.TREND, { ...sampleTrend(), areas: [] }, ['/areas TOO_FEW_ITEMS']],
    [TYPES.TREND, { ...sampleTrend(), areas: [{ code: 'IQ', name: 'Iraq' }] }, ['/areas/0 EXACTLY_ONE_REQUIRED']],
    [TYPES.TREND, { ...sampleTrend(), magnitude: 'many' }, ['/magnitude WRONG_TYPE']],
    [TYPES.SITE, { ...sampleSite(), kind: 'MUSEUM', killed: 3 }, ['/killed UNKNOWN_FIELD', '/kind UNKNOWN_VALUE']],
  ])('%s refuses %j', (type, data, expected) => {
    expect(problems(type, data).toSorted()).toEqual(expected.toSorted());
  });
});

it('knows the types of the contract', () => {
  expect(problems('org.example.other.v1', {})).toEqual([' TYPE_UNKNOWN']);
  expect(problems('constructor', {})).toEqual([' TYPE_UNKNOWN']);
});
