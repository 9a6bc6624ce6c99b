import { produce } from '../support/kafka.js';
import { eventsOf, recordedReports, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, PUBLISHER, report, reportData } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

describe('a report is recorded once', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'] });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('however often it is delivered, in one batch or later', async () => {
    const messages = Array.from({ length: 50 }, (_, i) => report({ id: `once-${i}`, reportId: `once-${i}` }));
    await produce([...messages, ...messages], system.brokers);
    await ingested();
    await produce(messages, system.brokers);
    await ingested();
    expect(await recordedReports(system.pool)).toEqual(messages.map((_, i) => `once-${i}`).toSorted());
    const { rows } = await system.pool.query('SELECT count(*)::int AS n FROM ledger.duplicate');
    expect(rows).toEqual([{ n: 100 }]);
  }, 60_000);

  it('and another content under its id is a conflict, kept and told', async () => {
    const before = await recordedReports(system.pool);
    await produce([report({ id: 'twice', reportId: 'twice', ref: 'x', killed: 1 })], system.brokers);
    await ingested();
    await produce([report({ id: 'twice', reportId: 'twice', ref: 'x', killed: 2 })], system.brokers);
    await ingested();
    expect(await recordedReports(system.pool)).toEqual([...before, 'twice'].toSorted());
    expect(await rejectionCodes(system.pool)).toMatchObject([{ code: 'IDENTITY_CONFLICT', ceId: 'twice' }]);
  }, 60_000);

  it('and a revision is recorded once whatever id it comes under, a lower one as late', async () => {
    const shared = { reportId: 'revised', ref: 'revised' };
    await produce(
      [
        report({ ...shared, id: 'v2', revision: 2 }),
        report({ ...shared, id: 'v1', revision: 1 }),
        report({ ...shared, id: 'v2-again', revision: 2 }),
        report({ ...shared, id: 'v1-again', revision: 1 }),
      ],
      system.brokers,
    );
    await ingested();
    const recorded = (await eventsOf(system.pool)).filter(({ reportId }) => reportId === 'revised');
    expect(recorded.map(({ leaf }) => [leaf.source?.ceId, leaf.data['disposition'], leaf.streamVersion])).toEqual([
      ['v2', 'APPLIED', 1],
      ['v1', 'LATE_REVISION', 2],
    ]);
    const codes = (await rejectionCodes(system.pool)).filter(({ ceId }) => ceId.endsWith('-again'));
    expect(codes.map(({ code }) => code)).toEqual(['REVISION_CONFLICT', 'REVISION_CONFLICT']);
  }, 60_000);

  it('in structured and in binary mode, with what is confidential outside the leaf', async () => {
    const victim = { subjectRef: 'person-7', name: 'a name that stays secret' };
    const data = reportData({ reportId: 'binary', ref: 'binary', data: { confidential: { victims: [victim] } } });
    const headers = {
      ce_specversion: '1.0',
      ce_id: 'binary',
      ce_source: PUBLISHER,
      ce_type: 'org.conflictledger.report.v1',
      ce_correlationid: 'desk-trace-1',
      'content-type': 'application/json',
    };
    await produce([{ key: 'binary', value: JSON.stringify(data), headers }], system.brokers);
    await produce(
      [report({ id: 'structured', reportId: 'structured', data: { confidential: { victims: [victim] } } })],
      system.brokers,
    );
    await ingested();
    const recorded = await recordedReports(system.pool);
    expect(recorded).toEqual(expect.arrayContaining(['binary', 'structured']));
    const events = await eventsOf(system.pool);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(events.find(({ reportId }) => reportId === 'binary')?.leaf).toMatchObject({ correlationId: 'desk-trace-1' });
    const { rows } = await system.pool.query('SELECT count(*)::int AS n FROM vault.key WHERE subject IS NOT NULL');
    expect(rows).toEqual([{ n: 1 }]);
  }, 60_000);

  it('a withdrawal waits for its report, and is final', async () => {
    const named = { reportId: 'withdrawn', incident: { ref: 'withdrawn' } };
    const withdrawal = cloudEvent('org.conflictledger.report-withdrawn.v1', { ...named, reason: 'a mistake' });
    await produce([withdrawal], system.brokers);
    await produce([report({ ref: 'withdrawn', reportId: 'withdrawn', revision: 9 })], system.brokers);
    await ingested();
    const recorded = (await eventsOf(system.pool)).filter(({ reportId }) => reportId === 'withdrawn');
    expect(recorded.map(({ type, leaf }) => [type, leaf.data['disposition'], leaf.streamVersion])).toEqual([
      ['ReportWithdrawn', undefined, 1],
      ['ReportRecorded', 'LATE_REVISION', 2],
    ]);
    expect(JSON.stringify(recorded)).not.toContain('a mistake');
  }, 60_000);

  it('under one incident: a revision or a withdrawal that names another one is rejected', async () => {
    const reportId = 'homely';
    const withdrawal = (id: string, ref: string, of = reportId) =>
      cloudEvent('org.conflictledger.report-withdrawn.v1', { reportId: of, incident: { ref }, reason: 'x' }, { id });
    await produce(
      [
        { ...report({ id: 'at-home', reportId, ref: 'home' }), partition: 0 },
        { ...report({ id: 'moved-at-once', reportId, ref: 'elsewhere', revision: 2 }), partition: 0 },
      ],
      system.brokers,
    );
    await ingested();
    await produce(
      [
        { ...report({ id: 'moved-later', reportId, ref: 'elsewhere', revision: 3 }), partition: 1 },
        { ...withdrawal('not-there', 'elsewhere'), partition: 1 },
        { ...report({ id: 'stayed', reportId, ref: 'home', revision: 2 }), partition: 1 },
        { ...withdrawal('early', 'home', 'unheard'), partition: 1 },
        { ...report({ id: 'unheard-elsewhere', reportId: 'unheard', ref: 'elsewhere' }), partition: 1 },
        { ...withdrawal('there', 'home'), partition: 1 },
      ],
      system.brokers,
    );
    await ingested();
    const recorded = (await eventsOf(system.pool)).filter((one) => one.reportId === reportId);
    expect(recorded.map(({ leaf }) => leaf.source?.ceId)).toEqual(['at-home', 'stayed', 'there']);
    const moved = ['moved-at-once', 'moved-later', 'not-there', 'unheard-elsewhere'];
    const codes = (await rejectionCodes(system.pool)).filter(({ ceId }) => moved.includes(ceId));
    expect(codes.map(({ code, ceId }) => [ceId, code])).toEqual(moved.map((id) => [id, 'INCIDENT_CHANGED']));
    const { rows } = await system.pool.query<{ problems: unknown }>(
      "SELECT problems FROM ledger.rejection WHERE ce_id = 'moved-later'",
    );
    expect(rows[0]?.problems).toMatchObject([{ pointer: '/incident', code: 'INCIDENT_CHANGED' }]);
    // The same report id of another publisher is another report.
    const other = cloudEvent('org.conflictledger.report.v1', reportData({ reportId, ref: 'elsewhere' }), {
      id: 'other',
      source: 'https://other.example',
    });
    await produce([other], system.brokers);
    await ingested();
    expect((await eventsOf(system.pool)).at(-1)?.leaf.source?.ceId).toBe('other');
  }, 60_000);

  it('and under one incident also when two partitions bring it under two at the same time', async () => {
    const both = Array.from({ length: 200 }, (_, i) =>
      [0, 1].map((partition) => ({
        ...report({ id: `race-${i}-${partition}`, reportId: `race-${i}`, ref: `race-${i}-${partition}` }),
        partition,
      })),
    );
    await produce(both.flat(), system.brokers);
    await ingested();
    const recorded = (await recordedReports(system.pool)).filter((id) => id.startsWith('race-'));
    expect(recorded).toEqual(Array.from({ length: 200 }, (_, i) => `race-${i}`).toSorted());
    const refused = (await rejectionCodes(system.pool)).filter(({ ceId }) => ceId.startsWith('race-'));
    expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 200 }, () => 'INCIDENT_CHANGED'));
  }, 60_000);

  it('by two processes of one group that come, go and are killed while reports stream in', async () => {
    const total = 3000;
    const sending = (async () => {
      for (let sent = 0; sent < total; sent += 100) {
        await produce(
          Array.from({ length: 100 }, (_, i) =>
            report({ id: `two-${sent + i}`, reportId: `two-${sent + i}`, ref: `two-${(sent + i) % 40}` }),
          ),
          system.brokers,
        );
      }
    })();
    const second = await system.start('ingest');
    await second.waitReady(60_000);
    await system.app('ingest').kill('SIGKILL');
    const third = await system.start('ingest');
    await third.waitReady(60_000);
    expect(await third.stop()).toBe(0);
    await sending;
    await ingested();
    const recorded = (await recordedReports(system.pool)).filter((id) => id.startsWith('two-'));
    expect(recorded).toHaveLength(total);
    expect(new Set(recorded).size).toBe(total);
  }, 180_000);
});
