import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  formatSignature,
  type NoteSignature,
  parseNote,
  parsePolicy,
  type Policy,
  witnessedBy,
} from '#app/transparency';
import { pino } from 'pino';
import { Witnesses, type WitnessState } from '../../apps/notary/src/witnesses/witnesses.js';
import { forkAt, GrowingLog, history } from '../support/growing-log.js';
import { startWitnessProcess, type WitnessProcess } from '../support/witness-process.js';

// Each witness is a process of its own.
jest.setTimeout(60_000);

const log = new GrowingLog('ledger.example/log');
const ours = history(200);
const forked = forkAt(50, ours);

let folder: string;
let running: WitnessProcess[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'witnesses-'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.end()));
  rmSync(folder, { recursive: true });
});

const stateOf = (name: string): string => path.join(folder, name, 'state');

/** Again under the same name: the same key, the same state. */
async function start(name: string): Promise<WitnessProcess> {
  const one = await startWitnessProcess([
    ...['--name', `witness.example/${name}`, '--key-file', path.join(folder, name, 'key')],
    ...['--state', stateOf(name), '--log', log.vkey, '--listen', '127.0.0.1:0'],
  ]);
  running.push(one);
  return one;
}

/** A policy of these witnesses, `threshold` of which are the quorum. */
function policyOf(witnesses: readonly WitnessProcess[], threshold: number): Policy {
  const lines = witnesses.map(({ vkey, url }, index) => `witness w${index} ${vkey} ${url}`);
  const names = witnesses.map((_, index) => `w${index}`).join(' ');
  return parsePolicy(`${lines.join('\n')}\ngroup some ${threshold} ${names}\nquorum some\n`);
}

const clientOf = (policy: Policy): Witnesses =>
  new Witnesses(policy, { timeoutMs: 2000, logger: pino({ level: 'silent' }) });
const stateIn = (client: Witnesses): WitnessState => client.states()[0] as WitnessState;

function isQuorum(policy: Policy, note: string, cosignatures: readonly NoteSignature[]): boolean {
  const { text, signatures } = parseNote(note);
  return witnessedBy(policy, { text, signatures: [...signatures, ...cosignatures] }).isQuorum;
}

describe('a log that signs two histories', () => {
  it('gets the quorum for one of them only, whichever comes first and whoever is asked', async () => {
    const witnesses = await Promise.all([start('a'), start('b'), start('c')]);
    const policy = policyOf(witnesses, 2);
    const published = log.checkpoint(ours, 120);
    expect(isQuorum(policy, published.note, await clientOf(policy).cosign(published))).toBe(true);

    // The forger starts afresh, for every size behind the fork; what they are told is why.
    for (const size of [60, 120, 121, 200]) {
      const forger = clientOf(policy);
      const forgery = log.checkpoint(forked, size);
      expect(await forger.cosign(forgery)).toEqual([]);
      const refused = size < 120 ? 'AHEAD' : 'DIVERGED';
      expect(forger.states().map(({ status }) => status)).toEqual([refused, refused, refused]);
    }
    const next = log.checkpoint(ours, 200);
    expect(isQuorum(policy, next.note, await clientOf(policy).cosign(next))).toBe(true);
  });

  it('gets no quorum for either when it divides the witnesses', async () => {
    const witnesses = await Promise.all([start('a'), start('b'), start('c'), start('d')]);
    const policy = policyOf(witnesses, 3);
    const [left, right] = [clientOf(policyOf(witnesses.slice(0, 2), 1)), clientOf(policyOf(witnesses.slice(2), 1))];
    const [one, two] = [log.checkpoint(ours, 100), log.checkpoint(forked, 100)];
    const cosigned = [await left.cosign(one), await right.cosign(two)];
    expect(cosigned.map(({ length }) => length)).toEqual([2, 2]);
    const third = [...cosigned[0]!, ...(await clientOf(policy).cosign(one))];
    expect(isQuorum(policy, one.note, third)).toBe(false);
    const fourth = [...cosigned[1]!, ...(await clientOf(policy).cosign(two))];
    expect(isQuorum(policy, two.note, fourth)).toBe(false);
    // Each holds the proof: two checkpoints of one size, both signed by the log.
    const kept = ['a', 'b', 'c', 'd'].map((name) => readdirSync(stateOf(name), { recursive: true }) as string[]);
    expect(kept.map((files) => files.filter((file) => file.endsWith('fork-100')).length)).toEqual([1, 1, 1, 1]);
  });
});

describe('a log that is rolled back', () => {
  it('is refused, and shown to be behind its witness', async () => {
    const policy = policyOf([await start('a')], 1);
    const client = clientOf(policy);
    expect(await client.cosign(log.checkpoint(ours, 120))).toHaveLength(1);
    expect(await client.cosign(log.checkpoint(ours, 119))).toEqual([]);
    expect(stateIn(client)).toMatchObject({
      status: 'AHEAD',
      error: 'it has cosigned 120 entries, and this log has 119',
    });
  });

  it('and goes on in another way is refused as soon as it has caught up', async () => {
    const policy = policyOf([await start('a')], 1);
    expect(await clientOf(policy).cosign(log.checkpoint(ours, 120))).toHaveLength(1);
    const restored = clientOf(policy);
    expect(await restored.cosign(log.checkpoint(forkAt(110, ours), 130))).toEqual([]);
    expect(stateIn(restored).status).toBe('DIVERGED');
  });
});

describe('a witness', () => {
  it('has forgotten nothing of what it answered when it is killed at any moment', async () => {
    let witness = await start('a');
    let answered = 0;
    for (let round = 0; round < 5; round++) {
      const dying = witness;
      const client = clientOf(policyOf([witness], 1));
      const last = answered + 6;
      for (let next = answered + 1, cosigned = 1; cosigned > 0; next++) {
        // From here on it dies: before, while or after it answers.
        if (next === last) setTimeout(() => void dying.end(), round);
        cosigned = (await client.cosign(log.checkpoint(ours, next))).length;
        if (cosigned > 0) answered = next;
      }
      await witness.end();
      witness = await start('a');
      const forger = clientOf(policyOf([witness], 1));
      expect(await forger.cosign(log.checkpoint(forkAt(answered - 1, ours), 200))).toEqual([]);
      const honest = clientOf(policyOf([witness], 1));
      expect(await honest.cosign(log.checkpoint(ours, answered + 1))).toHaveLength(1);
      answered++;
    }
    expect(answered).toBeGreaterThanOrEqual(30);
  });

  it('that was itself rolled back is found out by the log', async () => {
    const witness = await start('a');
    const client = clientOf(policyOf([witness], 1));
    await client.cosign(log.checkpoint(ours, 20));
    expect(await witness.end('SIGTERM')).toBe(0);
    cpSync(stateOf('a'), path.join(folder, 'backup'), { recursive: true });

    const later = clientOf(policyOf([await start('a')], 1));
    const published = log.checkpoint(ours, 120);
    const [cosignature] = await later.cosign(published);
    await running.at(-1)?.end('SIGTERM');
    rmSync(stateOf('a'), { recursive: true });
    cpSync(path.join(folder, 'backup'), stateOf('a'), { recursive: true });

    const notary = clientOf(policyOf([await start('a')], 1));
    notary.recall(published.note + formatSignature(cosignature as NoteSignature));
    expect(await notary.cosign(log.checkpoint(ours, 150))).toHaveLength(1);
    expect(stateIn(notary)).toMatchObject({ status: 'COSIGNING', size: 150, rolledBack: expect.any(Date) });
  });

  it('does not start where another one runs, with damaged state, or with a key whose state is gone', async () => {
    const witness = await start('a');
    await clientOf(policyOf([witness], 1)).cosign(log.checkpoint(ours, 20));
    await expect(start('a')).rejects.toThrow('exit code 2: ledger: another witness runs with the state folder');
    await witness.end('SIGTERM');
    expect(statSync(path.join(folder, 'a', 'key')).mode & 0o777).toBe(0o600);

    const [name = ''] = readdirSync(stateOf('a')).filter((one) => one.length === 64);
    writeFileSync(path.join(stateOf('a'), name, 'checkpoint'), log.checkpoint(ours, 10).note);
    await expect(start('a')).rejects.toThrow('exit code 2: ledger: the state is damaged');
    rmSync(stateOf('a'), { recursive: true });
    await expect(start('a')).rejects.toThrow('exit code 2: ledger: the state folder');
  });
});

describe('a quorum of k of n', () => {
  it('is reached while n - k of them are dead, and not when one more is', async () => {
    const witnesses = await Promise.all([start('a'), start('b'), start('c')]);
    const policy = policyOf(witnesses, 2);
    const reached = async (size: number): Promise<boolean> => {
      const checkpoint = log.checkpoint(ours, size);
      return isQuorum(policy, checkpoint.note, await clientOf(policy).cosign(checkpoint));
    };
    expect(await reached(10)).toBe(true);
    await witnesses[2]?.end();
    expect(await reached(20)).toBe(true);
    await witnesses[0]?.end();
    expect(await reached(30)).toBe(false);
    await start('a').then((again) => (policy.witnesses[0]!.url = again.url));
    expect(await reached(30)).toBe(true);
  });
});
