import { createSecretKey } from 'node:crypto';
import type { Aggregate, Site, Trend } from '#app/domain';
import { splitAggregate, splitSite, splitTrend } from './splitting-official.js';

const key = createSecretKey(Buffer.alloc(32, 7));
const value = { qualifier: 'EXACT', lo: 69, hi: 69 } as const;
const period = { start: '2018-10-01', end: '2018-10-31' };
const source = {
  name: 'UN Iraq',
  kind: 'UN',
  url: 'https://example.org',
  archiveUrl: null,
  documentId: 'd-1',
} as const;
const witness = { name: 'a person', kind: 'WITNESS' } as const;
const aggregate: Aggregate = {
  seriesId: 's',
  publisher: { name: 'UNAMI', kind: 'UN' },
  indicator: 'KILLED',
  statusDefinition: 'CIVILIANS',
  period,
  area: { code: 'IQ' },
  value,
  publishedAt: '2018-11-01T00:00:00Z',
  coverageExclusions: [{ code: 'IQ-AN', reason: 'no access' }, { code: 'IQ-DI' }],
  kind: 'OFFICIAL_AGGREGATE',
  source,
};

it('commits of an aggregate its addresses and why areas are excluded', () => {
  const split = splitAggregate(aggregate, key);
  expect(split.public).toEqual({
    ...aggregate,
    coverageExclusions: [{ code: 'IQ-AN' }, { code: 'IQ-DI' }],
    source: { name: 'UN Iraq', kind: 'UN' },
  });
  expect([...split.committed]).toEqual([
    ['/source/url', 'https://example.org'],
    ['/source/documentId', 'd-1'],
    ['/coverageExclusions/0/reason', 'no access'],
  ]);
  expect(aggregate.coverageExclusions?.[0]).toEqual({ code: 'IQ-AN', reason: 'no access' });
});

it('puts pseudonyms for protected names of publishers, speakers and sources', () => {
  const trend: Trend = {
    trendId: 't',
    metric: 'VBIED_ATTACKS',
    direction: 'RE_EMERGENCE',
    areas: [{ code: 'IQ-KI' }],
    period,
    publisher: witness,
    publishedAt: '2018-11-09T00:00:00Z',
    by: witness,
    magnitude: null,
    source: { ...witness, relayedFrom: [witness] },
  };
  const { public: shown, committed } = splitTrend(trend, key);
  expect([...committed.keys()].toSorted()).toEqual([
    '/by/name',
    '/publisher/name',
    '/source/name',
    '/source/relayedFrom/0/name',
  ]);
  expect(JSON.stringify(shown)).not.toContain('a person');
  expect(shown.by?.name).toBe(shown.publisher.name);
  expect(shown.publisher.name).toMatch(/^pseudonym:/u);
});

it('leaves a site without a source as it is', () => {
  const site: Site = {
    siteRef: 'g',
    kind: 'MASS_GRAVE',
    count: value,
    area: { code: 'IQ' },
    publisher: aggregate.publisher,
  };
  expect(splitSite(site, key)).toEqual({ public: site, committed: new Map() });
});
