import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isConsistent, leafHash, parsePolicy, parseProof, rootOf, verifyProof } from '#app/transparency';
import { publishSamples, sampleFiles } from '../../infra/local/samples.js';
import { EventFollower } from '../support/event-follower.js';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { runFolder } from '../support/run-folder.js';
import { checkServedTree, stated } from '../support/served-tree.js';
import { startSystem, type TestSystem } from '../support/system.js';

const WIDTH = 256;
/** More than one tile holds. */
const FURTHER = 300;

describe('what an auditor gets over HTTP', () => {
  let system: TestSystem;
  let earlier: string;
  const url = (name: string): string => `${system.app('audit-api').url}${name}`;
  const ask = (name: string): Promise<Response> => fetch(url(name));
  const text = async (name: string): Promise<string> => {
    const answer = await ask(name);
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${body}`);
    return body;
  };
  const leaves = async (): Promise<Buffer[]> =>
    (await text('/v1/events?format=ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => Buffer.from(line));

  async function ingested(): Promise<number> {
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    return (await leaves()).length;
  }
  /** The checkpoint that covers so many events. */
  const covering = (size: number): Promise<string> =>
    eventually(`${size} events are under a checkpoint`, async () => {
      const answer = await ask('/log/checkpoint');
      const note = await answer.text();
      return answer.status === 200 && stated(note).size >= size ? note : null;
    });

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'notary', 'audit-api'] });
    await publishSamples(sampleFiles(), { ...process.env, ...system.env });
    earlier = await covering(await ingested());
    await produce(
      Array.from({ length: FURTHER }, (_, i) => report({ id: `p-${i}`, reportId: `p-${i}`, ref: `p-${i % 40}` })),
      system.brokers,
    );
    await covering(await ingested());
  }, 120_000);
  afterAll(() => system?.stop(), 60_000);

  it('proves every event of the sample scenario, and all that followed, offline', async () => {
    const policy = parsePolicy(await text('/log/policy'));
    const expected = await leaves();
    expect(expected.length).toBeGreaterThan(FURTHER + 20);
    for (const [position, leaf] of expected.entries()) {
      const proved = verifyProof(parseProof(await text(`/v1/events/${position}/proof`)), policy);
      expect([position, proved.index, proved.leaf.equals(leaf)]).toEqual([position, position, true]);
    }
  });

  it('gives out the files of a log, whole to a checker that knows the specification alone', async () => {
    const folder = mkdtempSync(path.join(runFolder(), 'mirror-'));
    const note = await text('/log/checkpoint');
    writeFileSync(path.join(folder, 'checkpoint'), note);
    const { size } = stated(note);
    const names: string[] = [];
    for (let level = 0, width = size; width > 0; level += 1, width = Math.floor(width / WIDTH)) {
      for (let index = 0; index * WIDTH < width; index += 1) {
        const held = Math.min(WIDTH, width - index * WIDTH);
        const name = `${String(index).padStart(3, '0')}${held < WIDTH ? `.p/${held}` : ''}`;
        names.push(`tile/${level}/${name}`, ...(level === 0 ? [`tile/entries/${name}`] : []));
      }
    }
    for (const name of names) {
      const answer = await ask(`/log/${name}`);
      expect([name, answer.status, answer.headers.get('cache-control')]).toEqual([
        name,
        200,
        'public, max-age=31536000, immutable',
      ]);
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), Buffer.from(await answer.arrayBuffer()));
    }
    expect(checkServedTree(folder, await leaves())).toEqual({ size, note });
  });

  it('shows that the log only grew since a checkpoint that was kept', async () => {
    const kept = stated(earlier);
    const answer = JSON.parse(await text(`/v1/consistency?from=${kept.size}`)) as {
      to: { size: number; root: string };
      hashes: string[];
      checkpoint: string;
    };
    const now = stated(answer.checkpoint);
    const hashes = answer.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const headOf = ({ size, root }: { size: number; root: string }) => ({ size, root: Buffer.from(root, 'base64') });
    expect(isConsistent(headOf(kept), headOf(now), hashes)).toBe(true);
    expect(rootOf((await leaves()).slice(0, kept.size).map(leafHash)).toString('base64')).toBe(kept.root);
    expect(isConsistent({ ...headOf(kept), root: Buffer.alloc(32) }, headOf(now), hashes)).toBe(false);
  });

  it('is patient while no notary signs, and has the proof when one does again', async () => {
    await system.app('notary').kill();
    const { size } = stated(await text('/log/checkpoint'));
    await produce([report({ id: 'late', reportId: 'late', ref: 'late' })], system.brokers);
    const position = (await ingested()) - 1;
    expect(position).toBe(size);
    const pending = await ask(`/v1/events/${position}/proof`);
    expect([pending.status, pending.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await pending.json()).toMatchObject({ code: 'CHECKPOINT_PENDING' });
    expect((await ask(`/v1/events/${position - 1}/proof`)).status).toBe(200);
    await system.start('notary');
    await covering(position + 1);
    const policy = parsePolicy(await text('/log/policy'));
    expect(verifyProof(parseProof(await text(`/v1/events/${position}/proof`)), policy).index).toBe(position);
  });

  it('tells those who follow it every leaf once, though the server is killed and comes back', async () => {
    const port = new URL(url('/')).port;
    const follower = new EventFollower(url('/v1/events?format=sse'));
    const first = follower.connect().catch(() => undefined);
    await eventually('it follows', () => follower.events.length > 10);
    await system.app('audit-api').kill();
    await first;
    await produce([report({ id: 'later', reportId: 'later', ref: 'later' })], system.brokers);
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    await (await system.start('audit-api', { HTTP_PORT: port })).waitReady();
    const expected = (await leaves()).map(String);
    const second = follower.connect();
    await eventually('all is told', () => follower.events.length >= expected.length);
    follower.cut();
    await second;
    expect(follower.events.map(({ data }) => data)).toEqual(expected);
    expect(follower.events.map(({ id }) => id)).toEqual(expected.map((_, position) => position));
  });

  it('keeps what was published readable when the database is changed, and says at which position it differs', async () => {
    const position = 3;
    const published = readFileSync(path.join(system.env['LEDGER_TILES_DIR'] ?? '', 'checkpoint'), 'utf8');
    await system.pool.query('ALTER TABLE ledger.event DISABLE TRIGGER append_only');
    await system.pool.query(`UPDATE ledger.event SET leaf = replace(leaf, '"v":1', '"v":2') WHERE position = $1`, [
      position,
    ]);
    const answer = await ask(`/v1/events/${position}/proof`);
    expect([answer.status, await answer.json()]).toMatchObject([
      500,
      { code: 'LEAF_DIFFERS', position, checkpoint: published },
    ]);
    expect((await ask(`/v1/events/${position + 1}/proof`)).status).toBe(200);
  });
});
