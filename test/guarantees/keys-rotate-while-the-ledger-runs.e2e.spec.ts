import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeMasterKey, incidentIdOf, MasterKey, openSealedOf, type PersonalDataErasedData } from '#app/log';
import { createPool, repositoryRoot } from '#app/runtime';
import { eventually } from '../support/eventually.js';
import { eventsOf, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { decision, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { startSystem, type TestSystem } from '../support/system.js';

interface Sealed {
  eventId: string;
  sd: Record<string, string>;
}

describe('keys are replaced while reports, erasures and readers go on', () => {
  let system: TestSystem;
  let sent = 0;
  let erased = 0;
  const file = (): string => system.env['LEDGER_MASTER_KEY_FILE'] ?? '';
  const linesOf = (name: string): string[] => readFileSync(name, 'utf8').trim().split('\n');
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'projector', 'query-api'] });
  }, 90_000);
  afterAll(() => system?.stop(), 60_000);

  /** Reports of one witness, each with values under its own key and one under the key of a person. */
  async function send(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      sent += 1;
      const confidential = { victims: [{ subjectRef: `person-${sent % 50}`, name: `name ${sent % 50}` }] };
      const source = { name: 'A witness', kind: 'WITNESS' };
      const data = { summary: `summary ${sent}`, source, confidential };
      return report({ id: `m-${sent}`, reportId: `r-${sent}`, ref: `incident-${sent}`, data });
    });
    await produce(messages, system.brokers);
  }

  /** Reports and erasures without a pause until it is told to stop. */
  function keepGoing(): { stop: () => Promise<void> } {
    const stopping = new AbortController();
    const goOn = async (): Promise<void> => {
      await send(60);
      // One that is recorded already: the topics are read beside each other.
      erased += 1;
      const gone = { reportId: `r-${erased}`, source: PUBLISHER, paths: ['/summary'], authority: 'a request' };
      await produce([decision({ kind: 'ERASE', ...gone })], system.brokers);
      await sleep(100);
      if (!stopping.signal.aborted) await goOn();
    };
    const done = goOn();
    return {
      stop: async () => {
        stopping.abort();
        await done;
        await ingested();
      },
    };
  }

  async function reports(): Promise<(Sealed & { source: string })[]> {
    const { rows } = await system.pool.query<{ leaf: string }>(
      "SELECT leaf FROM ledger.event WHERE type = 'ReportRecorded' ORDER BY position",
    );
    return rows.map(({ leaf }) => {
      const { id, sd, data } = JSON.parse(leaf) as Sealed & {
        id: string;
        data: { report: { source: { name: string } } };
      };
      return { eventId: id, sd, source: data.report.source.name };
    });
  }

  /** What the log says was erased, as `<event id> <pointer>`. */
  async function erasedByTheLog(): Promise<Set<string>> {
    const events = await eventsOf(system.pool);
    const erasures = events.filter(({ type }) => type === 'PersonalDataErased');
    const sets = erasures.flatMap(({ leaf }) => (leaf.data as unknown as PersonalDataErasedData).erased);
    const lost = sets.flatMap(({ pointers, positions }) =>
      positions
        .flatMap(([from, to]) => events.slice(from, to + 1))
        .flatMap(({ leaf }) => pointers.map((pointer) => `${leaf.id} ${pointer}`)),
    );
    return new Set(lost);
  }

  /** Every committed value opens with this key and is what the leaf says, but exactly those that were erased. */
  async function expectAllReadable(masterKey: MasterKey): Promise<void> {
    const gone = await erasedByTheLog();
    expect(gone.size).toBeGreaterThan(0);
    const events = await reports();
    const opened = await openSealedOf(system.pool, masterKey, events);
    for (const { eventId, sd } of events) {
      const [readable, lost] = [opened.get(eventId)?.values ?? new Map(), opened.get(eventId)?.erased];
      const expected = Object.keys(sd).filter((pointer) => gone.has(`${eventId} ${pointer}`));
      expect({ eventId, lost }).toEqual({ eventId, lost: expected.toSorted() });
      expect(readable.size).toBe(Object.keys(sd).length - expected.length);
    }
  }

  /** Connections of `ledger keys` of which this is so. */
  async function commands(condition: string): Promise<number> {
    const { rowCount } = await system.pool.query(
      `SELECT FROM pg_stat_activity
        WHERE application_name = 'ledger-cli-keys' AND datname = current_database() AND ${condition}`,
    );
    return rowCount ?? 0;
  }

  async function summaryOverHttp(n: number): Promise<string | null> {
    const answer = await fetch(
      `${system.app('query-api').url}/v1/incidents/${incidentIdOf(PUBLISHER, `incident-${n}`)}`,
    );
    const body = (await answer.json()) as { sources: { opened: { summary: string | null } }[] };
    return body.sources[0]?.opened.summary ?? null;
  }

  it('the master key: killed half-way, run again, and nothing is lost, refused or back', async () => {
    await send(4000);
    await ingested();
    const old = readFileSync(file());
    const under = keepGoing();
    const pids = ['ingest', 'query-api'].map((name) => system.app(name as 'ingest').pid);
    // Whoever holds a key in the middle stops the command there: some keys are wrapped again, the others are not.
    const holder = await system.pool.connect();
    await holder.query('BEGIN');
    await holder.query(
      'SELECT FROM vault.key WHERE key_id = (SELECT key_id FROM vault.key ORDER BY key_id OFFSET 2100 LIMIT 1) FOR UPDATE',
    );
    const program = path.join(repositoryRoot(), 'apps', 'cli', 'bin', 'ledger.js');
    const doomed = spawn(process.execPath, [program, 'keys', 'rotate', 'master'], {
      env: { ...process.env, ...system.env },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => doomed.once('close', resolve));
    await eventually('it waits for that key', async () => (await commands("wait_event_type = 'Lock'")) > 0);
    doomed.kill('SIGKILL');
    await ended;
    await holder.query('ROLLBACK');
    holder.release();
    await eventually('its connections are gone', async () => (await commands('true')) === 0);
    expect(linesOf(file())).toHaveLength(2);
    await send(200);

    const again = await ledger(['keys', 'rotate', 'master', '--json'], system.env);
    expect({ code: again.code, stderr: again.stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
    const told = JSON.parse(again.stdout) as { keys: number; rewrapped: number; unreadable: number; dropped: number };
    expect(told).toMatchObject({ unreadable: 0, dropped: 1 });
    // Something was left for the second run, and something the first had done.
    expect(told.rewrapped).toBeGreaterThan(0);
    expect(told.rewrapped).toBeLessThan(told.keys);
    await send(200);
    await under.stop();

    expect(linesOf(file())).toHaveLength(1);
    await expectAllReadable(MasterKey.fromFile(file()));
    const oldFile = `${file()}.old`;
    writeFileSync(oldFile, old, { mode: 0o600 });
    const [first] = await reports();
    expect(first).toBeDefined();
    await expect(openSealedOf(system.pool, MasterKey.fromFile(oldFile), [first as Sealed])).rejects.toThrow(
      'not wrapped',
    );
    // Neither was started again, and both go on.
    expect(['ingest', 'query-api'].map((name) => system.app(name as 'ingest').pid)).toEqual(pids);
    expect(await rejectionCodes(system.pool)).toEqual([]);
    await eventually('the newest summary is read', async () => (await summaryOverHttp(sent)) === `summary ${sent}`);
    expect(await summaryOverHttp(3900)).toBe('summary 3900');
  }, 180_000);

  it('a machine whose file does not have the new key yet waits for it, and refuses nothing', async () => {
    const elsewhere = `${file()}.elsewhere`;
    copyFileSync(file(), elsewhere);
    await system.app('ingest').stop();
    const ingest = await system.start('ingest', { LEDGER_MASTER_KEY_FILE: elsewhere });
    await ingest.waitReady();
    await send(10);
    await ingested();
    const done = await ledger(['keys', 'rotate', 'master'], system.env);
    expect(done.code).toBe(0);
    await send(10);
    await eventually('ingest says what it waits for', () =>
      ingest.logs().includes('was not wrapped by a master key in'),
    );
    expect((await reports()).length).toBeLessThan(sent);
    copyFileSync(file(), elsewhere);
    await ingested();
    expect(await reports()).toHaveLength(sent);
    expect(await rejectionCodes(system.pool)).toEqual([]);
    await expectAllReadable(MasterKey.fromFile(file()));
  }, 120_000);

  it('--prepare changes the file only, a second one is refused, and the first run takes the prepared key', async () => {
    const [before] = linesOf(file());
    expect((await ledger(['keys', 'rotate', 'master', '--prepare'], system.env)).code).toBe(0);
    const prepared = linesOf(file());
    expect(prepared[1]).toBe(before);
    const refused = await ledger(['keys', 'rotate', 'master', '--prepare'], system.env);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('2 keys already') as unknown });
    // Nothing is wrapped by it: a process that knows the old one alone opens everything.
    const onlyOld = `${file()}.only-old`;
    writeFileSync(onlyOld, `${before}\n`, { mode: 0o600 });
    await send(5);
    await eventually('they are recorded', async () => (await reports()).length === sent);
    await expectAllReadable(MasterKey.fromFile(onlyOld));
    expect((await ledger(['keys', 'rotate', 'master', '--keep-old'], system.env)).code).toBe(0);
    expect(linesOf(file())).toEqual(prepared);
    expect((await ledger(['keys', 'rotate', 'master'], system.env)).code).toBe(0);
    expect(linesOf(file())).toEqual([prepared[0]]);
    copyFileSync(file(), `${file()}.elsewhere`);
    await expectAllReadable(MasterKey.fromFile(file()));
  }, 120_000);

  it('a key of another vault is not rotated, nor two rotations at once', async () => {
    const foreign = `${file()}.foreign`;
    writeFileSync(foreign, `${Buffer.alloc(32, 9).toString('base64')}\n`, { mode: 0o600 });
    const env = { ...system.env, LEDGER_MASTER_KEY_FILE: foreign };
    for (const args of [['master'], ['master', '--prepare'], ['pseudonym', '--irrevocably']]) {
      const refused = await ledger(['keys', 'rotate', ...args], env);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was not wrapped by') as unknown });
    }
    expect(linesOf(foreign)).toHaveLength(1);
    // As the command would: ledger_keys has the right, and waits for whoever holds the secrets.
    const keys = createPool(system.database.url, { role: 'ledger_keys', max: 1 });
    const holder = await system.pool.connect();
    await holder.query("SELECT pg_advisory_lock(hashtext('ledger.keys.rotate'))");
    try {
      const refused = await ledger(['keys', 'rotate', 'master'], system.env);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('at work') as unknown });
      expect(await changeMasterKey(keys, MasterKey.fromFile(file()))).toBe(false);
    } finally {
      await holder.query("SELECT pg_advisory_unlock(hashtext('ledger.keys.rotate'))");
      holder.release();
      await keys.end();
    }
  }, 60_000);

  it('the key of the pseudonyms: from one position on the same name has another one, whatever is under way', async () => {
    const pseudonyms = async (): Promise<string[]> => (await reports()).map(({ source }) => source);
    const [before] = await pseudonyms();
    expect(before).toMatch(/^pseudonym:/);
    expect((await ledger(['keys', 'rotate', 'pseudonym'], system.env)).code).toBe(2);
    const under = keepGoing();
    await sleep(500);
    const rotated = await ledger(['keys', 'rotate', 'pseudonym', '--irrevocably'], system.env);
    expect(rotated.code).toBe(0);
    const recorded = (await reports()).length;
    await under.stop();
    await send(20);
    await ingested();
    const all = await pseudonyms();
    const [, after, ...others] = [...new Set(all)];
    expect(others).toEqual([]);
    const change = all.indexOf(after ?? '');
    expect(change).toBeGreaterThan(0);
    expect(change).toBeLessThanOrEqual(recorded);
    expect(new Set(all.slice(change))).toEqual(new Set([after]));
    expect(await rejectionCodes(system.pool)).toEqual([]);
    await expectAllReadable(MasterKey.fromFile(file()));
  }, 120_000);

  it('what a backup of the vault brings back is erased again, and nothing else', async () => {
    await system.pool.query('CREATE TABLE backup AS SELECT * FROM vault.key');
    const gone = { reportId: `r-${sent}`, source: PUBLISHER, paths: ['/confidential'], authority: 'a request' };
    await produce([decision({ kind: 'ERASE', ...gone })], system.brokers);
    await ingested();
    await expectAllReadable(MasterKey.fromFile(file()));
    await system.pool.query('INSERT INTO vault.key SELECT * FROM backup ON CONFLICT DO NOTHING');
    await expect(expectAllReadable(MasterKey.fromFile(file()))).rejects.toThrow('toEqual');
    const done = await ledger(['keys', 'erase-again', '--json'], system.env);
    expect(done).toMatchObject({ code: 0 });
    // One person, in the reports of all who named it.
    expect((JSON.parse(done.stdout) as { events: number }).events).toBeGreaterThan(10);
    await expectAllReadable(MasterKey.fromFile(file()));
  }, 60_000);
});
