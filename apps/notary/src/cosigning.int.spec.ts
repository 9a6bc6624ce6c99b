import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatSignature, formatVerifierKey, NoteSigner, parseAddCheckpoint, parseNote } from '#app/transparency';
import { eventually } from '../../../test/support/eventually.js';
import { startLog, type TestLog } from '../../../test/support/log.js';
import { recordEvents, testNotary, type TestNotary, tilesFolder } from '../../../test/support/notary.js';
import { stated } from '../../../test/support/served-tree.js';
import { Notary } from './notary.js';

jest.setTimeout(60_000);

/** Cosigns whatever it is sent, when it is let. */
class LateWitness {
  readonly signer: NoteSigner;
  private server: Server | null = null;
  isHanging = false;

  constructor(readonly name: string) {
    this.signer = NoteSigner.generate(`${name}.example`, 'WITNESS');
  }

  async listen(): Promise<string> {
    this.server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        while (this.isHanging) await sleep(10);
        const { checkpoint } = parseAddCheckpoint(Buffer.concat(chunks).toString());
        response.end(formatSignature(this.signer.sign(parseNote(checkpoint).text, new Date())));
      })();
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    return `witness ${this.name} ${formatVerifierKey(this.signer.verifier)} http://127.0.0.1:${port}`;
  }

  close(): void {
    this.isHanging = false;
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

describe('a witness that is slow, or does not answer at all', () => {
  const prompt = new LateWitness('prompt');
  const slow = new LateWitness('slow');
  const dead = NoteSigner.generate('dead.example', 'WITNESS');
  let log: TestLog;
  let folder: string;
  let notary: TestNotary;
  beforeAll(async () => {
    const lines = [await prompt.listen(), await slow.listen()];
    lines.push(`witness dead ${formatVerifierKey(dead.verifier)} http://127.0.0.1:9`);
    lines.push('group two 2 prompt slow dead', 'quorum two');
    log = await startLog();
    folder = tilesFolder();
    notary = testNotary({ url: log.url, folder, policy: lines.join('\n'), witnessTimeoutMs: 20_000 });
  });
  afterAll(async () => {
    prompt.close();
    slow.close();
    await notary.close();
    await log.close();
  });

  const published = (): ReturnType<typeof stated> => stated(readFileSync(path.join(folder, 'checkpoint'), 'utf8'));
  const cosigners = (): string[] => published().signers.filter((name) => name.endsWith('.example'));

  it('does not keep a checkpoint from being published; what it cosigns later is added to it', async () => {
    const atWork = await Notary.open(notary.parts);
    slow.isHanging = true;
    await atWork?.turn();
    expect(published().size).toBe(4);
    expect(cosigners()).toEqual([]);
    await recordEvents(log, 10);
    await atWork?.turn();
    expect(published().size).toBe(14);
    slow.isHanging = false;
    await eventually('the newest checkpoint has them all', async () => {
      await atWork?.turn();
      return published().size === 14 && cosigners().length === 2;
    });
    const { rows } = await log.owner.query<{ note: string }>('SELECT note FROM notary.checkpoint WHERE size = 14');
    expect(rows[0]?.note).toBe(readFileSync(path.join(folder, 'checkpoint'), 'utf8'));
    expect(notary.parts.witnesses.states().map(({ name, status }) => [name, status])).toEqual([
      ['prompt', 'COSIGNING'],
      ['slow', 'COSIGNING'],
      ['dead', 'FAILING'],
    ]);
  });

  it('and the cosignatures are still there after a restart', async () => {
    const before = readFileSync(path.join(folder, 'checkpoint'), 'utf8');
    await notary.publishAll();
    expect(published().size).toBe(14);
    for (const line of before.split('\n').filter((one) => one.includes('.example '))) {
      expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toContain(line.split(' ')[1]);
    }
    expect(cosigners()).toHaveLength(2);
  });
});
