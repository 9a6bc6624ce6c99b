import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  decodeBundle,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  isConsistent,
  leafHash,
  NoteSigner,
  parsePolicy,
  parseProof,
  parseVerifierKey,
  rootOf,
  verifyProof,
} from '#app/transparency';
import { startAuditApi, type TestAuditApi } from '../../../../test/support/audit-api.js';
import { LOG_OPTIONS, startLog, type TestLog } from '../../../../test/support/log.js';
import { recordEvents, testNotary, type TestNotary, tilesFolder } from '../../../../test/support/notary.js';
import { asOwner, changeLeaf, removeEvent } from '../../../../test/support/owner.js';
import { leavesOf } from '../../../../test/support/served-tree.js';
import type { Json } from '../../../../test/support/query-api.js';

jest.setTimeout(120_000);

const FOREVER = 'public, max-age=31536000, immutable';
/** Sizes at which a checkpoint was published. */
const SIZES = [300, 520] as const;
const [EARLIER, SIZE] = SIZES;
/** Recorded after the last checkpoint. */
const UNCOVERED = 3;

let log: TestLog;
let folder: string;
let notary: TestNotary;
let api: TestAuditApi;
let leaves: Buffer[];
let earlier: string;

beforeAll(async () => {
  log = await startLog();
  folder = tilesFolder();
  notary = testNotary({ url: log.url, folder });
  api = await startAuditApi({ url: log.url, tiles: folder });
});
afterAll(async () => {
  await api?.close();
  await notary?.close();
  await log?.close();
});

const refusal = async (url: string): Promise<[number, string]> => {
  const answer = await api.get(url);
  return [answer.statusCode, answer.json<{ code: string }>().code];
};
const hash = (text: string): Buffer => Buffer.from(text, 'base64');
const headOf = (size: number): { size: number; root: Buffer } => ({
  size,
  root: rootOf(leaves.slice(0, size).map(leafHash)),
});
const tilesHealth = async (): Promise<Json> => {
  const answer = await api.get('/health/ready');
  return { ready: answer.statusCode, ...answer.json().checks.tiles };
};

/** Status of a GET whose path is sent as it is. */
const statusOf = (port: number, raw: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: raw }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('before anything is published', () => {
  it('there is nothing to get, what is recorded is pending, and the rest is served', async () => {
    for (const url of ['/log/checkpoint', '/log/key', '/log/policy', '/log/tile/0/000', '/log/tile/0/000.p/1']) {
      expect([url, await refusal(url)]).toEqual([url, [404, 'NOT_FOUND']]);
    }
    expect(await refusal('/v1/events/0/proof')).toEqual([503, 'CHECKPOINT_PENDING']);
    expect(await refusal('/v1/consistency?from=1')).toEqual([503, 'CHECKPOINT_PENDING']);
    expect((await api.json('/v1/events/0')).proof).toBe('/v1/events/0/proof');
    expect(await tilesHealth()).toEqual({ ready: 200, status: 'up', size: null });
  });
});

describe('a published log', () => {
  beforeAll(async () => {
    const { rows } = await log.owner.query<{ size: number }>('SELECT next_position::int AS size FROM ledger.head');
    const begun = rows[0]?.size ?? 0;
    await recordEvents(log, EARLIER - begun);
    await notary.publishAll();
    earlier = readFileSync(path.join(folder, 'checkpoint'), 'utf8');
    await recordEvents(log, SIZE - EARLIER);
    await notary.publishAll();
    await recordEvents(log, UNCOVERED);
    leaves = await leavesOf(log.owner);
    expect(leaves).toHaveLength(SIZE + UNCOVERED);
  });

  it('has a checkpoint that is the file, cached for a moment', async () => {
    const note = readFileSync(path.join(folder, 'checkpoint'), 'utf8');
    const answer = await api.get('/log/checkpoint');
    expect([answer.statusCode, answer.body]).toEqual([200, note]);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=1',
      'access-control-allow-origin': '*',
    });
    const again = await api.get('/log/checkpoint', { 'if-none-match': String(answer.headers.etag) });
    expect([again.statusCode, again.body, again.headers['cache-control']]).toEqual([304, '', 'public, max-age=1']);
    const head = await api.app.inject({ method: 'HEAD', url: '/log/checkpoint' });
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      String(Buffer.byteLength(note)),
    ]);
  });

  it('has the tiles that its size needs, byte for byte, to be kept for ever', async () => {
    for (const name of [
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/8',
      'tile/1/000.p/2',
      'tile/entries/001',
      'tile/entries/002.p/8',
    ]) {
      const { statusCode, headers, rawPayload } = await api.get(`/log/${name}`);
      expect([name, statusCode]).toEqual([name, 200]);
      expect(rawPayload.equals(readFileSync(path.join(folder, name)))).toBe(true);
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'cache-control': FOREVER,
        'access-control-allow-origin': '*',
      });
      expect(headers['content-encoding']).toBeUndefined();
      const head = await api.app.inject({ method: 'HEAD', url: `/log/${name}` });
      expect([head.statusCode, head.rawPayload.length, head.headers['content-length']]).toEqual([
        200,
        0,
        String(rawPayload.length),
      ]);
    }
  });

  it('sends bundles compressed to whom it suits, and hashes never', async () => {
    const packed = await api.get('/log/tile/entries/000', { 'accept-encoding': 'br, gzip' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(packed.rawPayload.length).toBeLessThan(gunzipSync(packed.rawPayload).length / 2);
    expect(decodeBundle(gunzipSync(packed.rawPayload), 256)).toEqual(leaves.slice(0, 256));
    const hashes = await api.get('/log/tile/0/000', { 'accept-encoding': 'gzip' });
    expect([hashes.headers['content-encoding'], hashes.rawPayload.length]).toEqual([undefined, 8192]);
  });

  it.each([
    '0/003',
    '0/000.p/256',
    '0/000.p/0',
    '0/002.p/08',
    '0/002.p/9',
    '0/002',
    '1/000',
    '2/000',
    '00/000',
    '64/000',
    '-1/000',
    '0/0',
    '0/x000/000',
    '0/x000/x001/000',
    'entries/002',
    'entries/000.p',
    'entries/000/',
    'Entries/000',
    '0/000%2ep/1',
    '0%2f000',
    '..%2fcheckpoint',
    '..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
    '0/000%00',
    '.checkpoint.tmp',
  ])('has nothing at tile/%s', async (name) => {
    const answer = await api.get(`/log/tile/${name}`);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'NOT_FOUND']);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  it('lets no dots lead out of it, by a client that does not resolve them either', async () => {
    await api.app.listen(0, '127.0.0.1');
    const { port } = new URL(await api.app.getUrl());
    for (const name of [
      '../checkpoint',
      '../../../../../../../../etc/passwd',
      '0/../../checkpoint',
      '%2e%2e/checkpoint',
    ]) {
      expect([name, await statusOf(Number(port), `/log/tile/${name}`)]).toEqual([name, 404]);
    }
  });

  it('answers 404 to all for a partial tile that went when its full one came, as the fallback to it expects', async () => {
    expect((await api.get('/log/tile/0/001.p/44')).statusCode).toBe(404);
    expect((await api.get('/log/tile/0/001')).statusCode).toBe(200);
    expect((await api.get('/log/tile/0/001.p/44')).headers['access-control-allow-origin']).toBe('*');
  });

  it('gives out nothing beyond the published checkpoint: it may never be signed', async () => {
    const ahead = path.join(folder, 'tile/0/002.p/11');
    writeFileSync(ahead, Buffer.alloc(11 * 32));
    expect((await api.get('/log/tile/0/002.p/11')).statusCode).toBe(404);
    rmSync(ahead);
  });

  it('refuses parameters, and lets any page read that', async () => {
    const answer = await api.get('/log/tile/0/000?x=1');
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'UNKNOWN_PARAMETER']);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  it('names its key and its policy', async () => {
    const key = await api.get('/log/key');
    expect(key.body.trim().split('\n').map(parseVerifierKey)).toEqual(notary.parts.signer.verifiers);
    const policy = await api.get('/log/policy');
    expect(parsePolicy(policy.body)).toMatchObject({ quorum: 'none', logs: [{ key: { name: LOG_OPTIONS.origin } }] });
    for (const { headers } of [key, policy]) {
      expect(headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'access-control-allow-origin': '*',
      });
    }
  });

  it('is proved event by event, under the policy that is served', async () => {
    const policy = parsePolicy((await api.get('/log/policy')).body);
    for (const [position, leaf] of leaves.slice(0, SIZE).entries()) {
      const answer = await api.get(`/v1/events/${position}/proof`);
      const proved = verifyProof(parseProof(answer.body), policy);
      expect([position, proved.index, proved.checkpoint.size]).toEqual([position, position, SIZE]);
      expect(proved.leaf.equals(leaf)).toBe(true);
    }
    const { headers } = await api.get('/v1/events/7/proof');
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'attachment; filename="event-7.tlog-proof"',
    });
    const again = await api.get('/v1/events/7/proof', { 'if-none-match': String(headers.etag) });
    expect(again.statusCode).toBe(304);
  });

  it('asks for patience where the checkpoint has not come yet, and knows where the log ends', async () => {
    const pending = await api.get(`/v1/events/${SIZE}/proof`);
    expect([pending.statusCode, pending.json().code, pending.headers['retry-after']]).toEqual([
      503,
      'CHECKPOINT_PENDING',
      '2',
    ]);
    expect(await refusal(`/v1/events/${SIZE + UNCOVERED}/proof`)).toEqual([404, 'EVENT_NOT_FOUND']);
    expect(await refusal('/v1/events/x/proof')).toEqual([400, 'INVALID_PARAMETER']);
    expect(await refusal(`/v1/consistency?from=1&to=${SIZE + 1}`)).toEqual([503, 'CHECKPOINT_PENDING']);
    expect(await refusal(`/v1/consistency?from=${SIZE + UNCOVERED + 1}`)).toEqual([422, 'AS_OF_OUT_OF_RANGE']);
    expect(await refusal('/v1/consistency?from=2&to=1')).toEqual([400, 'INVALID_PARAMETER']);
    expect(await refusal('/v1/consistency')).toEqual([400, 'INVALID_PARAMETER']);
  });

  it('is shown to be the continuation of every size before it', async () => {
    const sizes = [0, 1, 2, 255, 256, 257, EARLIER, 511, 512, SIZE];
    for (const from of sizes) {
      for (const to of sizes.filter((size) => size >= from)) {
        const answer = await api.json(`/v1/consistency?from=${from}&to=${to}`);
        expect([answer.from.size, answer.to.size]).toEqual([from, to]);
        expect([hash(answer.from.root), hash(answer.to.root)]).toEqual([headOf(from).root, headOf(to).root]);
        expect(isConsistent(headOf(from), headOf(to), answer.hashes.map(hash))).toBe(true);
        const published: Record<number, string> = {
          [EARLIER]: earlier,
          [SIZE]: (await api.get('/log/checkpoint')).body,
        };
        expect(answer.checkpoint).toBe(published[to] ?? null);
      }
    }
    expect((await api.json(`/v1/consistency?from=${EARLIER}`)).to.size).toBe(SIZE);
  });

  it('says how it does', async () => expect(await tilesHealth()).toEqual({ ready: 200, status: 'up', size: SIZE }));
});

describe('damaged files', () => {
  let kept: string;
  beforeAll(() => {
    kept = tilesFolder();
    cpSync(folder, kept, { recursive: true });
  });
  const restore = (): void => {
    rmSync(folder, { recursive: true });
    cpSync(kept, folder, { recursive: true });
  };
  const damage = (name: string, change: (bytes: Buffer) => Buffer): void =>
    writeFileSync(path.join(folder, name), change(readFileSync(path.join(folder, name))));

  it.each<[string, () => void]>([
    ['a bit of a tile is turned', () => damage('tile/0/000', (bytes) => bytes.fill(~(bytes[0] ?? 0), 0, 1))],
    ['a tile is cut off', () => damage('tile/0/000', (bytes) => bytes.subarray(0, 100))],
    ['a tile is gone', () => rmSync(path.join(folder, 'tile/0/000'))],
    [
      'two tiles are exchanged',
      () => {
        renameSync(path.join(folder, 'tile/0/000'), path.join(folder, 'x'));
        renameSync(path.join(folder, 'tile/0/001'), path.join(folder, 'tile/0/000'));
        renameSync(path.join(folder, 'x'), path.join(folder, 'tile/0/001'));
      },
    ],
    [
      'the checkpoint is of somebody else',
      () => {
        const forger = NoteSigner.generate(LOG_OPTIONS.origin, 'LOG');
        const text = formatCheckpoint({ origin: LOG_OPTIONS.origin, ...headOf(SIZE) });
        damage('checkpoint', () => Buffer.from(formatNote({ text, signatures: [forger.sign(text, new Date())] })));
      },
    ],
    ['the checkpoint is no checkpoint', () => damage('checkpoint', () => Buffer.from('nothing'))],
  ])('give no proof where %s, and the rest is served', async (_what, change) => {
    change();
    expect(await refusal('/v1/events/7/proof')).toEqual([500, 'TILES_DAMAGED']);
    expect(await refusal('/v1/consistency?from=7&to=9')).toEqual([500, 'TILES_DAMAGED']);
    expect((await api.get('/v1/events/7')).statusCode).toBe(200);
    expect((await api.get('/health/ready')).statusCode).toBe(200);
    restore();
    expect((await api.get('/v1/events/7/proof')).statusCode).toBe(200);
  });

  it('are told in the health, as far as they are at the edge', async () => {
    rmSync(path.join(folder, 'tile/0/002.p/8'));
    expect(await tilesHealth()).toEqual({
      ready: 200,
      status: 'up',
      size: null,
      code: 'TILES_DAMAGED',
      damage: 'tile/0/002.p/8 is missing',
    });
    restore();
  });

  it('are not given out to be cached for ever', async () => {
    damage('tile/0/000', (bytes) => bytes.subarray(0, 100));
    damage('tile/entries/000', (bytes) => bytes.subarray(0, 100));
    expect(await refusal('/log/tile/0/000')).toEqual([500, 'TILES_DAMAGED']);
    expect(await refusal('/log/tile/entries/000')).toEqual([500, 'TILES_DAMAGED']);
    restore();
  });
});

describe('a database that was changed', () => {
  it('gives no proof at the changed position, but says what was signed there and where it lies', async () => {
    const position = 9;
    await asOwner(log.owner, (tx) => changeLeaf(tx, position, ['EXPIRED', 'TRIMMED']));
    const answer = await api.get(`/v1/events/${position}/proof`);
    const problem = answer.json();
    expect([answer.statusCode, problem.code]).toEqual([500, 'LEAF_DIFFERS']);
    const signed = leaves[position] as Buffer;
    expect(problem).toMatchObject({
      position,
      signedLeafHash: leafHash(signed).toString('base64'),
      signedLeaf: { bundle: '/log/tile/entries/000', entry: position },
      checkpoint: readFileSync(path.join(folder, 'checkpoint'), 'utf8'),
    });
    expect(problem.databaseLeafHash).toBe((await api.json(`/v1/events/${position}`)).leafHash);
    const bundle = decodeBundle((await api.get(problem.signedLeaf.bundle)).rawPayload, 256);
    expect(bundle[problem.signedLeaf.entry]).toEqual(signed);
    expect((await api.get(`/v1/events/${position + 1}/proof`)).statusCode).toBe(200);
  });

  it('says so too where the event is gone', async () => {
    await asOwner(log.owner, (tx) => removeEvent(tx, 11));
    const problem = (await api.get('/v1/events/11/proof')).json();
    expect(problem).toMatchObject({ code: 'LEAF_DIFFERS', position: 11, databaseLeafHash: null });
  });

  it.each<[string, (forged: string, key: string) => [column: 'vkeys' | 'policy', value: string]]>([
    ['another key', (forged) => ['vkeys', forged]],
    ['one more key', (forged, key) => ['vkeys', `${key}\n${forged}\n`]],
    ['no key', () => ['vkeys', 'nothing']],
    ['a policy that trusts another key', (forged, key) => ['policy', `log ${key}\nlog ${forged}\nquorum none\n`]],
  ])('names no key that did not sign what is published: %s', async (_what, change) => {
    const { rows } = await log.owner.query<{ vkeys: string; policy: string }>(
      'SELECT vkeys, policy FROM notary.identity',
    );
    const [kept] = rows as [{ vkeys: string; policy: string }];
    const forged = formatVerifierKey(NoteSigner.generate(LOG_OPTIONS.origin, 'LOG').verifier);
    const [column, value] = change(forged, kept.vkeys.trim());
    await log.owner.query(`UPDATE notary.identity SET ${column} = $1`, [value]);
    for (const route of ['/log/key', '/log/policy']) expect(await refusal(route)).toEqual([500, 'KEY_DIFFERS']);
    expect(await tilesHealth()).toMatchObject({ ready: 200, damage: expect.stringMatching(/key/) });
    expect((await api.get('/log/checkpoint')).statusCode).toBe(200);
    await log.owner.query('UPDATE notary.identity SET vkeys = $1, policy = $2', [kept.vkeys, kept.policy]);
    expect((await api.get('/log/key')).body).toBe(kept.vkeys);
    expect(await tilesHealth()).not.toHaveProperty('damage');
  });

  it('shows a checkpoint that is not of the published log', async () => {
    const root = Buffer.alloc(32, 1);
    await asOwner(log.owner, async (tx) => {
      await tx.query('UPDATE notary.checkpoint SET root = $1 WHERE size = $2', [root, EARLIER]);
    });
    const problem = (await api.get(`/v1/consistency?from=1&to=${EARLIER}`)).json();
    expect(problem).toMatchObject({ code: 'CHECKPOINT_DIFFERS', size: EARLIER, checkpoint: earlier });
  });
});
