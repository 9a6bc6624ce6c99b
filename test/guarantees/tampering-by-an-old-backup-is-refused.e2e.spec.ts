import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { formatVerifierKey, parseNote, parsePolicy, witnessedBy } from '#app/transparency';
import { PublishedLog } from '../support/published-log.js';
import { runFolder } from '../support/run-folder.js';
import { startWitnessProcess, type WitnessProcess } from '../support/witness-process.js';

// Witnesses and the command line are processes of their own, and both cores may be busy.
jest.setTimeout(180_000);

/** With LogCreated and the activations 304 events at the time of the backup. */
const BEFORE = 300;
const SIZE = BEFORE + 4;
const NAMES = ['a', 'b', 'c'];

describe('a log of which an old backup is restored', () => {
  let log: PublishedLog;
  let others: PublishedLog[];
  let witnesses: WitnessProcess[];
  /** Keys and states of the witnesses, which are no part of the log. */
  let abroad: string;
  beforeEach(async () => {
    log = await PublishedLog.start();
    abroad = mkdtempSync(path.join(runFolder(), 'witnesses-'));
    [others, witnesses] = [[], []];
    await log.record(BEFORE);
  });
  afterEach(async () => {
    await Promise.all([...witnesses.map((one) => one.end()), ...[log, ...others].map((one) => one.close())]);
  });

  async function backUp(options: { withFolder: boolean }): Promise<PublishedLog> {
    const made = await log.backUp(options);
    others.push(made);
    made.goAnotherWay();
    return made;
  }

  const stateOf = (name: string, suffix = ''): string => path.join(abroad, `${name}${suffix}`);

  async function startWitness(name: string): Promise<WitnessProcess> {
    const one = await startWitnessProcess([
      ...['--name', `witness.example/${name}`, '--key-file', path.join(abroad, `${name}.key`)],
      ...['--state', stateOf(name), '--log', formatVerifierKey(log.signer.verifier), '--listen', '127.0.0.1:0'],
    ]);
    witnesses.push(one);
    return one;
  }

  /** The policy of these witnesses, two of whom are the quorum. @returns its content; also kept as a file */
  function policyOf(running: readonly WitnessProcess[]): string {
    const lines = running.map(({ vkey, url }, index) => `witness w${index} ${vkey} ${url}`);
    const policy = `${lines.join('\n')}\ngroup two 2 ${running.map((_, index) => `w${index}`).join(' ')}\nquorum two\n`;
    log.keep('policy', policy);
    return policy;
  }

  function cosignatures(of: PublishedLog, policy: string): { count: number; isQuorum: boolean } {
    const { cosigned, isQuorum } = witnessedBy(parsePolicy(policy), parseNote(of.checkpoint()));
    return { count: cosigned.length, isQuorum };
  }

  it('is not signed on, and both ends are named', async () => {
    await log.publish();
    const old = await backUp({ withFolder: false });
    await log.record(100);
    await log.publish();
    const published = log.checkpoint();
    await expect(old.publish()).rejects.toMatchObject({
      code: 'LOG_BEHIND_CHECKPOINT',
      message: expect.stringMatching(new RegExp(`position ${SIZE - 1}, and position ${SIZE + 99} `)),
    });
    expect(old.checkpoint()).toBe(published);
    expect(await old.verify('--database')).toMatchObject({
      code: 1,
      found: [{ name: 'database', kind: 'TRUNCATED', position: SIZE }],
    });
  });

  it.each([
    ['fewer', 50, 'LOG_BEHIND_CHECKPOINT', `position ${SIZE + 49}, and position ${SIZE + 99} was signed`],
    ['as many', 100, 'LOG_FORKED', `position ${SIZE} `],
    ['more', 200, 'LOG_FORKED', `position ${SIZE} `],
  ])('is not signed on when %s other events were recorded on top', async (_what, count, code, named) => {
    await log.publish();
    const old = await backUp({ withFolder: false });
    await log.record(100);
    await log.publish();
    const published = log.checkpoint();
    await old.record(count);
    await expect(old.publish()).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
    expect(old.checkpoint()).toBe(published);
    const { found } = await old.verify('--database');
    expect(found[0]).toMatchObject({ name: 'database', kind: 'APPENDED_AGAIN', position: SIZE });
  });

  describe('with its folder, so that the notary itself cannot know', () => {
    /** The log at a later checkpoint, and a backup from before it that goes another way. */
    async function fork(policy: string): Promise<PublishedLog> {
      await log.publish(policy);
      const old = await backUp({ withFolder: true });
      await log.record(100);
      await log.publish(policy);
      expect(cosignatures(log, policy)).toEqual({ count: 3, isQuorum: true });
      log.keep('seen', log.checkpoint());
      await old.record(150);
      return old;
    }

    const verifyFork = (old: PublishedLog, ...more: string[]): ReturnType<PublishedLog['verify']> =>
      old.verify('--policy', path.join(log.folder, 'policy'), ...more);

    it('is cosigned by no witness, so that nobody who asks for a quorum accepts it', async () => {
      const policy = policyOf(await Promise.all(NAMES.map(startWitness)));
      const old = await fork(policy);
      await old.publish(policy);
      expect(cosignatures(old, policy)).toEqual({ count: 0, isQuorum: false });
      expect(await verifyFork(old)).toMatchObject({ code: 1, found: [{ name: 'witnesses', kind: 'QUORUM' }] });
      expect(await verifyFork(log)).toMatchObject({ code: 0, found: [] });
    });

    it('gets no quorum either when one witness is rolled back with it', async () => {
      const running = await Promise.all(NAMES.map(startWitness));
      const policy = policyOf(running);
      await log.publish(policy);
      await running[0]?.end('SIGTERM');
      cpSync(stateOf('a'), stateOf('a', '-old'), { recursive: true });
      const restarted = [await startWitness('a'), ...running.slice(1)];
      const old = await fork(policyOf(restarted));

      await restarted[0]?.end('SIGTERM');
      rmSync(stateOf('a'), { recursive: true });
      cpSync(stateOf('a', '-old'), stateOf('a'), { recursive: true });
      const rolledBack = policyOf([await startWitness('a'), ...running.slice(1)]);
      await old.publish(rolledBack);
      expect(cosignatures(old, rolledBack)).toEqual({ count: 1, isQuorum: false });
      expect(await verifyFork(old)).toMatchObject({ code: 1, found: [{ name: 'witnesses', kind: 'QUORUM' }] });
    });

    it('is found by whoever has kept a checkpoint, even when all witnesses are rolled back with it', async () => {
      const running = await Promise.all(NAMES.map(startWitness));
      const policy = policyOf(running);
      await log.publish(policy);
      await Promise.all(running.map((one) => one.end('SIGTERM')));
      for (const name of NAMES) cpSync(stateOf(name), stateOf(name, '-old'), { recursive: true });
      const restarted = await Promise.all(NAMES.map(startWitness));
      const old = await fork(policyOf(restarted));

      await Promise.all(restarted.map((one) => one.end('SIGTERM')));
      for (const name of NAMES) {
        rmSync(stateOf(name), { recursive: true });
        cpSync(stateOf(name, '-old'), stateOf(name), { recursive: true });
      }
      const rolledBack = policyOf(await Promise.all(NAMES.map(startWitness)));
      await old.publish(rolledBack);
      expect(cosignatures(old, rolledBack)).toEqual({ count: 3, isQuorum: true });
      // A quorum that lies together is a quorum. That is why a checkpoint is to be kept.
      expect(await verifyFork(old)).toMatchObject({ code: 0 });
      expect(await verifyFork(old, '--checkpoint', path.join(log.folder, 'seen'))).toMatchObject({
        code: 1,
        found: [{ name: 'consistency', kind: 'FORKED' }],
      });
    });
  });
});
