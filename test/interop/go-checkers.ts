import { runProgram } from './finished-program.js';
import { buildGoProgram } from './go-program.js';

/** What a checker says of a log. */
export interface Verdict {
  accepted: boolean;
  /** What it printed, for the one who has to find out why. */
  output: string;
}

/** A log as an outsider knows it. */
export interface CheckedLog {
  /** Folder, or URL of the prefix. */
  at: string;
  /** File with the verifier key of the log. */
  vkeyFile: string;
}

/**
 * Checkers that other people wrote: Tessera's `fsck`, unmodified, and a program of ours that uses golang.org/x/mod alone.
 */
export class GoCheckers {
  private constructor(private readonly programs: { tlogcheck: string; fsck: string }) {}

  /** @returns why they cannot be had here, as a sentence @throws Error when they do not compile */
  static async build(): Promise<GoCheckers | string> {
    const tlogcheck = await buildGoProgram('./tlogcheck');
    if (tlogcheck.kind === 'MISSING') return tlogcheck.reason;
    const fsck = await buildGoProgram('github.com/transparency-dev/tessera/cmd/fsck');
    if (fsck.kind === 'MISSING') return fsck.reason;
    return new GoCheckers({ tlogcheck: tlogcheck.file, fsck: fsck.file });
  }

  /** golang.org/x/mod: every leaf, every tile, inclusion of `positions`, consistency of each pair of `published` checkpoints. */
  async tlogcheck(log: CheckedLog, more: { positions?: readonly number[]; published?: string } = {}): Promise<Verdict> {
    const { code, output } = await runProgram(this.programs.tlogcheck, [
      ...['-vkey', log.vkeyFile, '-log', log.at],
      ...(more.published === undefined ? [] : ['-published', more.published]),
      ...['-positions', (more.positions ?? []).join(',')],
    ]);
    return { accepted: code === 0 && output.startsWith('ok: '), output };
  }

  /** Tessera: every leaf, every tile, the root, the signature. */
  async fsck(log: CheckedLog): Promise<Verdict> {
    const url = /^https?:/.test(log.at) ? log.at : `file://${log.at}`;
    const args = ['-storage_url', url, '-public_key', log.vkeyFile, '-ui=false'];
    // Each worker ends at the first tile that is wrong, and without one left it would wait for ever. Its exit code is 0 in any case.
    const { output } = await runProgram(this.programs.fsck, [...args, '-N', '8']);
    return { accepted: output.includes("Successfully fsck'd log"), output };
  }
}
