import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { runFolder } from '../support/run-folder.js';
import { runProgram } from './finished-program.js';

/** Where the module is: beside this file, also when that runs from elsewhere. */
const MODULE = path.join(repositoryRoot(), 'test', 'interop');
/** The first build fetches about 30 modules and compiles them on whatever cores are free. */
const BUILD_TIMEOUT_MS = 600_000;
/**
 * What Go says when the network or its proxy is not there, or when it is older than go.mod asks for; anything else that it
 * says is an error of ours.
 */
const IMPOSSIBLE =
  /dial tcp|lookup \S+.*(no such host|server misbehaving|i\/o timeout)|connection refused|TLS handshake timeout|module lookup disabled|proxyconnect|network is unreachable|requires go >= /;

/** A program of a Go module below this folder. */
export type GoProgram = { kind: 'BUILT'; file: string } | { kind: 'MISSING'; reason: string };

/**
 * Builds a program in Go's own caches, once in a run of the tests, from the versions that go.sum pins.
 *
 * @param pkg `./<folder>` for one of ours, `github.com/…/<name>` for one that other people wrote, unmodified
 * @param module folder of the go.mod that pins it
 * @returns why it cannot be had here, as a sentence: no Go, or no way to its modules
 * @throws Error for anything else: a program that does not compile, a module that is not the pinned one
 */
export async function buildGoProgram(pkg: string, module = MODULE): Promise<GoProgram> {
  if ((await runProgram('go', ['version'])).code !== 0) return { kind: 'MISSING', reason: 'Go is not there' };
  const file = path.join(runFolder(), 'go-programs', path.basename(pkg));
  if (existsSync(file)) return { kind: 'BUILT', file };
  mkdirSync(path.dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  try {
    const { code, output } = await runProgram('go', ['build', '-mod=readonly', '-o', own, pkg], {
      cwd: module,
      // The module is not part of what surrounds it, and no version control has to say what it is.
      env: { ...process.env, GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    const [said = ''] = output.split('\n').filter((line) => IMPOSSIBLE.test(line));
    if (code !== 0 && said !== '') return { kind: 'MISSING', reason: `it cannot be built here: ${said.trim()}` };
    if (code !== 0) throw new Error(`go build ${pkg} failed:\n${output}`);
    // Another worker may have been faster: what it built is the same.
    renameSync(own, file);
    return { kind: 'BUILT', file };
  } finally {
    rmSync(own, { force: true });
  }
}
