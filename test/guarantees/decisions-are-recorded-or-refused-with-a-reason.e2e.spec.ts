import { randomUUID } from 'node:crypto';
import { conversionPolicy1, PROJECTION_VERSION } from '#app/domain';
import { incidentIdOf, streamIdOf } from '#app/log';
import { eventsOf, type Leaf, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, decision, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce, type RawMessage } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

type Recorded = Leaf & {
  also?: { stream: string; streamVersion: number }[];
  sd: Record<string, string>;
  position: number;
};

const TYPE = (name: string): string => `org.conflictledger.${name}.v1`;
const idOf = (ref: string): string => incidentIdOf(PUBLISHER, ref);
const named = (ref: string): object => ({ source: PUBLISHER, ref });
const [A, B, C] = ['a', 'b', 'c'].map(idOf) as [string, string, string];

describe('a decision is recorded as one event of all that it touches, or refused with a reason', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const events = async (type: string): Promise<Recorded[]> =>
    (await eventsOf(system.pool)).filter((event) => event.type === type).map(({ leaf }) => leaf as Recorded);
  const send = async (...messages: RawMessage[]): Promise<void> => {
    await produce(messages, system.brokers);
    await ingested();
  };
  /** Decides, and gives the event that it became, or the code with which it was refused. */
  const decide = async (data: Record<string, unknown>): Promise<Recorded | string> => {
    const id = randomUUID();
    await send(decision(data, id));
    const refused = (await rejectionCodes(system.pool)).find(({ ceId }) => ceId === id);
    if (refused !== undefined) return refused.code;
    const found = (await eventsOf(system.pool)).filter(({ leaf }) => leaf.source?.ceId === id);
    expect(found).toHaveLength(1);
    return { ...(found[0]?.leaf as Recorded), type: found[0]?.type } as Recorded;
  };

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'] });
    await send(
      report({ ref: 'a', reportId: 'a-1' }),
      report({ ref: 'a', reportId: 'a-2' }),
      report({ ref: 'b', reportId: 'b-1' }),
      report({ ref: 'c', reportId: 'c-1' }),
    );
  }, 120_000);
  afterAll(() => system.stop(), 60_000);

  it('merges, and takes exactly that merge back', async () => {
    const merge = await decide({ kind: 'MERGE', survivor: named('a'), absorbed: [B, { id: C }], expect: 2 });
    expect(merge).toMatchObject({
      type: 'IncidentsMerged',
      actor: 'steward:Steward One',
      data: { survivor: A, absorbed: [B, C] },
      stream: A,
      streamVersion: 3,
      also: [
        { stream: B, streamVersion: 2 },
        { stream: C, streamVersion: 2 },
      ],
    });
    expect(Object.keys((merge as Recorded).sd).toSorted()).toEqual(['/reason']);
    expect(JSON.stringify(merge)).not.toContain('as the desk asked');

    expect(await decide({ kind: 'RETRACT', incident: B })).toBe('DECISION_TARGET_MERGED');
    expect(await decide({ kind: 'MERGE', survivor: C, absorbed: [A] })).toBe('DECISION_TARGET_MERGED');
    const { rows } = await system.pool.query<{ problems: { pointer: string; detail: string }[] }>(
      "SELECT problems FROM ledger.rejection WHERE code = 'DECISION_TARGET_MERGED' ORDER BY rejection_id LIMIT 1",
    );
    expect(rows[0]?.problems[0]).toMatchObject({ pointer: '/incident', detail: expect.stringContaining(A) as unknown });
    const [refused] = await events('ReportRejected');
    expect(JSON.stringify(refused?.data)).not.toContain(A);

    const { id } = merge as Recorded;
    const reverted = { type: 'MergeReverted', data: { merge: id, survivor: A, absorbed: [B, C] }, streamVersion: 4 };
    expect(await decide({ kind: 'UNMERGE', event: id })).toMatchObject(reverted);
    expect(await decide({ kind: 'UNMERGE', event: id })).toBe('DECISION_NOT_APPLICABLE');
    expect(await decide({ kind: 'UNMERGE', event: randomUUID() })).toBe('DECISION_TARGET_UNKNOWN');
  }, 120_000);

  it('splits a report off into an incident that it makes, which then takes reports and decisions, and back', async () => {
    const D = idOf('d');
    expect(await decide({ kind: 'SPLIT', incident: A, reports: ['a-2'], into: named('d') })).toMatchObject({
      type: 'IncidentSplit',
      data: { incident: A, into: D, ref: named('d'), reports: [{ source: PUBLISHER, reportId: 'a-2' }] },
      also: [{ stream: D, streamVersion: 1 }],
    });
    await send(report({ data: { incident: { id: D } }, reportId: 'd-1' }));
    expect((await events('ReportRecorded')).at(-1)).toMatchObject({ stream: D, streamVersion: 2 });
    // Later revisions stay at home: the split holds for the report, whatever its revision.
    await send(report({ ref: 'a', reportId: 'a-2', revision: 2 }));
    expect((await events('ReportRecorded')).at(-1)).toMatchObject({ stream: A });
    expect(await decide({ kind: 'RETRACT', incident: D })).toMatchObject({ stream: D, streamVersion: 3 });
    const back = { kind: 'SPLIT', incident: D, reports: [{ source: PUBLISHER, reportId: 'a-2' }], into: A };
    expect(await decide(back)).toMatchObject({
      data: { incident: D, into: A, ref: null },
      stream: D,
      streamVersion: 4,
    });
    expect(await decide(back)).toBe('DECISION_TARGET_UNKNOWN');
  }, 120_000);

  it('decides on one incident, and takes it back', async () => {
    const place = {
      name: 'Al Qayyarah',
      country: 'IQ',
      admin: [{ authority: 'ISO 3166-2', code: 'IQ-NI' }],
      precision: 'ADM1',
    };
    const occurred = { start: '2018-10-23', end: '2018-10-23', precision: 'DAY' };
    const grounds = 'a named witness';
    const verified = await decide({ kind: 'VERIFY', incident: B, grade: 'CONFIRMED', grounds });
    expect(verified).toMatchObject({ type: 'IncidentVerified', data: { incident: B, grade: 'CONFIRMED' } });
    expect(Object.keys((verified as Recorded).sd).toSorted()).toEqual(['/grounds', '/reason']);
    expect(JSON.stringify(verified)).not.toContain(grounds);
    expect(
      await decide({ kind: 'RECLASSIFY', incident: B, incidentType: 'SUICIDE_ATTACK', perpetrators: ['IS'] }),
    ).toMatchObject({
      data: { incident: B, classification: { incidentType: 'SUICIDE_ATTACK', perpetrators: ['IS'] } },
    });
    expect(await decide({ kind: 'REDATE', incident: B, occurred })).toMatchObject({ data: { incident: B, occurred } });
    expect(await decide({ kind: 'RELOCATE', incident: B, place })).toMatchObject({
      data: { place, placements: { 'iso-3166': { country: 'IQ', admin1: 'IQ-NI', precision: 'ADM1' } } },
    });
    expect(await decide({ kind: 'RETRACT', incident: B })).toMatchObject({ type: 'IncidentRetracted' });
    expect(await decide({ kind: 'RETRACT', incident: B })).toBe('DECISION_NOT_APPLICABLE');
    expect(await decide({ kind: 'REINSTATE', incident: B })).toMatchObject({ type: 'IncidentReinstated' });
    for (const reset of [
      { kind: 'VERIFY', grade: null, grounds },
      { kind: 'RECLASSIFY', classification: null },
      { kind: 'REDATE', occurred: null },
      { kind: 'RELOCATE', place: null },
    ]) {
      expect(await decide({ ...reset, incident: B })).toMatchObject({ stream: B });
      expect(await decide({ ...reset, incident: B })).toBe('DECISION_NOT_APPLICABLE');
    }
    expect(await decide({ kind: 'REJECT_DUPLICATE', a: B, b: C })).toMatchObject({
      type: 'DuplicateRejected',
      data: { a: [B, C].toSorted()[0], b: [B, C].toSorted()[1] },
      stream: B,
    });
    expect(await decide({ kind: 'REJECT_DUPLICATE', a: C, b: B })).toBe('DECISION_NOT_APPLICABLE');
  }, 180_000);

  it('refuses a stale one, an unknown target and what is no decision, and nothing is recorded of them', async () => {
    const before = (await eventsOf(system.pool)).filter(({ type }) => type !== 'ReportRejected').length;
    expect(await decide({ kind: 'RETRACT', incident: A, expect: 1 })).toBe('DECISION_STALE');
    expect(await decide({ kind: 'MERGE', survivor: A, absorbed: [idOf('nobody')] })).toBe('DECISION_TARGET_UNKNOWN');
    expect(await decide({ kind: 'VERIFY', incident: A, grade: 'CORROBORATED', grounds: 'g' })).toBe('UNKNOWN_VALUE');
    expect(await decide({ kind: 'SPLIT', incident: A, reports: ['b-1'], into: C })).toBe('DECISION_TARGET_UNKNOWN');
    const rejected = (await eventsOf(system.pool)).filter(({ type }) => type !== 'ReportRejected').length;
    expect(rejected).toBe(before);
  }, 60_000);

  it('seals snapshots, activates policies and boundary sets in the stream of the log', async () => {
    const [created] = await events('LogCreated');
    const log = created?.stream;
    expect(await decide({ kind: 'SEAL_SNAPSHOT', name: 'october' })).toMatchObject({
      type: 'SnapshotSealed',
      stream: log,
      data: { name: 'october', projection: PROJECTION_VERSION },
    });
    expect(await decide({ kind: 'SEAL_SNAPSHOT', name: 'october' })).toBe('SNAPSHOT_NAME_TAKEN');
    const policy = { ...conversionPolicy1, version: 2, otherwise: [2, null] };
    expect(await decide({ kind: 'ACTIVATE_POLICY', policy })).toMatchObject({
      stream: log,
      data: { name: '2', policy },
    });
    expect(await decide({ kind: 'ACTIVATE_POLICY', policy })).toBe('DECISION_NOT_APPLICABLE');
    expect(await decide({ kind: 'ACTIVATE_POLICY', policy: { ...policy, otherwise: [3, null] } })).toBe(
      'POLICY_VERSION_TAKEN',
    );
    expect(await decide({ kind: 'ACTIVATE_POLICY', policy: { name: '9' } })).toBe('POLICY_UNKNOWN');
    const [first] = await events('ConversionPolicyActivated');
    expect(await decide({ kind: 'ACTIVATE_POLICY', policy: { name: '1' } })).toMatchObject({ data: first?.data });
    expect(await decide({ kind: 'ACTIVATE_BOUNDARY_SET', name: 'atlantis' })).toBe('BOUNDARY_SET_UNKNOWN');
    expect(await decide({ kind: 'ACTIVATE_BOUNDARY_SET', name: 'iso-3166' })).toBe('DECISION_NOT_APPLICABLE');
  }, 90_000);

  it('records aggregates, trends and sites, each in its own stream, and withdrawals even before what they withdraw', async () => {
    const value = { qualifier: 'EXACT', lo: 69, hi: 69 };
    const period = { start: '2018-10-01', end: '2018-10-31' };
    const publisher = { name: 'UNAMI', kind: 'UN' };
    const source = { ...publisher, url: 'https://example.org/hidden' };
    const aggregate = {
      seriesId: 's',
      publisher,
      indicator: 'KILLED',
      statusDefinition: 'CIVILIANS',
      period,
      area: { code: 'IQ' },
      value,
      publishedAt: '2018-11-01T00:00:00Z',
      kind: 'OFFICIAL_AGGREGATE',
      coverageExclusions: [{ code: 'IQ-AN', reason: 'a hidden reason' }],
      source,
    };
    const trend = {
      trendId: 't',
      metric: 'VBIED_ATTACKS',
      direction: 'RE_EMERGENCE',
      areas: [{ code: 'IQ-KI' }, { name: 'Mosul' }],
      period,
      publisher,
      publishedAt: '2018-11-09T00:00:00Z',
      magnitude: null,
      by: { name: 'a hidden person', kind: 'WITNESS' },
    };
    const site = {
      siteRef: 'g',
      kind: 'MASS_GRAVE',
      count: { ...value, lo: 202, hi: 202 },
      area: { code: 'IQ' },
      publisher,
    };
    await send(
      cloudEvent(TYPE('aggregate-withdrawn'), { seriesId: 's', reason: 'hidden' }, { id: 'early' }),
      cloudEvent(TYPE('aggregate'), aggregate, { id: 'aggregate-1' }),
      cloudEvent(TYPE('aggregate'), aggregate, { id: 'aggregate-1' }),
      cloudEvent(TYPE('trend'), trend, { id: 'trend-1' }),
      cloudEvent(TYPE('trend-withdrawn'), { trendId: 't', reason: 'hidden' }),
      cloudEvent(TYPE('site'), site),
      cloudEvent(TYPE('site-withdrawn'), { siteRef: 'g', reason: 'hidden' }),
    );
    await send(
      cloudEvent(TYPE('aggregate'), { ...aggregate, value: { ...value, hi: 70 } }, { id: 'aggregate-1' }),
      cloudEvent(TYPE('site'), { ...site, kind: 'MUSEUM' }, { id: 'museum' }),
    );
    const refused = (await rejectionCodes(system.pool)).filter(({ ceId }) => ['aggregate-1', 'museum'].includes(ceId));
    expect(Object.fromEntries(refused.map(({ ceId, code }) => [ceId, code]))).toEqual({
      'aggregate-1': 'IDENTITY_CONFLICT',
      museum: 'UNKNOWN_VALUE',
    });
    const types = ['Aggregate', 'Trend', 'Site'] as const;
    const ids = { Aggregate: 's', Trend: 't', Site: 'g' };
    const official = (await eventsOf(system.pool)).filter(({ type }) => types.some((name) => type.startsWith(name)));
    expect(official).toHaveLength(6);
    for (const name of types) {
      const own = official.filter(({ type }) => type.startsWith(name)).map(({ leaf }) => leaf);
      const kind = name.toLowerCase() as 'aggregate' | 'trend' | 'site';
      expect(own.map(({ stream, streamVersion }) => [stream, streamVersion])).toEqual([
        [streamIdOf(PUBLISHER, kind, ids[name]), 1],
        [streamIdOf(PUBLISHER, kind, ids[name]), 2],
      ]);
    }
    expect(JSON.stringify(official)).not.toContain('hidden');
    const [published] = await events('AggregatePublished');
    expect(published?.data['aggregate']).toMatchObject({ coverageExclusions: [{ code: 'IQ-AN' }], value });
  }, 90_000);

  it('leaves what it committed erasable, as what aggregates committed is', async () => {
    const erase = { kind: 'ERASE', authority: 'court order 7' };
    const erased = (await decide({ ...erase, incident: B, paths: ['/grounds'] })) as Recorded;
    expect(erased).toMatchObject({ type: 'PersonalDataErased', stream: B });
    const [verified, reset] = await events('IncidentVerified');
    expect(erased.data['erased']).toEqual([
      { pointers: ['', '/grounds'], positions: [verified, reset].map((event) => [event?.position, event?.position]) },
    ]);
    expect(await decide({ ...erase, incident: B, paths: ['/grounds'] })).toBe('NOTHING_TO_ERASE');
    const series = streamIdOf(PUBLISHER, 'aggregate', 's');
    expect(await decide({ ...erase, incident: series, paths: ['/source'] })).toMatchObject({
      stream: series,
      // The bytes that were refused under the id of the aggregate hold its address too.
      data: { erased: [{ pointers: ['', '/source/url'] }, { pointers: [''] }] },
    });
  }, 60_000);
});
