import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { freePort } from '../../../infra/local/ports.js';
import { eventually } from '../../support/eventually.js';
import { runProgram } from '../finished-program.js';
import { buildGoProgram } from '../go-program.js';

const MODULE = path.join(repositoryRoot(), 'test', 'interop', 'witness');

export interface Litewitness {
  url: string;
  vkey: string;
  end(): Promise<void>;
}

/**
 * The witness of filippo.io/torchwood, unmodified. Its key is with an ssh-agent, which never lets it out; what it has cosigned
 * is in a database. Its own program to tell it of logs cannot be built everywhere, so a small one of ours does that.
 */
export class LitewitnessPrograms {
  private constructor(private readonly programs: { litewitness: string; addlog: string }) {}

  /** @returns why they cannot be had here, as a sentence @throws Error when they do not compile */
  static async build(): Promise<LitewitnessPrograms | string> {
    if ((await runProgram('ssh-keygen', ['-?'])).code === null) return 'OpenSSH is not there';
    const litewitness = await buildGoProgram('filippo.io/torchwood/cmd/litewitness', MODULE);
    if (litewitness.kind === 'MISSING') return litewitness.reason;
    const addlog = await buildGoProgram('./addlog', MODULE);
    if (addlog.kind === 'MISSING') return addlog.reason;
    return new LitewitnessPrograms({ litewitness: litewitness.file, addlog: addlog.file });
  }

  /** A witness with a new key that knows one log. @param folder short: sockets have short paths */
  async start(folder: string, logVkey: string): Promise<Litewitness> {
    const key = path.join(folder, 'id');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const agentSocket = path.join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket };
    await eventually('the agent takes the key', async () => (await runProgram('ssh-add', [key], { env })).code === 0);
    const [, fingerprint = ''] = (await run('ssh-keygen', ['-lf', `${key}.pub`])).split(' ');

    const [address, database] = [`127.0.0.1:${await freePort()}`, path.join(folder, 'db')];
    const witness = spawn(
      this.programs.litewitness,
      [
        ...['-db', database, '-name', 'litewitness.example/w', '-listen', address],
        ...['-ssh-agent', agentSocket, '-key', fingerprint],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    witness.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    process.once('exit', () => [witness, agent].forEach((child) => child.kill('SIGKILL')));
    const vkey = await eventually('litewitness says its key', () => /vkey=(\S+)/.exec(said)?.[1]);
    await eventually('litewitness listens', async () => (await fetch(`http://${address}/`)).ok);
    await run(this.programs.addlog, [database, logVkey]);
    return {
      url: `http://${address}`,
      vkey,
      end: async () => {
        await ended(witness);
        await ended(agent);
      },
    };
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runProgram(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
  return output;
}

function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGKILL');
  return gone;
}
