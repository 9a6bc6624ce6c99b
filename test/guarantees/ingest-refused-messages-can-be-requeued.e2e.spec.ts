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
      [[{ pointers: ['', '/tags/0', '/tags/1'], positions: [[position, position]] }], 2],
      [[{ pointers: ['/summary'], positions: [[position, position]] }], 3],
    ]);
    expect(await codesOf('twice')).toEqual(['NOTHING_TO_ERASE']);
    const { rows } = await system.pool.query(
      'SELECT count(*)::int AS keys FROM vault.key k JOIN ledger.sealed s USING (key_id) WHERE s.event_id = $1',
      [events[position]?.leaf.id],
    );
    expect(rows).toEqual([{ keys: 0 }]);
  }, 60_000);

  it('an erasure takes the bytes along that were refused of the same message', async () => {
    const rejection = await rejectionOf('early');
    const keys = async (): Promise<number> =>
      (await system.pool.query('SELECT FROM vault.key WHERE key_id = $1', [rejection])).rowCount ?? 0;
    expect(await keys()).toBe(1);
    const erase = { kind: 'ERASE', reportId: 'early', source: UNREADABLE, paths: [''], authority: 'a request' };
    await produce([decision(erase, 'erase-early')], system.brokers);
    await produce([decision(erase, 'erase-early-twice')], system.brokers);
    await produce([decision({ ...erase, source: 'https://nobody.example' }, 'erase-nobody')], system.brokers);
    await ingested();
    expect(await keys()).toBe(0);
    const events = await eventsOf(system.pool);
    const refused = events.findIndex(({ type, leaf }) => type === 'ReportRejected' && leaf.stream === rejection);
    const recorded = events.findIndex(({ reportId }) => reportId === 'early');
    const { leaf } = events.findLast(({ type }) => type === 'PersonalDataErased') ?? {};
    expect(leaf?.data['erased']).toEqual([
      {
        pointers: [''],
        positions: [
          [refused, refused],
          [recorded, recorded],
        ],
      },
    ]);
    expect(await codesOf('erase-early-twice')).toEqual(['NOTHING_TO_ERASE']);
    expect(await codesOf('erase-nobody')).toEqual(['DECISION_TARGET_UNKNOWN']);
  }, 60_000);

  it('an erasure of a thousand reports is one event, and of many incidents and refusals as many as it needs', async () => {
    const victim = { subjectRef: 'one person', name: 'a name' };
    const large = Array.from({ length: 1000 }, (_, i) =>
      report({ id: `large-${i}`, reportId: `large-${i}`, ref: 'large', data: { summary: 'what was seen' } }),
    );
    const scattered = Array.from({ length: 900 }, (_, i) =>
      report({ id: `scattered-${i}`, reportId: `scattered-${i}`, data: { confidential: { victims: [victim] } } }),
    );
    await produce(
      [...large, ...scattered].map((message) => ({ ...message, partition: 3 })),
      system.brokers,
    );
    await ingested();
    const authority = 'a request';
    const incident = { source: UNREADABLE, ref: 'large' };
    await produce([decision({ kind: 'ERASE', incident, paths: ['/summary'], authority }, 'large')], system.brokers);
    const person = { reportId: 'scattered-7', source: UNREADABLE, paths: ['/confidential'] };
    await produce([decision({ kind: 'ERASE', ...person, authority }, 'scattered')], system.brokers);
    await ingested();
    const erasures = (await eventsOf(system.pool)).filter(({ type }) => type === 'PersonalDataErased');
    const by = (id: string) => erasures.filter(({ leaf }) => leaf.source?.ceId === id).map(({ leaf }) => leaf);
    const erased = (leaf: { data: Record<string, unknown> }): number =>
      (leaf.data['erased'] as { positions: [number, number][] }[])
        .flatMap(({ positions }) => positions)
        .reduce((sum, [from, to]) => sum + to - from + 1, 0);
    expect(by('large').map(erased)).toEqual([1000]);
    const parts = by('scattered');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce((sum, leaf) => sum + erased(leaf), 0)).toBe(900);
    expect(parts.slice(1).map(({ causationId }) => causationId)).toEqual(parts.slice(1).map(() => parts[0]?.id));
    expect(await codesOf('large')).toEqual([]);
  }, 120_000);

  it('an erased rejection cannot be requeued', async () => {
    const rejection = await rejectionOf('too-late');
    await produce([decision({ kind: 'ERASE', rejection, authority: 'a request' })], system.brokers);
    await produce([decision({ kind: 'REQUEUE', rejection }, 'gone')], system.brokers);
    await ingested();
    expect(await codesOf('gone')).toEqual(['DECISION_ALREADY_TAKEN']);
  }, 60_000);
});
