import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  formatSignature,
  formatVerifierKey,
  NoteSigner,
  parseAddCheckpoint,
  parseNote,
  parsePolicy,
} from '#app/transparency';
import { pino } from 'pino';
import { GrowingLog, history } from '../../../../test/support/growing-log.js';
import { Witnesses } from './witnesses.js';

const log = new GrowingLog('ledger.example/log');
const ours = history(50);
const keyOf = (name: string): NoteSigner => NoteSigner.generate(`witness.example/${name}`, 'WITNESS');
const w1 = keyOf('1');
const w2 = keyOf('2');

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Answers as it is told to, over real HTTP. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Heard {
  path: string;
  oldSize: number;
  proof: number;
  note: string;
}
type Reply = { status?: number; type?: string; body: string };

/** A witness that keeps what it is asked, and answers what `reply` says. */
async function witness(
  reply: (heard: Heard) => Reply,
): Promise<{ url: string; heard: Heard[]; sockets: Set<unknown> }> {
  const heard: Heard[] = [];
  const sockets = new Set<unknown>();
  const url = await serve(async (request: IncomingMessage, response: ServerResponse) => {
    sockets.add(request.socket);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { oldSize, proof, checkpoint } = parseAddCheckpoint(Buffer.concat(chunks).toString());
    const asked = { path: request.url ?? '', oldSize, proof: proof.length, note: checkpoint };
    heard.push(asked);
    const { status = 200, type = 'text/plain', body } = reply(asked);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  return { url, heard, sockets };
}

const cosignedBy = (signer: NoteSigner, note: string, time = new Date()): string =>
  formatSignature(signer.sign(parseNote(note).text, time));
const conflict = (size: number): Reply => ({ status: 409, type: 'text/x.tlog.size', body: `${size}\n` });

function policyOf(...witnesses: [signer: NoteSigner, url: string][]): ReturnType<typeof parsePolicy> {
  const lines = witnesses.map(
    ([{ verifier }, url], index) => `witness w${index + 1} ${formatVerifierKey(verifier)} ${url}`,
  );
  return parsePolicy(`${lines.join('\n')}\nquorum none\n`);
}

/** The client, and what it wrote into the log by level. */
function client(policy: ReturnType<typeof parsePolicy>, timeoutMs = 2000): { witnesses: Witnesses; logged: string[] } {
  const logged: string[] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    logged.push(`${pino.levels.labels[level]}: ${msg}`);
  };
  return { witnesses: new Witnesses(policy, { timeoutMs, logger: pino({}, { write }) }), logged };
}

describe('a checkpoint', () => {
  it('is sent with the proof from the size that the witness names, and later from the one it is known to have', async () => {
    const { url, heard } = await witness(({ oldSize, note }) =>
      oldSize === 0 ? conflict(3) : { body: cosignedBy(w1, note) },
    );
    const { witnesses, logged } = client(policyOf([w1, `${url}/prefix/`]));
    const first = await witnesses.cosign(log.checkpoint(ours, 10));
    expect(first).toMatchObject([{ name: 'witness.example/1', keyId: w1.verifier.keyId }]);
    await witnesses.cosign(log.checkpoint(ours, 20));
    await witnesses.cosign(log.checkpoint(ours, 20));
    expect(heard.map(({ oldSize, proof }) => [oldSize, proof > 0])).toEqual([
      [0, false],
      [3, true],
      [10, true],
      [20, false],
    ]);
    expect(heard[0]).toMatchObject({ path: '/prefix/add-checkpoint', note: log.checkpoint(ours, 10).note });
    expect(witnesses.states()).toMatchObject([
      { name: 'w1', url: `${url}/prefix`, status: 'COSIGNING', size: 20, error: null, rolledBack: null },
    ]);
    expect(logged).toEqual(['info: the witness cosigns']);
  });

  it('goes to all witnesses at once, over connections that stay open', async () => {
    let together = 0;
    let first: (() => void) | null = null;
    /** Resolves when two have come. */
    const meet = (): Promise<void> => {
      together++;
      return new Promise((resolve) => {
        if (first === null) {
          first = resolve;
          return;
        }
        first();
        first = null;
        resolve();
      });
    };
    const slow = async (signer: NoteSigner): Promise<{ url: string; sockets: Set<unknown> }> => {
      const sockets = new Set<unknown>();
      const url = await serve(async (request, response) => {
        sockets.add(request.socket);
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        await meet();
        response.end(cosignedBy(signer, parseAddCheckpoint(Buffer.concat(chunks).toString()).checkpoint));
      });
      return { url, sockets };
    };
    const [one, two] = [await slow(w1), await slow(w2)];
    const { witnesses } = client(policyOf([w1, one.url], [w2, two.url]));
    for (const size of [10, 20, 30]) {
      expect(await witnesses.cosign(log.checkpoint(ours, size))).toHaveLength(2);
      // The next checkpoint comes later than the end of the answer.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(together).toBe(6);
    expect([one.sockets.size, two.sockets.size]).toEqual([1, 1]);
  });

  it('asks for one proof when all witnesses know the same size', async () => {
    const answer = (signer: NoteSigner) => witness(({ note }) => ({ body: cosignedBy(signer, note) }));
    const { witnesses } = client(policyOf([w1, (await answer(w1)).url], [w2, (await answer(w2)).url]));
    const asked: number[] = [];
    for (const size of [10, 20]) {
      const { note, prove } = log.checkpoint(ours, size);
      const counted = (from: number): Promise<Buffer[]> => {
        asked.push(from);
        return prove(from);
      };
      await witnesses.cosign({ note, size, prove: counted });
    }
    expect(asked).toEqual([0, 10]);
  });
});

describe('only cosignatures of the policy are taken', () => {
  const other = keyOf('other');
  it.each<[string, (note: string) => Reply, string]>([
    ['of another key', (note) => ({ body: cosignedBy(other, note) }), 'holds no cosignature'],
    [
      'of another key under the same name',
      (note) => ({ body: cosignedBy(NoteSigner.generate('witness.example/1', 'WITNESS'), note) }),
      'holds no cosignature',
    ],
    ['over another checkpoint', () => ({ body: cosignedBy(w1, log.checkpoint(ours, 9).note) }), 'does not verify'],
    ['without a time', (note) => ({ body: cosignedBy(w1, note, new Date(0)) }), 'has no time'],
    ['that are cut', (note) => ({ body: cosignedBy(w1, note).slice(0, -9) }), 'does not end with a newline'],
    ['that are none', () => ({ body: '<html>\n' }), 'no signature'],
    ['that are nothing', () => ({ body: '' }), 'does not end with a newline'],
    ['in an answer without end', (note) => ({ body: cosignedBy(w1, note).repeat(1000) }), 'longer than 65536 bytes'],
    ['that say what is wrong', () => ({ status: 404, body: 'no\u001b[31m log\n' }), 'it answers 404: no [31m log'],
    ['of a size that is none', () => ({ status: 409, type: 'text/x.tlog.size', body: '05\n' }), '409 without the size'],
    ['of a size in another type', () => ({ status: 409, body: '5\n' }), '409 without the size'],
  ])('none %s', async (_what, reply, error) => {
    const { url } = await witness(({ note }) => reply(note));
    const { witnesses, logged } = client(policyOf([w1, url]));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(witnesses.states()).toMatchObject([
      { status: 'FAILING', size: null, error: expect.stringContaining(error) },
    ]);
    expect(logged).toEqual(['warn: the witness does not cosign']);
  });

  it('none from another address, where its own sends us', async () => {
    const { url: elsewhere, heard } = await witness(({ note }) => ({ body: cosignedBy(w1, note) }));
    const url = await serve((_request, response) =>
      response.writeHead(307, { location: `${elsewhere}/add-checkpoint` }).end(),
    );
    const { witnesses } = client(policyOf([w1, url]));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(heard).toEqual([]);
    expect(witnesses.states()).toMatchObject([{ status: 'FAILING', error: 'it answers 307' }]);
  });

  it('of several in an answer those of its key', async () => {
    const { url } = await witness(({ note }) => ({ body: cosignedBy(other, note) + cosignedBy(w1, note) }));
    const { witnesses } = client(policyOf([w1, url]));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toMatchObject([{ keyId: w1.verifier.keyId }]);
  });
});

describe('a witness that does not answer', () => {
  const good = (): Promise<{ url: string }> => witness(({ note }) => ({ body: cosignedBy(w1, note) }));

  it('holds nobody up: neither one that is slow, nor one that never ends, nor one that is not there', async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_request, response) => void response.writeHead(200).write('\u2014 '));
    const gone = await serve(() => undefined);
    servers.pop()?.close();
    const policy = policyOf([w1, (await good()).url], [w2, silent], [keyOf('3'), endless], [keyOf('4'), gone]);
    const { witnesses } = client(policy, 300);
    const started = performance.now();
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(witnesses.states().map(({ status, error }) => [status, error])).toEqual([
      ['COSIGNING', null],
      ['FAILING', 'no answer in 300 ms'],
      ['FAILING', 'no answer in 300 ms'],
      ['FAILING', 'it does not answer: ECONNREFUSED'],
    ]);
  });

  it('is left alone for a while, and asked again after it', async () => {
    let isDown = true;
    const { url, heard } = await witness(({ note }) =>
      isDown ? { status: 503, body: 'down' } : { body: cosignedBy(w1, note) },
    );
    const { witnesses, logged } = client(policyOf([w1, url]));
    for (let i = 0; i < 50; i++) expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(heard.length).toBeLessThanOrEqual(2);
    isDown = false;
    let got = 0;
    for (let i = 0; i < 600 && got === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      got = (await witnesses.cosign(log.checkpoint(ours, 10))).length;
    }
    expect(got).toBe(1);
    expect(logged).toEqual(['warn: the witness does not cosign', 'info: the witness cosigns']);
  });

  it('is not blamed for a proof that we cannot make', async () => {
    const { url, heard } = await witness(() => conflict(5));
    const { witnesses } = client(policyOf([w1, url]));
    const { note } = log.checkpoint(ours, 10);
    const prove = async (from: number): Promise<Buffer[]> => {
      if (from > 0) throw new Error('tile/0/000.p/5 is missing');
      return [];
    };
    expect(await witnesses.cosign({ note, size: 10, prove })).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(witnesses.states()[0]?.error).toBe('no proof from 5 to 10 can be made for it: tile/0/000.p/5 is missing');
  });
});

describe('what a witness knows better is evidence', () => {
  it('against our log when it has cosigned more', async () => {
    const { url } = await witness(() => conflict(30));
    const { witnesses, logged } = client(policyOf([w1, url]));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(witnesses.states()).toMatchObject([
      { status: 'AHEAD', error: 'it has cosigned 30 entries, and this log has 10' },
    ]);
    expect(logged).toEqual(['error: the witness has cosigned another history of this log']);
  });

  it('also when it has cosigned more with ourselves', async () => {
    const { url, heard } = await witness(() => conflict(20));
    const { witnesses } = client(policyOf([w1, url]));
    witnesses.recall(log.checkpoint(ours, 20).note + cosignedBy(w1, log.checkpoint(ours, 20).note));
    expect(witnesses.states()).toMatchObject([{ status: 'NOT_ASKED', size: 20 }]);
    await witnesses.cosign(log.checkpoint(ours, 7));
    expect(heard.map(({ oldSize }) => oldSize)).toEqual([7]);
    expect(witnesses.states()).toMatchObject([{ status: 'AHEAD', size: 20 }]);
  });

  it('against our log when its checkpoint is not the beginning of it', async () => {
    const { url } = await witness(({ oldSize }) =>
      oldSize === 0 ? conflict(5) : { status: 422, body: 'other root\n' },
    );
    const { witnesses, logged } = client(policyOf([w1, url]));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(witnesses.states()).toMatchObject([
      { status: 'DIVERGED', error: 'its checkpoint of 5 entries is not the beginning of this log: other root' },
    ]);
    expect(logged).toEqual(['error: the witness has cosigned another history of this log']);
  });

  it('against the witness when it has forgotten what it cosigned', async () => {
    let size = 0;
    const { url } = await witness(({ oldSize, note }) => {
      if (oldSize !== size) return conflict(size);
      size = Number(parseNote(note).text.split('\n')[1]);
      return { body: cosignedBy(w1, note) };
    });
    const { witnesses, logged } = client(policyOf([w1, url]));
    await witnesses.cosign(log.checkpoint(ours, 20));
    size = 4;
    expect(await witnesses.cosign(log.checkpoint(ours, 30))).toHaveLength(1);
    const [state] = witnesses.states();
    expect(state).toMatchObject({ status: 'COSIGNING', size: 30, rolledBack: expect.any(Date) });
    expect(logged).toEqual([
      'info: the witness cosigns',
      'error: the witness has forgotten what it cosigned: it was rolled back',
    ]);
    // And after a restart of ours, from the checkpoint that was published.
    const again = client(policyOf([w1, url]));
    const { note } = log.checkpoint(ours, 40);
    again.witnesses.recall(note + cosignedBy(w1, note));
    await again.witnesses.cosign(log.checkpoint(ours, 40));
    expect(again.logged[0]).toBe('error: the witness has forgotten what it cosigned: it was rolled back');
  });
});

describe('a policy', () => {
  it('may have witnesses that are not asked, and none that cannot be', async () => {
    const vkey = formatVerifierKey(w1.verifier);
    const { witnesses, logged } = client(parsePolicy(`witness w1 ${vkey}\nquorum w1\n`));
    expect(await witnesses.cosign(log.checkpoint(ours, 10))).toEqual([]);
    expect(witnesses.states()).toEqual([]);
    expect(logged).toEqual(['warn: the policy gives no URL for this witness: it is not asked']);
    expect(() => client(parsePolicy(`witness w1 ${vkey} ftp://example.org\nquorum w1\n`))).toThrow(
      'has no HTTP address',
    );
    expect(() => client(parsePolicy(`witness w1 ${vkey} example.org\nquorum w1\n`))).toThrow('has no HTTP address');
  });
});
