import { produce } from '../support/kafka.js';
import { eventsOf, recordedReports, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { decision, report } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

const UNREADABLE = 'https://desk.example';

describe('stewards resolve what was refused, and every step is in the log', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const rejectionOf = async (ceId: string): Promise<string> =>
    (await rejectionCodes(system.pool)).findLast((one) => one.ceId === ceId)?.rejection ?? 'none';
  const codesOf = async (ceId: string): Promise<string[]> =>
    (await rejectionCodes(system.pool)).filter((one) => one.ceId === ceId).map(({ code }) => code);
  const restartWith = async (sources: string): Promise<void> => {
    await system.app('ingest').stop();
    const next = await system.start('ingest', { LEDGER_TOPIC_SOURCES: sources });
    await next.waitReady();
  };

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'], env: { LEDGER_TOPIC_SOURCES: 'conflict.decisions.v1=*' } });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('a requeued message is recorded with its first coordinates and its cause', async () => {
    await produce([{ ...report({ id: 'early', reportId: 'early' }), partition: 2 }], system.brokers);
    await ingested();
    expect(await codesOf('early')).toEqual(['SOURCE_NOT_ALLOWED']);
    await restartWith(`conflict.reports.v1=${UNREADABLE};conflict.decisions.v1=*`);
    await produce([decision({ kind: 'REQUEUE', rejection: await rejectionOf('early') }, 'requeue-1')], system.brokers);
    await ingested();
    expect(await recordedReports(system.pool)).toEqual(['early']);
    const events = await eventsOf(system.pool);
    const [requeued] = events.filter(({ type }) => type === 'RejectionRequeued');
    const [recorded] = events.filter(({ type }) => type === 'ReportRecorded');
    expect(recorded?.leaf.source).toMatchObject({
      topic: 'conflict.reports.v1',
      partition: 2,
      offset: 0,
      ceId: 'early',
    });
    expect(recorded?.leaf.causationId).toBe(requeued?.leaf.id);
    expect(requeued?.leaf).toMatchObject({ actor: 'steward:Steward One', streamVersion: 2 });
    expect(JSON.stringify(requeued?.leaf)).not.toContain('as the desk asked');
  }, 90_000);

  it('a rejection is resolved once: again, or under a stale view, the decision itself is rejected', async () => {
    const rejection = await rejectionOf('early');
    await produce([decision({ kind: 'DISCARD', rejection }, 'too-late')], system.brokers);
    await produce([decision({ kind: 'REQUEUE', rejection }, 'requeue-1')], system.brokers);
    await ingested();
    expect(await codesOf('too-late')).toEqual(['DECISION_ALREADY_TAKEN']);
    // The same decision delivered again is a duplicate like any other message.
    expect(await codesOf('requeue-1')).toEqual([]);
    expect((await eventsOf(system.pool)).filter(({ type }) => type === 'RejectionRequeued')).toHaveLength(1);
    expect(await recordedReports(system.pool)).toEqual(['early']);
  }, 60_000);

  it('what is refused again gets a new rejection; a discarded one stays unrecorded', async () => {
    await produce([report({ id: 'hopeless', reportId: 'hopeless', data: { nonsense: 1 } })], system.brokers);
    await ingested();
    const first = await rejectionOf('hopeless');
    await produce([decision({ kind: 'REQUEUE', rejection: first, expect: 7 }, 'stale')], system.brokers);
    await produce([decision({ kind: 'REQUEUE', rejection: first, expect: 1 })], system.brokers);
    await ingested();
    expect(await codesOf('stale')).toEqual(['DECISION_STALE']);
    expect(await codesOf('hopeless')).toEqual(['UNKNOWN_FIELD', 'UNKNOWN_FIELD']);
    const second = await rejectionOf('hopeless');
    expect(second).not.toBe(first);
    await produce([decision({ kind: 'DISCARD', rejection: second })], system.brokers);
    await ingested();
    const { rows } = await system.pool.query(
      'SELECT resolution FROM ledger.rejection_resolution WHERE rejection_id = ANY ($1::uuid[]) ORDER BY resolution',
      [[first, second]],
    );
    expect(rows).toEqual([{ resolution: 'DISCARDED' }, { resolution: 'REQUEUED' }]);
    expect(await recordedReports(system.pool)).toEqual(['early']);
  }, 60_000);

  it('an erasure deletes the keys of what it names and records what became unreadable', async () => {
    const secret = { reportId: 'secret', ref: 'secret', data: { summary: 'a witness saw it', tags: ['one', 'two'] } };
    await produce([report({ id: 'secret', ...secret })], system.brokers);
    await ingested();
    const incident = { source: UNREADABLE, ref: 'secret' };
    const authority = 'court order 7';
    await produce([decision({ kind: 'ERASE', incident, paths: ['/tags'], authority })], system.brokers);
    await produce([decision({ kind: 'ERASE', incident, paths: ['/tags'], authority }, 'twice')], system.brokers);
    await produce([decision({ kind: 'ERASE', reportId: 'secret', paths: [''], authority })], system.brokers);
    await ingested();
    const events = await eventsOf(system.pool);
    const position = events.findIndex(({ reportId }) => reportId === 'secret');
    const erased = events.filter(({ type }) => type === 'PersonalDataErased').map(({ leaf }) => leaf);
    expect(erased.map(({ data, streamVersion }) => [data['erased'], streamVersion])).toEqual([
      [[{ position, pointers: ['', '/tags/0', '/tags/1'] }], 2],
      [[{ position, pointers: ['/summary'] }], 3],
    ]);
    expect(await codesOf('twice')).toEqual(['NOTHING_TO_ERASE']);
    const { rows } = await system.pool.query(
      'SELECT count(*)::int AS keys FROM vault.key k JOIN ledger.sealed s USING (key_id) WHERE s.event_id = $1',
      [events[position]?.leaf.id],
    );
    expect(rows).toEqual([{ keys: 0 }]);
  }, 60_000);

  it('an erased rejection cannot be requeued', async () => {
    const rejection = await rejectionOf('too-late');
    await produce([decision({ kind: 'ERASE', rejection, authority: 'a request' })], system.brokers);
    await produce([decision({ kind: 'REQUEUE', rejection }, 'gone')], system.brokers);
    await ingested();
    expect(await codesOf('gone')).toEqual(['DECISION_ALREADY_TAKEN']);
  }, 60_000);
});
