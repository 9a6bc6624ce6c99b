import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  formatSignature,
  NoteSigner,
  openCheckpoint,
  parseNote,
  parseSignatures,
  verifySignature,
} from '#app/transparency';
import { forkAt, GrowingLog, history } from '../../../../test/support/growing-log.js';
import { Cosigner } from './cosigner.js';
import { lockFolder } from './folder-lock.js';
import { claimFolder, originHash, readState } from './state-folder.js';
import { WitnessLines } from './witness-lines.js';
import { type Listening, startWitness } from './witness-server.js';

const log = new GrowingLog('ledger.example/log');
const other = new GrowingLog('other.example/log');
const witness = NoteSigner.generate('witness.example/1', 'WITNESS');
const KEYS = [witness.verifier];
const ours = history(40);

let folder: string;
let written: string[] = [];
const running: Listening[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'witness-'));
  written = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

/** A witness over whatever the folder holds. */
async function start(): Promise<string> {
  const logs = [log.signer.verifier, other.signer.verifier];
  const cosigner = new Cosigner({ folder, signers: [witness], logs, state: readState(folder, KEYS) });
  const now = (): Date => new Date();
  const lines = new WitnessLines((line) => written.push(line), now);
  const listening = await startWitness({ cosigner, lines, now }, { host: '127.0.0.1', port: 0 });
  running.push(listening);
  return listening.url;
}
const stop = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((one) => one.close()));
};

interface Got {
  status: number;
  type: string | null;
  body: string;
}
async function post(url: string, body: string): Promise<Got> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}
const get = (url: string, of = log): Promise<Response> => fetch(`${url}/${originHash(of.origin)}/checkpoint`);

describe('a witness over HTTP', () => {
  it('answers a checkpoint with its cosignature, and serves it with both signatures', async () => {
    const url = await start();
    expect((await get(url)).status).toBe(404);
    const { status, type, body } = await post(url, await log.request(ours, { oldSize: 0, size: 7 }));
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    const [cosignature, ...none] = parseSignatures(body);
    expect(none).toEqual([]);
    const served = await (await get(url)).text();
    const { checkpoint, note } = openCheckpoint(served, [log.signer.verifier]);
    expect(checkpoint.size).toBe(7);
    expect(note.signatures).toContainEqual(cosignature);
    const { time } = verifySignature(witness.verifier, note.text, cosignature?.signature as Buffer) ?? {};
    expect(Math.abs((time?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await get(url, other)).status).toBe(404);
    expect(written).toEqual([expect.stringMatching(/Z cosigned ledger\.example\/log: 0 → 7 entries$/)]);
  });

  it('answers 409 with the size alone, in its own type', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 7 }));
    const conflict = await post(url, await log.request(ours, { oldSize: 0 }));
    expect(conflict).toEqual({ status: 409, type: 'text/x.tlog.size', body: '7\n' });
  });

  it('keeps both checkpoints when a log has signed two for one size', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0 }));
    const { status } = await post(url, await log.request(forkAt(3, ours), { oldSize: 40 }));
    expect(status).toBe(422);
    const kept = readFileSync(path.join(folder, originHash(log.origin), 'fork-40'), 'utf8');
    const [one, two] = kept
      .split('\nledger.example')
      .map((part, index) => (index === 0 ? part : `ledger.example${part}`));
    const [held, forked] = [one, two].map((note) => openCheckpoint(note ?? '', [log.signer.verifier]).checkpoint);
    expect([held?.size, forked?.size]).toEqual([40, 40]);
    expect(held?.root).not.toEqual(forked?.root);
    // What it holds is what it cosigned.
    expect(openCheckpoint(await (await get(url)).text(), [log.signer.verifier]).checkpoint).toEqual(held);
  });

  it('has nothing else', async () => {
    const url = await start();
    const answers = await Promise.all([
      fetch(url),
      fetch(`${url}/add-checkpoint`),
      fetch(`${url}/${originHash(log.origin)}/checkpoint`, { method: 'PUT', body: 'x' }),
      fetch(`${url}/${originHash(log.origin).toUpperCase()}/checkpoint`),
      fetch(`${url}/../key`),
      fetch(`${url}/sign-subtree`, { method: 'POST', body: 'x' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 405, 405, 404, 404, 404]);
  });

  it('refuses a request that is too long, told in advance or not', async () => {
    const url = await start();
    expect((await post(url, 'x'.repeat(300_000))).status).toBe(413);
    const { port } = new URL(url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      let got = '';
      socket.on('data', (chunk) => (got += chunk.toString()));
      socket.on('close', () => resolve(got));
      socket.on('error', () => undefined);
      socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
      for (let i = 0; i < 10; i++) socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is closed while a client has sent half of its request', async () => {
    const url = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) =>
      socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nold', resolve),
    );
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await stop();
    await closed;
  });
});

describe('of requests that race', () => {
  it('those of one size are cosigned once each way, and the state never goes back', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 10 }));
    const requests = await Promise.all(
      Array.from({ length: 30 }, (_, i) => log.request(ours, { oldSize: 10, size: 11 + i })),
    );
    const answers = await Promise.all(requests.map((request) => post(url, request)));
    const cosigned = answers.flatMap(({ status }, i) => (status === 200 ? [11 + i] : []));
    expect(cosigned).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(29);
    expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body))).toEqual(
      new Set([`${cosigned[0]}\n`]),
    );
    const served = await (await get(url)).text();
    expect(openCheckpoint(served, [log.signer.verifier]).checkpoint.size).toBe(cosigned[0]);
  });

  it('of a history and its fork only one is cosigned', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 10 }));
    const histories = [ours, forkAt(10, ours), forkAt(30, ours)];
    const requests = await Promise.all(histories.map((of) => log.request(of, { oldSize: 10 })));
    const answers = await Promise.all(requests.map((request) => post(url, request)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    // The losers try again from the size that they are told, as a client does.
    const again = await Promise.all(histories.map(async (of) => post(url, await log.request(of, { oldSize: 40 }))));
    expect(again.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422, 422]);
  });

  it('those of two logs do not wait for each other', async () => {
    const url = await start();
    const answers = await Promise.all([
      post(url, await log.request(ours, { oldSize: 0 })),
      post(url, await other.request(ours, { oldSize: 0 })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await get(url, other)).status).toBe(200);
  });
});

describe('what a witness has cosigned', () => {
  it('is known after a restart', async () => {
    const first = await start();
    await post(first, await log.request(ours, { oldSize: 0, size: 9 }));
    await stop();
    const second = await start();
    expect(await (await get(second)).text()).toContain('\n9\n');
    expect((await post(second, await log.request(ours, { oldSize: 0 }))).body).toBe('9\n');
    expect((await post(second, await log.request(forkAt(5, ours), { oldSize: 9 }))).status).toBe(422);
    expect((await post(second, await log.request(ours, { oldSize: 9 }))).status).toBe(200);
  });

  it('is on disk before the answer, and nothing is answered that cannot be written', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 9 }));
    const file = path.join(folder, originHash(log.origin), 'checkpoint');
    expect(readFileSync(file, 'utf8')).toBe(await (await get(url)).text());
    rmSync(path.dirname(file), { recursive: true });
    writeFileSync(path.dirname(file), 'in the way');
    expect((await post(url, await log.request(ours, { oldSize: 9 }))).status).toBe(500);
    expect((await get(url)).status).toBe(200);
    expect(await (await get(url)).text()).toContain('\n9\n');
  });

  it('is not written over when somebody else has changed it', async () => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 9 }));
    const file = path.join(folder, originHash(log.origin), 'checkpoint');
    const [older, newer] = [readFileSync(file, 'utf8'), log.checkpoint(ours, 20).note];
    writeFileSync(file, newer);
    expect((await post(url, await log.request(ours, { oldSize: 9 }))).status).toBe(500);
    expect(readFileSync(file, 'utf8')).toBe(newer);
    expect(written.at(-1)).toContain('somebody else has changed');
    writeFileSync(file, older);
    expect((await post(url, await log.request(ours, { oldSize: 9 }))).status).toBe(200);
  });

  it.each([
    ['empty', () => ''],
    ['cut', (note: string) => note.slice(0, -20)],
    ['of another size', (note: string) => note.replace('\n9\n', '\n8\n')],
    ['not cosigned by this witness', () => log.checkpoint(ours, 9).note],
    ['of another log', () => cosignedBy(other.checkpoint(ours, 9).note)],
  ])('keeps the witness from starting when it is %s', async (_what, damage) => {
    const url = await start();
    await post(url, await log.request(ours, { oldSize: 0, size: 9 }));
    await stop();
    const file = path.join(folder, originHash(log.origin), 'checkpoint');
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    await expect(start()).rejects.toThrow('the state is damaged');
  });

  it('may be missing where a crash came before the first cosignature', async () => {
    mkdirSync(path.join(folder, originHash(log.origin)));
    writeFileSync(path.join(folder, originHash(log.origin), '.checkpoint.123.tmp'), 'half');
    const url = await start();
    expect((await post(url, await log.request(ours, { oldSize: 0 }))).status).toBe(200);
  });
});

function cosignedBy(note: string): string {
  const { text } = parseNote(note);
  const [signed = ''] = note.split('\n\n');
  return `${signed}\n\n${formatSignature(witness.sign(text, new Date()))}`;
}

describe('a state folder', () => {
  it('has one witness at a time, and the next one when that is gone', async () => {
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow('another witness runs');
    await unlock();
    await (await lockFolder(folder))();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is never given to two that start together', async () => {
    for (let round = 0; round < 20; round++) {
      const tries = await Promise.allSettled([lockFolder(folder), lockFolder(folder), lockFolder(folder)]);
      const taken = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(taken.length).toBeLessThanOrEqual(1);
      await Promise.all(taken.map((unlock) => unlock()));
    }
  });

  it('belongs to one key, and a key that has signed never begins again with an empty one', async () => {
    const second = NoteSigner.generate('witness.example/1', 'WITNESS').verifier;
    await expect(claimFolder(folder, { keys: KEYS, isNewKey: false })).rejects.toThrow('does not belong to the key');
    await claimFolder(folder, { keys: KEYS, isNewKey: true });
    await claimFolder(folder, { keys: KEYS, isNewKey: false });
    await expect(claimFolder(folder, { keys: [second], isNewKey: true })).rejects.toThrow('belongs to the key');
    // A new key beside the old one, then alone.
    await claimFolder(folder, { keys: [witness.verifier, second], isNewKey: false });
    await claimFolder(folder, { keys: [second], isNewKey: false });
    await expect(claimFolder(folder, { keys: KEYS, isNewKey: false })).rejects.toThrow('belongs to the key');
  });
});

describe('the lines that a witness writes', () => {
  it('are one a minute of each kind, with how many were left out', () => {
    let at = 0;
    const lines = new WitnessLines(
      (line) => written.push(line),
      () => new Date(at),
    );
    const cosigned = (size: number) => ({ kind: 'COSIGNED' as const, origin: 'a', size, before: size - 1, body: '' });
    for (let size = 1; size <= 5; size++) lines.tell(cosigned(size));
    lines.tell({ kind: 'REFUSED', origin: 'a', refusal: { kind: 'REFUSED', status: 409, body: '5\n' } });
    lines.tell({ kind: 'REFUSED', origin: null, refusal: { kind: 'REFUSED', status: 404, body: 'unknown\n' } });
    at = 60_000;
    lines.tell(cosigned(6));
    expect(written).toEqual([
      '1970-01-01T00:00:00.000Z cosigned a: 0 → 1 entries',
      '1970-01-01T00:00:00.000Z refused a request (404): unknown',
      '1970-01-01T00:01:00.000Z cosigned a: 5 → 6 entries (and 4 like it before)',
    ]);
  });
});
